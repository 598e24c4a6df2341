from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date
from odoo.tools.misc import formatLang

from ...scoring.shown import whole
from .. import tiles

# A smaller change of health or risk, in points, counts as no change.
LEAST_MOVE = 5
MOST_MOVED = 8
# The figures on cards, and those that are shown in their hints.
SHOWN = (
    "customers",
    "health",
    "value_at_risk",
    "renewals_soon",
    "revenue_net",
    "barriers",
    "coverage",
)
# The figures on cards that are shown only if they are not 0.
WARNED = ("overuse", "unfollowed", "role_due")
BESIDE = (
    "years_customer",
    "years_live",
    "views_differ",
    "health_known",
    "health_little",
    "value_soon",
    "renewals_overdue",
    "revenue_gross",
    "barriers_no_authority",
    "true_up",
)


class CustomerSuccessDashboard(models.Model):
    """The dashboard of all customers: figures and charts, each of which opens its records with a click.

    Everything is read with the user's access rights, by the same rules as the lists that a click opens. A record holds
    the filters of one user and is kept, so that an open page or a link still works the next day. A user who follows
    somebody else's link sees their own figures with those filters, and cannot change the filters.
    """

    _name = "customer.success.dashboard"
    _description = "Customer Success Dashboard"

    user_id = fields.Many2one(
        "res.users",
        "CSM",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("customer_success.group_success_user").ids)
        ],
    )
    company_id = fields.Many2one("res.company")
    segment_id = fields.Many2one("customer.success.segment")
    period = fields.Selection(
        [("30", "The Last 30 Days"), ("91", "The Last Quarter"), ("365", "The Last Year")],
        "Changes Over",
        required=True,
        default="30",
    )
    content = fields.Json(compute="_compute_content")

    @api.depends("period")
    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Dashboard")

    @api.model
    def _open_dashboard(self):
        """Open the user's dashboard with its stored filters."""
        mine = self.search([("create_uid", "=", self.env.uid)], order="id desc", limit=1)
        if mine.sudo().company_id - self.env.companies:
            mine.company_id = False  # it was chosen when other companies were selected
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dashboard"),
            "res_model": self._name,
            "res_id": (mine or self.create({})).id,
            "views": [(False, "form")],
            "target": "main",
        }

    @api.depends("user_id", "company_id", "segment_id", "period")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_content(self):
        """Compute ``{tiles: [...], charts: [...], moved: {...}, drift: text}``, see the methods below."""
        for dashboard in self:
            dashboard.content = {
                "tiles": dashboard._tiles(),
                "charts": [
                    dashboard._chart_stages(),
                    dashboard._chart_years(),
                    dashboard._chart_value_at_risk(),
                    dashboard._chart_barriers(),
                    dashboard._chart_coverage(),
                    dashboard._chart_retention(),
                    dashboard._chart_forecast(),
                    dashboard._chart_revenue(),
                    dashboard._chart_expected(),
                ],
                "moved": dashboard._moved(),
                "drift": dashboard._drift(),
            }

    def _drift(self):
        """Return for a manager that the risk model no longer fits the recent quarter; empty while it fits."""
        versions = self.env["customer.success.risk.version"]
        if not versions.has_access("read"):
            return ""
        return versions.search([("state", "=", "in_force")], limit=1).drift_said or ""

    # ------------------------------------------------------------------------------------------
    # Records in view
    # ------------------------------------------------------------------------------------------

    def _customers(self):
        """Return the domain of the customers in view."""
        domain = self.env["res.partner"]._get_success_customer_domain()
        if self.user_id:
            domain &= Domain("success_user_id", "=", self.user_id.id)
        if self.company_id:
            domain &= Domain("company_id", "in", [False, self.company_id.id])
        if self.segment_id:
            domain &= Domain("success_segment_id", "=", self.segment_id.id)
        return domain

    def _records(self, user="partner_id.success_user_id", records=tiles.RECORDS):
        """Return the domain of the records of the customers in view; record rules are applied in addition."""
        domain = records
        if self.user_id:
            domain &= Domain(user, "=", self.user_id.id)
        if self.company_id:
            domain &= Domain("company_id", "in", [False, self.company_id.id])
        if self.segment_id:
            domain &= Domain("partner_id.success_segment_id", "=", self.segment_id.id)
        return domain

    @property
    def _currency(self):
        return (self.company_id or self.env.company).sudo().currency_id

    def _since(self):
        return fields.Date.subtract(fields.Date.context_today(self), days=int(self.period or 30))

    def _money(self, amounts):
        """Return amounts by currency as one text, the largest first; currencies are not added up."""
        known = sorted(
            (
                (amount, currency)
                for currency, amount in amounts
                if currency and amount is not None and amount is not False
            ),
            key=str,
        )
        known.sort(key=lambda pair: -pair[0])
        return ", ".join(
            format_amount(self.env, amount, currency).replace("\xa0", " ")
            for amount, currency in known
        )

    # ------------------------------------------------------------------------------------------
    # Figures: [{label, value, hint, action}]
    # ------------------------------------------------------------------------------------------

    def _tiles(self):
        """Return the figures on cards; ``report/tiles.py`` defines them, this method adds their hints."""
        found = tiles.read(
            self.env, (*SHOWN, *WARNED, *BESIDE), self._scope, fields.Date.context_today(self)
        )
        overdue = found["renewals_overdue"]
        hints = {
            "customers": self.env._(
                "for %(customer)s years on average, live for %(live)s; churn risk and CSM's view differ for %(differ)d",
                customer=self._decimal(found["years_customer"]),
                live=self._decimal(found["years_live"]),
                differ=found["views_differ"],
            ),
            "health": self.env._(
                "high is good; known for %(known)d, too little known for %(little)d",
                known=found["health_known"],
                little=found["health_little"],
            ),
            "value_at_risk": self.env._("of churn and contraction"),
            "renewals_soon": "; ".join(
                filter(
                    None,
                    (
                        self._money(found["value_soon"].items()),
                        overdue and self.env._("%d of them overdue", overdue),
                    ),
                )
            ),
            "revenue_net": self.env._(
                "over twelve months; gross %s, without expansion",
                self._number(found["revenue_gross"], " %"),
            ),
            "barriers": self.env._("%d without authority", found["barriers_no_authority"]),
            "coverage": self.env._("due questions with a fresh answer, on average"),
            "overuse": self.env._(
                "true-up of %s a year, in no other figure",
                self._money(found["true_up"].items()) or self.env._("unknown value"),
            ),
            "role_due": self.env._("sponsors and decision makers who were named"),
            "unfollowed": self.env._("nobody follows them"),
        }
        shown = [*SHOWN, *(code for code in WARNED if found[code])]
        return [self._tile(tiles.TILES[code], found[code], hints[code]) for code in shown]

    def _tile(self, tile, value, hint):
        if tile.kind == "money":
            text = self._money(value.items()) or self.env._("unknown")
        else:
            text = self._number(value, " %" if tile.kind == "percent" else "")
        domain = self._scope(tile.model) & tile.on(fields.Date.context_today(self))
        return {
            "label": self.env._(tile.title or tile.label),
            "value": text,
            "hint": hint,
            "action": self._open(self.env._(tile.listed), tile.model, domain),
        }

    def _scope(self, model):
        if model in tiles.WITH_FORMER:
            return self._records("user_id", tiles.ENDED)
        return self._customers() if model == "res.partner" else self._records()

    def _decimal(self, value):
        if value is None or value is False:
            return self.env._("unknown")
        return formatLang(self.env, value, digits=1)

    def _number(self, value, unit=""):
        """Return a figure as a text, also if it is unknown."""
        if value is None or value is False:
            return self.env._("unknown")
        return f"{formatLang(self.env, value, digits=0)}{unit}"

    @api.model
    def _open(self, name, model, domain):
        """Return the action that a click opens."""
        return {"name": name, "model": model, "domain": list(domain)}

    def _rounded(self, value):
        """Round a value for a chart; an unknown value has no bar rather than a bar of height 0."""
        return None if value is None or value is False else round(float(value), 1)

    # ------------------------------------------------------------------------------------------
    # Changes: {since, better, worse, rows: [{id, name, health, risk}]}
    # ------------------------------------------------------------------------------------------

    def _moved(self):
        """Return the customers with the largest changes of health or risk in the period, with one statement."""
        since = self._since()
        self.env["customer.success.score"].flush_model()
        self.env["customer.success.score.history"].flush_model()
        query = self.env["res.partner"]._search(self._customers())
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id,
                       past.health, score.health, past.renewal_risk, score.renewal_risk,
                       count(*) FILTER (WHERE score.health - past.health >= %(least)s) OVER (),
                       count(*) FILTER (WHERE past.health - score.health >= %(least)s) OVER (),
                       count(*) FILTER (WHERE score.renewal_risk - past.renewal_risk >= %(least)s) OVER (),
                       count(*) FILTER (WHERE past.renewal_risk - score.renewal_risk >= %(least)s) OVER ()
                  FROM res_partner partner
                  JOIN customer_success_score score ON score.partner_id = partner.id
            -- Read by the rules of today: another segment, other weights or another formula are no change of the customer.
            CROSS JOIN LATERAL (SELECT CASE WHEN history.health IS NOT NULL
                                            THEN LEAST(GREATEST(
                                                history.health + COALESCE(score.health_shift, 0)
                                                - COALESCE(history.health_shift, 0), 0), 100)
                                       END AS health,
                                       CASE WHEN history.renewal_risk IS NOT NULL
                                            THEN LEAST(GREATEST(
                                                history.renewal_risk + COALESCE(score.risk_shift, 0)
                                                - COALESCE(history.risk_shift, 0), 0), 100)
                                       END AS renewal_risk
                                  FROM customer_success_score_history history
                                 WHERE history.partner_id = partner.id
                                   AND history.date <= %(since)s
                              ORDER BY history.date DESC
                                 LIMIT 1) past
                 WHERE partner.id IN %(customers)s
              ORDER BY GREATEST(abs(score.health - past.health),
                                abs(score.renewal_risk - past.renewal_risk)) DESC NULLS LAST,
                       partner.id
                 LIMIT %(limit)s
                """,
                since=since,
                least=LEAST_MOVE,
                customers=query.subselect(),
                limit=MOST_MOVED,
            )
        )
        names = self.env["res.partner"].browse(row[0] for row in rows)
        rounded = self._rounded
        moved = [
            {
                "id": partner.id,
                "name": partner.display_name,
                "health": [rounded(row[1]), rounded(row[2])],
                "risk": [known if known is None else whole(known) for known in row[3:5]],
            }
            for partner, row in zip(names, rows)
            if row[1] != row[2] or row[3] != row[4]
        ]
        better, worse, riskier, safer = rows[0][5:] if rows else (0, 0, 0, 0)
        formula = self.env["customer.success.score.history"]._formula_since(since)
        return {
            "since": format_date(self.env, since),
            "formula": formula
            and self.env._(
                "New formula of the scores since %s: what it changed is not counted here.",
                format_date(self.env, formula),
            ),
            "summary": self.env._(
                "Health: %(better)d better, %(worse)d worse. Churn risk: %(riskier)d higher, "
                "%(safer)d lower. Changes of less than %(least)d points are not counted.",
                better=better,
                worse=worse,
                riskier=riskier,
                safer=safer,
                least=LEAST_MOVE,
            ),
            "rows": moved,
        }

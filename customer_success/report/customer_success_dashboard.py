from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date
from odoo.tools.misc import formatLang

from ..models.customer_success_barrier import OPEN_STATES
from ..models.customer_success_renewal_score import RISK_BANDS
from ..models.customer_success_score import HEALTH_BANDS

# A health or a risk that moved by less stood still.
LEAST_MOVE = 5
MOST_MOVED = 8
QUARTERS = 8
AGES = ((None, 30), (30, 90), (90, None))
SOON_DAYS = 90


class CustomerSuccessDashboard(models.Model):
    """The whole book at a glance: figures and charts, each a click from the records behind it.

    Whatever it shows is read as the user, by the rules of the lists that a click opens. A record holds the filters
    of one user and stays: a page that was left open, or a link to it, opens on the next day as well. Whoever follows
    somebody else's link sees their own figures through those filters, and cannot change them.
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
        """Open the dashboard of the user, with the filters that were set."""
        mine = self.search([("create_uid", "=", self.env.uid)], order="id desc", limit=1)
        if mine.sudo().company_id - self.env.companies:
            mine.company_id = False  # it was chosen while other companies were ticked
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dashboard"),
            "res_model": self._name,
            "res_id": (mine or self.create({})).id,
            "views": [(False, "form")],
            "target": "main",
        }

    @api.depends("user_id", "company_id", "period")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_content(self):
        """``{tiles: [...], charts: [...], moved: {...}}``, see the methods below."""
        for dashboard in self:
            dashboard.content = {
                "tiles": dashboard._tiles(),
                "charts": [
                    dashboard._chart_stages(),
                    dashboard._chart_value_at_risk(),
                    dashboard._chart_barriers(),
                    dashboard._chart_coverage(),
                    dashboard._chart_retention(),
                    dashboard._chart_expected(),
                ],
                "moved": dashboard._moved(),
            }

    # ------------------------------------------------------------------------------------------
    # What it looks at
    # ------------------------------------------------------------------------------------------

    def _customers(self):
        """The customers in view."""
        domain = self.env["res.partner"]._get_success_customer_domain()
        if self.user_id:
            domain &= Domain("success_user_id", "=", self.user_id.id)
        if self.company_id:
            domain &= Domain("company_id", "in", [False, self.company_id.id])
        return domain

    def _records(self, user="partner_id.success_user_id"):
        """Records of the customers in view; their rules do the rest."""
        domain = Domain("partner_id.success_stage_id", "!=", False) & Domain(
            "partner_id.active", "=", True
        )
        if self.user_id:
            domain &= Domain(user, "=", self.user_id.id)
        if self.company_id:
            domain &= Domain("company_id", "in", [False, self.company_id.id])
        return domain

    @property
    def _currency(self):
        return (self.company_id or self.env.company).sudo().currency_id

    def _since(self):
        return fields.Date.subtract(fields.Date.context_today(self), days=int(self.period or 30))

    def _money(self, amounts):
        """Amounts by currency as one text, largest first: currencies are not added up."""
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
        customers, today = self._customers(), fields.Date.context_today(self)
        partners = self.env["res.partner"]
        [(number, health, known, coverage)] = partners._read_group(
            customers,
            [],
            ["__count", "success_health:avg", "success_health:count", "success_coverage:avg"],
        )
        at_risk = partners._read_group(
            customers & Domain("success_currency_id", "!=", False),
            ["success_currency_id"],
            ["success_value_at_risk:sum"],
        )
        renewals = self._records() & Domain("outcome", "=", "pending")
        soon = renewals & Domain("date_renewal", "<=", str(fields.Date.add(today, days=SOON_DAYS)))
        terms = self.env["customer.success.renewal"]._read_group(
            soon, ["currency_id"], ["annual_value:sum", "__count"]
        )
        overdue = self.env["customer.success.renewal"].search_count(
            renewals & Domain("date_renewal", "<", str(today))
        )
        barriers = self._records() & Domain("state", "in", OPEN_STATES)
        authority = dict(
            self.env["customer.success.barrier"]._read_group(barriers, ["authority"], ["__count"])
        )
        opened = sum(authority.values())
        gap = customers & Domain("success_view_gap", "=", True)
        open_customers = self._open(self.env._("Customers"), "res.partner", customers)
        return [
            {
                "label": self.env._("Customers"),
                "value": self._number(number),
                "hint": self.env._("%d where CSM and machine disagree", partners.search_count(gap)),
                "action": open_customers,
            },
            {
                "label": self.env._("Health, on average"),
                "value": self._number(health),
                "hint": self.env._("high is good; known of %d", known),
                "action": open_customers,
            },
            {
                "label": self.env._("Value at risk"),
                "value": self._money(at_risk) or self.env._("unknown"),
                "hint": self.env._("of leaving and of shrinking"),
                "action": self._open(
                    self.env._("Customers with Value at Risk"),
                    "res.partner",
                    customers & Domain("success_value_at_risk", ">", 0),
                ),
            },
            {
                "label": self.env._("Renewals within %d days", SOON_DAYS),
                "value": self._number(sum(count for _c, _v, count in terms)),
                "hint": "; ".join(
                    filter(
                        None,
                        (
                            self._money([(currency, value) for currency, value, _count in terms]),
                            overdue and self.env._("%d overdue among them", overdue),
                        ),
                    )
                ),
                "action": self._open(self.env._("Renewals"), "customer.success.renewal", soon),
            },
            {
                "label": self.env._("Open barriers"),
                "value": self._number(opened),
                "hint": self.env._("%d without authority", opened - authority.get("granted", 0)),
                "action": self._open(
                    self.env._("Open Barriers"), "customer.success.barrier", barriers
                ),
            },
            {
                "label": self.env._("Questions covered"),
                "value": self._number(coverage, " %"),
                "hint": self.env._("due questions with a fresh answer, on average"),
                "action": open_customers,
            },
        ]

    def _number(self, value, unit=""):
        """A figure that may be unknown."""
        if value is None or value is False:
            return self.env._("unknown")
        return f"{formatLang(self.env, value, digits=0)}{unit}"

    @api.model
    def _open(self, name, model, domain):
        """What a click opens."""
        return {"name": name, "model": model, "domain": list(domain)}

    # ------------------------------------------------------------------------------------------
    # Charts: {title, hint, kind, stacked, unit, labels, series: [{label, tone, data, actions}]}
    # ------------------------------------------------------------------------------------------

    def _bars(self, title, rows, columns, cell, name, model, domain, **options):
        """Stacked bars: ``rows`` are ``(label, domain)``, ``columns`` ``(label, tone, domain)``.

        ``cell(row, column)`` is the number, by their places.
        """
        return {
            "title": title,
            "kind": "bar",
            "stacked": True,
            "labels": [label for label, _domain in rows],
            "series": [
                {
                    "label": label,
                    "tone": tone,
                    "data": [cell(row, column) for row in range(len(rows))],
                    "actions": [
                        self._open(f"{name}: {row_label}, {label}", model, domain & row & only)
                        for row_label, row in rows
                    ],
                }
                for column, (label, tone, only) in enumerate(columns)
            ],
            **options,
        }

    def _chart_stages(self):
        customers = self._customers()
        found = {
            (stage.id, band or None): count
            for stage, band, count in self.env["res.partner"]._read_group(
                customers, ["success_stage_id", "success_health_band"], ["__count"]
            )
        }
        stages = self.env["customer.success.stage"].search(Domain.TRUE)
        names = dict(
            self.env["res.partner"]._fields["success_health_band"]._description_selection(self.env)
        )
        bands = [*(code for code, _label in HEALTH_BANDS), None]
        return self._bars(
            self.env._("Customers by stage and health"),
            [(stage.name, Domain("success_stage_id", "=", stage.id)) for stage in stages],
            [
                (
                    names.get(band, self.env._("Not known")),
                    band or "unknown",
                    Domain("success_health_band", "=", band or False),
                )
                for band in bands
            ],
            lambda row, column: found.get((stages[row].id, bands[column]), 0),
            self.env._("Customers"),
            "res.partner",
            customers,
        )

    def _chart_value_at_risk(self):
        currency = self._currency
        customers = self._customers()
        own = customers & Domain("success_currency_id", "=", currency.id)
        found = {
            band: value
            for band, value in self.env["res.partner"]._read_group(
                own, ["success_risk_band"], ["success_value_at_risk:sum"]
            )
        }
        others = self.env["res.partner"].search_count(
            customers & Domain("success_currency_id", "not in", [False, currency.id])
        )
        names = dict(
            self.env["res.partner"]._fields["success_risk_band"]._description_selection(self.env)
        )
        bands = [code for code, _label in reversed(RISK_BANDS)]
        return {
            "title": self.env._("Value at risk by risk of leaving"),
            "hint": self.env._("Left out, as in other currencies: %d", others) if others else "",
            "kind": "bar",
            "unit": currency.symbol or currency.name,
            "labels": [names[band] for band in bands],
            "series": [
                {
                    "label": self.env._("Value at risk, %s", currency.name),
                    "tone": "risk",
                    "data": [found.get(band) or 0 for band in bands],
                    "actions": [
                        self._open(
                            self.env._("Risk of Leaving: %s", names[band]),
                            "res.partner",
                            own & Domain("success_risk_band", "=", band),
                        )
                        for band in bands
                    ],
                }
            ],
        }

    def _chart_barriers(self):
        today = fields.Date.context_today(self)
        barriers = self.env["customer.success.barrier"]
        domain = self._records() & Domain("state", "in", OPEN_STATES)
        areas = barriers._fields["area"]._description_selection(self.env)

        def aged(least, below):
            opened = Domain.TRUE
            if least is not None:
                opened &= Domain("date_opened", "<=", str(fields.Date.subtract(today, days=least)))
            if below is not None:
                opened &= Domain("date_opened", ">", str(fields.Date.subtract(today, days=below)))
            return opened

        counts = [
            dict(barriers._read_group(domain & aged(*age), ["area"], ["__count"])) for age in AGES
        ]
        areas = [(code, label) for code, label in areas if any(code in found for found in counts)]
        labels = (
            self.env._("under 30 days"),
            self.env._("30 to 90 days"),
            self.env._("over 90 days"),
        )
        return self._bars(
            self.env._("Open barriers by area and age"),
            [(label, Domain("area", "=", code)) for code, label in areas],
            [
                (label, tone, aged(*age))
                for label, tone, age in zip(labels, ("fresh", "watch", "poor"), AGES)
            ],
            lambda row, column: counts[column].get(areas[row][0], 0),
            self.env._("Barriers"),
            "customer.success.barrier",
            domain,
        )

    def _chart_coverage(self):
        customers = self._customers()
        found = {
            stage.id: value
            for stage, value in self.env["res.partner"]._read_group(
                customers, ["success_stage_id"], ["success_coverage:avg"]
            )
        }
        stages = (
            self.env["customer.success.stage"].search(Domain.TRUE).filtered(lambda s: s.id in found)
        )
        return {
            "title": self.env._("Questions covered, by stage"),
            "hint": self.env._("due questions with a fresh answer"),
            "kind": "bar",
            "unit": "%",
            "labels": stages.mapped("name"),
            "series": [
                {
                    "label": self.env._("Covered %"),
                    "tone": "calm",
                    "data": [self._rounded(found[stage.id]) for stage in stages],
                    "actions": [
                        self._open(
                            stage.name,
                            "res.partner",
                            customers & Domain("success_stage_id", "=", stage.id),
                        )
                        for stage in stages
                    ],
                }
            ],
        }

    def _chart_retention(self):
        today = fields.Date.context_today(self)
        end = fields.Date.add(fields.Date.start_of(today, "quarter"), months=3)
        start = fields.Date.subtract(end, months=3 * QUARTERS)
        domain = self._records("user_id") & Domain("outcome", "!=", "undecided")
        domain &= Domain("date", ">=", str(start)) & Domain("date", "<", str(end))
        found = {
            quarter: (gross, net)
            for quarter, gross, net in self.env["customer.success.retention"]._read_group(
                domain, ["date:quarter"], ["gross_retention:avg", "net_retention:avg"]
            )
        }
        # Quarters in which nothing was decided keep their place: a gap, not a shorter time.
        quarters = [min(found)] if found else []
        while quarters and quarters[-1] < max(found):
            quarters.append(fields.Date.add(quarters[-1], months=3))
        actions = [
            self._open(
                self.env._("Decided from %s", format_date(self.env, quarter)),
                "customer.success.retention",
                domain
                & Domain("date", ">=", str(quarter))
                & Domain("date", "<", str(fields.Date.add(quarter, months=3))),
            )
            for quarter in quarters
        ]
        return {
            "title": self.env._("Retention by quarter"),
            "hint": self.env._("of the value that was up for renewal"),
            "kind": "line",
            "unit": "%",
            "labels": [f"{quarter.year} Q{(quarter.month + 2) // 3}" for quarter in quarters],
            "series": [
                {
                    "label": label,
                    "tone": tone,
                    "data": [
                        self._rounded(found[quarter][place]) if quarter in found else None
                        for quarter in quarters
                    ],
                    "actions": actions,
                }
                for place, label, tone in (
                    (0, self.env._("Gross %"), "calm"),
                    (1, self.env._("Net, with expansion %"), "good"),
                )
            ],
        }

    def _chart_expected(self):
        """Of renewals by the risk that was seen before: how many were expected to leave, how many did."""
        domain = self._records("user_id") & Domain("predicted_risk", "!=", False)
        domain &= Domain("outcome", "!=", "undecided")
        found = {
            band: values
            for band, *values in self.env["customer.success.retention"]._read_group(
                domain, ["risk_band"], ["predicted_risk:avg", "actual_left:avg", "__count"]
            )
        }
        names = dict(
            self.env["res.partner"]._fields["success_risk_band"]._description_selection(self.env)
        )
        bands = [code for code, _label in RISK_BANDS if code in found]
        actions = [
            self._open(
                self.env._("Expected Risk: %s", names[band]),
                "customer.success.retention",
                domain & Domain("risk_band", "=", band),
            )
            for band in bands
        ]
        return {
            "title": self.env._("Leaving: expected against actual"),
            "hint": self.env._("of the renewals that ended, by the risk seen before"),
            "kind": "bar",
            "unit": "%",
            "labels": [f"{names[band]} ({found[band][2]})" for band in bands],
            "series": [
                {
                    "label": label,
                    "tone": tone,
                    "data": [self._rounded(found[band][place]) for band in bands],
                    "actions": actions,
                }
                for place, label, tone in (
                    (0, self.env._("Expected %"), "calm"),
                    (1, self.env._("Left %"), "risk"),
                )
            ],
        }

    def _rounded(self, value):
        """For a chart: what is unknown is no bar, not a bar of height 0."""
        return None if value is None or value is False else round(float(value), 1)

    # ------------------------------------------------------------------------------------------
    # Movement: {since, better, worse, rows: [{id, name, health, risk}]}
    # ------------------------------------------------------------------------------------------

    def _moved(self):
        """Who moved most since the start of the period, by health and by risk; one statement."""
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
            CROSS JOIN LATERAL (SELECT health, renewal_risk
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
                "risk": [rounded(row[3]), rounded(row[4])],
            }
            for partner, row in zip(names, rows)
            if row[1] != row[2] or row[3] != row[4]
        ]
        better, worse, riskier, safer = rows[0][5:] if rows else (0, 0, 0, 0)
        return {
            "since": format_date(self.env, since),
            "summary": self.env._(
                "Health: %(better)d better, %(worse)d worse. Risk of leaving: %(riskier)d higher, "
                "%(safer)d lower. Less than %(least)d points counts as none.",
                better=better,
                worse=worse,
                riskier=riskier,
                safer=safer,
                least=LEAST_MOVE,
            ),
            "rows": moved,
        }

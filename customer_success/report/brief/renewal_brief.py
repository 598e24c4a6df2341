from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ...scoring.shown import whole

# The assumed length of a term whose start is unknown.
YEAR = 12  # months


class CustomerSuccessBrief(models.AbstractModel):
    """The facts about a renewal: its term, the results of the term, and the barriers to the renewal."""

    _inherit = "customer.success.brief"

    @api.model
    def _renewal_brief(self, renewal):
        """Return all facts about a renewal's term, for the CSM's preparation."""
        start, end = self._term_of(renewal)
        facts = self._facts(renewal.partner_id, start, end, renewal.product_id)
        money = {}
        realised = self._realised(renewal.partner_id, start, end)
        for row in realised:
            money[row.currency_id] = money.get(row.currency_id, 0) + row.confirmed_value
        return {
            **facts,
            "renewal": {
                "customer": renewal.partner_id.name,
                "product": renewal.product_id.with_context(display_default_code=False).display_name,
                "starts": format_date(self.env, start),
                "number": renewal.contract_number or "",
                "buyer": renewal.buyer_id.name or "",
                "is_priced": True,
                "ends": format_date(self.env, renewal.date_renewal),
                "runs": renewal.term_text or "",
                "notice": format_date(self.env, renewal.date_notice),
                "value": self._money(renewal.annual_value, renewal.currency_id),
                "seats": formatLang(self.env, renewal.seats, digits=0) if renewal.seats else "",
                "csm": renewal.success_user_id.name,
            },
            "money": [self._money(amount, currency) for currency, amount in money.items()],
            "private": {**self._private(renewal), "returned": self._returned_by_currency(realised)},
        }

    @api.model
    def _renewal_brief_for_customer(self, renewal):
        """Return the facts that may be given to the customer, without risk, health or anybody's private view."""
        everything = self._renewal_brief(renewal)
        term = everything["renewal"]
        if renewal.buyer_id:  # what the reseller pays is between the reseller and us
            term = {**term, "value": "", "is_priced": False}
        return {
            **self._for_customer(everything),
            "renewal": term,
            "money": everything["money"],
        }

    @api.model
    def _term_of(self, renewal):
        """Return the first and the last day of the term so far."""
        start = (
            renewal.date_start
            or (renewal.previous_id and renewal.previous_id._date_after())
            or fields.Date.subtract(renewal.date_renewal, months=YEAR)
        )
        today = fields.Date.context_today(self)
        return start, max(start, min(today, renewal.date_renewal))

    @api.model
    def _realised(self, partner, start, end):
        return self.env["customer.success.objective"].search(
            [
                ("partner_id", "=", partner.id),
                ("confirmed_date", ">=", start),
                ("confirmed_date", "<=", end),
                ("confirmed_value", ">", 0),
            ]
        )

    @api.model
    def _returned_by_currency(self, objectives):
        """Return texts: for each currency the sums of what is known of cost and value, and what is left out."""
        known = objectives.filtered(lambda objective: objective.return_rate is not False)
        said = []
        for currency, rows in known.grouped("currency_id").items():
            cost, net = sum(rows.mapped("cost")), sum(rows.mapped("net_value"))
            said.append(
                self.env._(
                    "cost %(cost)s, confirmed %(value)s, return %(rate)s",
                    cost=self._money(cost, currency),
                    value=self._money(cost + net, currency),
                    rate=f"{round(100 * net / cost)} %",
                )
            )
        if said and objectives - known:
            said.append(
                self.env._("left out, as their cost is unknown: %d", len(objectives - known))
            )
        return said

    @api.model
    def _private(self, renewal):
        """Return the internal facts: the risk with its reasons, both views, and the changes that would help."""
        explain = self.env["customer.success.explanation"]
        partner = renewal.partner_id
        score = renewal.sudo().score_id
        bands = self._labels(score, "risk_band")
        views = self._labels(partner, "success_sentiment")
        checkpoints = renewal.checkpoint_ids.sorted("date")
        labels = self._labels(checkpoints, "csm_view")
        return {
            "risk": False if score.churn_risk is False else whole(score.churn_risk),
            "range": score.risk_range,
            "band": bands.get(score.risk_band, ""),
            "lines": explain._explained_risk_lines(renewal.sudo()),
            "at_risk": self._money(score.value_at_risk, score.currency_id),
            "view": views.get(partner.success_sentiment, ""),
            "view_note": partner.success_sentiment_note,
            "no_goal": [label for label, goals in partner._success_goals_by_term() if not goals],
            "help": explain._helpful(partner, renewal, limit=5) if score else [],
            "checkpoints": [
                {
                    "date": format_date(self.env, checkpoint.date),
                    "horizon": checkpoint.horizon,
                    "risk": ""
                    if checkpoint.machine_risk is False
                    else f"{whole(checkpoint.machine_risk)} %",
                    "view": labels.get(checkpoint.csm_view, ""),
                    "plan": checkpoint.action_plan,
                }
                for checkpoint in checkpoints
            ],
        }

    def _renewal_report(self, docids, prepare):
        """Return the values of a report on renewals.

        ``prepare(renewal)`` returns the renewal in the language of the report and the facts to print.
        """
        renewals = self.env["customer.success.renewal"].browse(docids)
        renewals.check_access("read")
        self._check_may_print(renewals.partner_id)
        briefs = []
        for renewal in renewals:
            told, facts = prepare(renewal)
            lang = told.env.lang or "en_US"
            briefs.append(
                {
                    "record": told,
                    "company": told.company_id.sudo(),
                    "lang": lang,
                    "dir": self._direction(lang),
                    "facts": facts,
                }
            )
        return {"doc_ids": docids, "doc_model": renewals._name, "docs": renewals, "briefs": briefs}


class ReportRenewalBrief(models.AbstractModel):
    """The renewal brief for the CSM, in the reader's language."""

    _name = "report.customer_success.renewal_brief"
    _description = "Renewal Brief"

    @api.model
    def _get_report_values(self, docids, data=None):
        brief = self.env["customer.success.brief"]
        return brief._renewal_report(docids, lambda one: (one, brief._renewal_brief(one)))


class ReportRenewalBriefCustomer(models.AbstractModel):
    """The renewal brief for the customer, in its language and on the letterhead of the contract's company."""

    _name = "report.customer_success.renewal_brief_customer"
    _description = "Renewal Brief for the Customer"

    @api.model
    def _get_report_values(self, docids, data=None):
        brief = self.env["customer.success.brief"]

        def prepare(renewal):
            lang = brief._language_of(renewal.partner_id)
            told = renewal.with_context(lang=lang)
            return told, brief.with_context(lang=lang)._renewal_brief_for_customer(told)

        return brief._renewal_report(docids, prepare)

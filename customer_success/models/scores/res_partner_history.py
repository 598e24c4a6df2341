from odoo import api, fields, models

# The number of years that the chart on the form shows; the history itself is kept as long as the customer.
CHART_YEARS = 3


class ResPartner(models.Model):
    """The chart of a customer's scores over time."""

    _inherit = "res.partner"

    success_history_chart = fields.Json(
        "Scores over Time",
        compute="_compute_success_history_chart",
        groups="customer_success.group_success_user",
    )

    @api.depends("success_score_id.scored_at")
    def _compute_success_history_chart(self):
        """Compute ``[[date, health, risk]]``, oldest first and up to today; unknown values are null.

        A day on which the segment, the weights or the formula changed has a fourth entry, the text of its mark.
        """
        today = fields.Date.context_today(self)
        start = fields.Date.subtract(today, years=CHART_YEARS)
        rows = self.env["customer.success.score.history"].search_fetch(
            [("partner_id", "in", self.ids), ("date", ">=", start)],
            [
                "partner_id",
                "date",
                "health",
                "renewal_risk",
                "segment_id",
                "formula",
                "is_new_formula",
                "health_shift",
                "risk_shift",
            ],
            order="date",
        )
        points, before = {}, {}
        for row in rows:
            known = (None if value is False else value for value in (row.health, row.renewal_risk))
            mark = row._say_rules_since(before.get(row.partner_id))
            points.setdefault(row.partner_id.id, []).append(
                [str(row.date), *known, *([mark] if mark else [])]
            )
            before[row.partner_id] = row
        for partner in self:
            found = points.get(partner._origin.id, [])
            if found and found[-1][0] < str(today):
                found.append([str(today), *found[-1][1:3]])
            partner.success_history_chart = found

from odoo import api, fields, models

from ...scoring.shown import say_range
from ..common.known_float import KnownFloat


class CustomerSuccessRiskRange(models.AbstractModel):
    """A churn risk with the range in which the truth lies."""

    _name = "customer.success.risk.range"
    _description = "Churn Risk with Its Range"

    risk_low = KnownFloat("Churn Risk from %", digits=(5, 1))
    risk_high = KnownFloat("Churn Risk to %", digits=(5, 1))
    risk_range = fields.Char(
        "Range of the Risk",
        compute="_compute_risk_range",
        help="In four of five cases the true risk is in this range. It is wide where little is known.",
    )

    @api.depends("risk_low", "risk_high")
    @api.depends_context("lang")
    def _compute_risk_range(self):
        for score in self:
            score.risk_range = say_range(self.env, score.risk_low, score.risk_high)

from odoo import fields, models

from ..common.known_float import KnownFloat
from ..common.money import Money
from ..common.plain_json import PlainJson

RISK_BANDS = [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")]


class CustomerSuccessRenewalScore(models.Model):
    """The score of a pending renewal, one row each, which only the scoring engine writes.

    In a table of its own, no job touches records that people edit. The row is deleted when the renewal ends.
    """

    _name = "customer.success.renewal.score"
    _inherit = ["customer.success.money", "customer.success.risk.range"]
    _description = "Score of a Renewal"
    _log_access = False
    _rec_name = "renewal_id"

    renewal_id = fields.Many2one(
        "customer.success.renewal", required=True, index=True, ondelete="cascade"
    )
    churn_risk = KnownFloat("Churn Risk %", digits=(5, 1))
    risk_band = fields.Selection(RISK_BANDS)
    contraction_risk = KnownFloat("Contraction Risk %", digits=(5, 1))
    expected_seats = KnownFloat(digits=(16, 1))
    expansion_likelihood = KnownFloat("Expansion Likelihood %", digits=(5, 1))
    value_at_risk = Money()
    currency_id = fields.Many2one("res.currency")
    # Only the explanation reads the breakdown; it is not prefetched with the other fields.
    breakdown = PlainJson(prefetch=False)
    scored_at = fields.Datetime()

    _renewal_uniq = models.UniqueIndex("(renewal_id)", "A renewal has one score.")

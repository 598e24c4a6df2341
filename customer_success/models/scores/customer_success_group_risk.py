from odoo import fields, models

from ..common.known_float import KnownFloat
from ..common.known_monetary import KnownMonetary
from .customer_success_renewal_score import RISK_BANDS


class CustomerSuccessGroupRisk(models.AbstractModel):
    """The headlines of a group of customers, on its companies and on documents of sales.

    They are computed when they are looked at, from the customers that the reader may see. Each model says which group.
    """

    _name = "customer.success.group.risk"
    _description = "Document with the Risk of a Group"

    success_group_renewal_risk = KnownFloat(
        "Highest Churn Risk %", compute="_compute_success_group_risk", groups="base.group_user"
    )
    success_group_risk_band = fields.Selection(
        RISK_BANDS,
        "Highest Churn Risk",
        compute="_compute_success_group_risk",
        groups="base.group_user",
    )
    success_group_riskiest_id = fields.Many2one(
        "res.partner",
        "At the Highest Risk",
        compute="_compute_success_group_risk",
        groups="base.group_user",
    )
    success_group_currency_id = fields.Many2one(
        "res.currency", compute="_compute_success_group_risk", groups="base.group_user"
    )
    success_group_value_at_risk = KnownMonetary(
        "Value at Risk of the Group",
        compute="_compute_success_group_risk",
        currency_field="success_group_currency_id",
        groups="base.group_user",
        help="The sum in the currency of your company, at the rates of today. It is unknown if a rate is missing.",
    )
    success_group_missing_rates = fields.Char(
        "Currencies without a Rate",
        compute="_compute_success_group_risk",
        groups="base.group_user",
    )

    def _compute_success_group_risk(self):
        raise NotImplementedError

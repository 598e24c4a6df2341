from odoo import api, fields, models

from ..common.known_float import KnownFloat
from ..common.money import Money

CUSTOMER = "success_about_id.commercial_partner_id"


class CustomerSuccessCustomerRisk(models.AbstractModel):
    """The scores of the customer on a document of sales, read through the link to who uses what is sold and never copied."""

    _name = "customer.success.customer.risk"
    _inherit = ["customer.success.scored", "customer.success.for.whom"]
    _description = "Document with the Risk of Its Customer"
    _unknown_last = ("success_value_at_risk",)
    _sorted_by = {"success_risk_band": "success_renewal_risk"}

    success_stage_id = fields.Many2one(
        related=f"{CUSTOMER}.success_stage_id", string="Adoption Stage", groups="base.group_user"
    )
    success_former_date = fields.Date(
        related=f"{CUSTOMER}.success_former_date",
        string="Former Customer Since",
        groups="base.group_user",
    )
    success_user_id = fields.Many2one(
        related=f"{CUSTOMER}.success_user_id",
        string="CSM",
        groups="base.group_user",
        help="The customer success manager of the customer. Ask them before you sell.",
    )
    success_health_band = fields.Selection(
        related=f"{CUSTOMER}.success_score_id.health_band",
        string="Customer Health",
        groups="base.group_user",
    )
    success_renewal_risk = KnownFloat(
        related=f"{CUSTOMER}.success_score_id.renewal_risk",
        string="Churn Risk %",
        groups="base.group_user",
        help="The probability that this customer does not renew, from 0 to 100 %; high is bad.",
    )
    success_risk_range = fields.Char(
        related=f"{CUSTOMER}.success_score_id.risk_range",
        string="Range of the Risk",
        groups="base.group_user",
    )
    success_risk_band = fields.Selection(
        related=f"{CUSTOMER}.success_score_id.risk_band",
        string="Churn Risk",
        groups="base.group_user",
    )
    success_worst_product_id = fields.Many2one(
        related=f"{CUSTOMER}.success_score_id.worst_product_id",
        string="Worst Product",
        groups="base.group_user",
    )
    success_currency_id = fields.Many2one(
        related=f"{CUSTOMER}.success_score_id.currency_id",
        string="Currency of the Value at Risk",
        groups="base.group_user",
    )
    success_value_at_risk = Money(
        related=f"{CUSTOMER}.success_score_id.value_at_risk",
        currency_field="success_currency_id",
        string="Value at Risk",
        groups="base.group_user",
    )
    success_explanation = fields.Html(
        related=f"{CUSTOMER}.success_explanation",
        string="Why",
        groups="base.group_user",
    )
    success_reasons = fields.Char(
        "Reasons for the Risk",
        compute="_compute_success_reasons",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends("success_risk_band")
    @api.depends_context("lang")
    def _compute_success_reasons(self):
        """Compute the three strongest reasons, for a hover, with two queries for any number of records."""
        score_of = {
            one: one.success_about_id.commercial_partner_id.success_score_id for one in self
        }
        scores = self.env["customer.success.score"].union(*score_of.values())
        reasons = self.env["customer.success.explanation"]._reasons(scores)
        for one in self:
            one.success_reasons = ", ".join(reasons.get(score_of[one], ()))

    @api.model
    def _links_behind(self, name):
        if name == "success_about_id":
            return ("success_for_id", "partner_id")
        return super()._links_behind(name)

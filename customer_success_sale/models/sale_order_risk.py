from odoo import api, fields, models

from odoo.addons.customer_success.models.known_float import KnownFloat

CUSTOMER = "partner_id.commercial_partner_id"


class SaleOrder(models.Model):
    """Renewal risk on quotations as on opportunities: read through the customer, never copied."""

    _name = "sale.order"
    _inherit = ["sale.order", "customer.success.scored"]
    _unknown_last = ("success_value_at_risk",)
    _sorted_by = {"success_risk_band": "success_renewal_risk"}

    success_stage_id = fields.Many2one(
        related=f"{CUSTOMER}.success_stage_id", string="Adoption Stage", groups="base.group_user"
    )
    success_user_id = fields.Many2one(
        related=f"{CUSTOMER}.success_user_id", string="CSM", groups="base.group_user"
    )
    success_health_band = fields.Selection(
        related=f"{CUSTOMER}.success_score_id.health_band",
        string="Customer Health",
        groups="base.group_user",
    )
    success_renewal_risk = KnownFloat(
        related=f"{CUSTOMER}.success_score_id.renewal_risk",
        string="Risk of Leaving %",
        groups="base.group_user",
        help="That this customer does not renew: 0 to 100 %, high is bad.",
    )
    success_risk_band = fields.Selection(
        related=f"{CUSTOMER}.success_score_id.risk_band",
        string="Renewal Risk",
        groups="base.group_user",
    )
    success_currency_id = fields.Many2one(
        related=f"{CUSTOMER}.success_score_id.currency_id",
        string="Currency of the Value at Risk",
        groups="base.group_user",
    )
    success_value_at_risk = fields.Monetary(
        related=f"{CUSTOMER}.success_score_id.value_at_risk",
        currency_field="success_currency_id",
        string="Value at Risk",
        groups="base.group_user",
    )
    success_explanation = fields.Html(
        related=f"{CUSTOMER}.success_explanation", string="Why", groups="base.group_user"
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
        """The three strongest reasons; two queries, whatever the number of orders."""
        score_of = {o: o.partner_id.commercial_partner_id.success_score_id for o in self}
        scores = self.env["customer.success.score"].union(*score_of.values())
        reasons = self.env["customer.success.explanation"]._reasons(scores)
        for order in self:
            order.success_reasons = ", ".join(reasons.get(score_of[order], ()))

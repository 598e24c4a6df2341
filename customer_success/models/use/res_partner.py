from odoo import fields, models


class ResPartner(models.Model):
    """The use of a customer, and its current symptoms of misuse."""

    _inherit = "res.partner"

    success_usage_ids = fields.One2many(
        "customer.success.usage", "partner_id", "Use", groups="customer_success.group_success_user"
    )
    success_symptom_flag_ids = fields.One2many(
        "customer.success.symptom.flag",
        "partner_id",
        "Symptoms",
        domain=[("date_to", "=", False)],
        groups="customer_success.group_success_user",
    )

    def action_success_usage(self):
        return self._action_success("customer_success_usage_action", success_by_hand=True)

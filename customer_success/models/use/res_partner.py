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

    def action_success_tag_symptom(self):
        """Open a dialog to tag a misuse that somebody saw at this customer."""
        self.ensure_one()
        latest = self.env["customer.success.usage"].search([("partner_id", "=", self.id)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tag a Misuse"),
            "res_model": "customer.success.symptom.flag",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_partner_id": self.id,
                "default_product_id": latest.product_id.id,
            },
        }

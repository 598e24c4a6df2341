from odoo import models


class CustomerSuccessInteraction(models.Model):
    """Score the customer at once when a conversation is logged, so that its answers show."""

    _inherit = "customer.success.interaction"

    def action_log(self):
        customers = self.partner_id
        result = super().action_log()
        self.env["customer.success.score"].sudo()._rescore(customers)
        return result

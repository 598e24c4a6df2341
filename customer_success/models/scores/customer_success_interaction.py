from odoo import models


class CustomerSuccessInteraction(models.Model):
    """A conversation that rescores its customer when it is logged, so that its answers count at once."""

    _inherit = "customer.success.interaction"

    def action_log(self):
        customers = self.partner_id
        result = super().action_log()
        self.env["customer.success.score"].sudo()._rescore(customers)
        return result

from odoo import models


class CustomerSuccessPlan(models.Model):
    """The search for barriers, where the plan says that leaders do not look for them."""

    _inherit = "customer.success.plan"

    def action_search_barriers(self):
        """Open the search for barriers at the customer of the plan."""
        self.ensure_one()
        return self.partner_id.action_success_check_barriers()

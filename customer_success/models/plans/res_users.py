from odoo import models


class ResUsers(models.Model):
    """Users whose plans, open objectives and changes are reassigned when they leave."""

    _inherit = "res.users"

    def _success_work_domains(self):
        return {
            **super()._success_work_domains(),
            "customer.success.change": [("is_open", "=", True)],
            "customer.success.objective": [("is_open", "=", True)],
            "customer.success.plan": [("state", "in", ("draft", "active"))],
        }

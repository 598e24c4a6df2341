from odoo import models


class ResUsers(models.Model):
    """Users whose plans and open changes are reassigned when they leave."""

    _inherit = "res.users"

    def _success_work_domains(self):
        return {
            **super()._success_work_domains(),
            "customer.success.change": [("state", "in", ("planned", "running"))],
            "customer.success.plan": [("state", "in", ("draft", "active"))],
        }

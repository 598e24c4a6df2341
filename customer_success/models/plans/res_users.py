from odoo import models


class ResUsers(models.Model):
    """Plans, and changes ahead, of users who leave."""

    _inherit = "res.users"

    def _success_work_domains(self):
        return {
            **super()._success_work_domains(),
            "customer.success.change": [("state", "in", ("planned", "running"))],
            "customer.success.plan": [("state", "in", ("draft", "active"))],
        }

from odoo import models


class ResUsers(models.Model):
    """The open barriers of users who leave."""

    _inherit = "res.users"

    def _success_work_domains(self):
        return {
            **super()._success_work_domains(),
            "customer.success.barrier": [("is_open", "=", True)],
        }

from odoo import models


class ResUsers(models.Model):
    """Users whose planned conversations are reassigned when they leave."""

    _inherit = "res.users"

    def _success_work_domains(self):
        return {
            **super()._success_work_domains(),
            "customer.success.interaction": [("state", "=", "planned")],
        }

from odoo import models

from .customer_success_barrier import OPEN_STATES


class ResUsers(models.Model):
    """Open barriers of users who leave."""

    _inherit = "res.users"

    def _success_work_domains(self):
        return {
            **super()._success_work_domains(),
            "customer.success.barrier": [("state", "in", OPEN_STATES)],
        }

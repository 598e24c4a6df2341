from odoo import api, models

DEFAULTS = {
    "escalate_days_0": 60,
    "escalate_days_1": 30,
    "escalate_days_2": 14,
    "escalate_days_3": 7,
    "search_fresh_days": 180,
}


class CustomerSuccessSettings(models.AbstractModel):
    """The days after which barriers without authority escalate, and after which a search is stale."""

    _inherit = "customer.success.settings"

    @api.model
    def _defaults(self):
        return {**super()._defaults(), **DEFAULTS}

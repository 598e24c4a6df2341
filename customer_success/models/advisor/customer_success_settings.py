from odoo import api, models

DEFAULTS = {
    "person_silent_days": 90,
}


class CustomerSuccessSettings(models.AbstractModel):
    """The days after which a sponsor or champion without a conversation is silent."""

    _inherit = "customer.success.settings"

    @api.model
    def _defaults(self):
        return {**super()._defaults(), **DEFAULTS}

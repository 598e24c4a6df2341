from odoo import api, models

DEFAULTS = {
    "renewal_lead_days": 120,
}


class CustomerSuccessSettings(models.AbstractModel):
    """The settings of the opportunities of renewals."""

    _inherit = "customer.success.settings"

    @api.model
    def _defaults(self):
        return {**super()._defaults(), **DEFAULTS}

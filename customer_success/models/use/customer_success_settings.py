from odoo import api, models

DEFAULTS = {
    "adoption_target": 80,
    "ramp_months": 6,
    "usage_fresh_days": 120,
    "symptom_idle": 5,
    "symptom_barely_used": 30,
    "symptom_wrong_way": 50,
    "symptom_bad_data": 60,
    "symptom_no_data": 30,
}


class CustomerSuccessSettings(models.AbstractModel):
    """The settings of use: its targets, and the limits at which symptoms are flagged."""

    _inherit = "customer.success.settings"

    @api.model
    def _defaults(self):
        return {**super()._defaults(), **DEFAULTS}

from odoo import api, models

from ...scoring.symptoms.symptom import SYMPTOMS

DEFAULTS = {
    "adoption_target": 80,
    "ramp_months": 6,
    "usage_fresh_days": 120,
}


class CustomerSuccessSettings(models.AbstractModel):
    """The settings of use: its targets, and the limits at which symptoms are flagged."""

    _inherit = "customer.success.settings"

    @api.model
    def _defaults(self):
        limits = {symptom.setting: symptom.limit for symptom in SYMPTOMS.values()}
        return {**super()._defaults(), **DEFAULTS, **limits}

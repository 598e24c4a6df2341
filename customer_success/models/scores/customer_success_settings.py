from odoo import api, models

DEFAULTS = {
    "known_enough": 25,
    "health_good": 70,
    "health_watch": 45,
    "risk_medium": 20,
    "risk_high": 40,
    "risk_critical": 65,
    "checkpoint_days_1": 180,
    "checkpoint_days_2": 90,
    "checkpoint_days_3": 30,
}


class CustomerSuccessSettings(models.AbstractModel):
    """The settings of scores: the limits of the bands of health and risk, and the days of checkpoints."""

    _inherit = "customer.success.settings"

    @api.model
    def _defaults(self):
        return {**super()._defaults(), **DEFAULTS}

from odoo import api, models

# The days for which events are kept: two months and the days in which late events of the first one may still come.
# The events that one key may bring in a minute.
DEFAULTS = {"event_days": 92, "event_rate": 50_000}
LEAST_DAYS, MOST_DAYS = 35, 731


class CustomerSuccessSettings(models.AbstractModel):
    """The settings of events of products."""

    _inherit = "customer.success.settings"

    @api.model
    def _defaults(self):
        return {**super()._defaults(), **DEFAULTS}

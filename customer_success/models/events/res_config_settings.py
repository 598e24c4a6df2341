from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field
from .customer_success_settings import LEAST_DAYS, MOST_DAYS


class ResConfigSettings(models.TransientModel):
    """The settings of events of products."""

    _inherit = "res.config.settings"

    success_event_days = limit_field("event_days", fields.Integer, string="Keep Events for (Days)")
    success_event_rate = limit_field("event_rate", fields.Integer, string="Events a Minute")

    @api.constrains("success_event_days", "success_event_rate")
    def _check_success_events(self):
        for limits in self:
            if not LEAST_DAYS <= limits.success_event_days <= MOST_DAYS:
                raise ValidationError(
                    self.env._(
                        "Events are kept for at least %(least)d and at most %(most)d days: a month is counted from its events.",
                        least=LEAST_DAYS,
                        most=MOST_DAYS,
                    )
                )
            if limits.success_event_rate < 100:
                raise ValidationError(
                    self.env._("A key may bring at least 100 events a minute: one full batch.")
                )

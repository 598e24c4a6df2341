from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field


class ResConfigSettings(models.TransientModel):
    """The settings of the escalation of barriers and of the search for them."""

    _inherit = "res.config.settings"

    success_escalate_days_0 = limit_field(
        "escalate_days_0", fields.Integer, string="Low Severity (Days)"
    )
    success_escalate_days_1 = limit_field(
        "escalate_days_1", fields.Integer, string="Medium Severity (Days)"
    )
    success_escalate_days_2 = limit_field(
        "escalate_days_2", fields.Integer, string="High Severity (Days)"
    )
    success_escalate_days_3 = limit_field(
        "escalate_days_3", fields.Integer, string="Critical Severity (Days)"
    )

    success_search_fresh_days = limit_field(
        "search_fresh_days", fields.Integer, string="A Search Counts for (Days)"
    )

    success_turn_days = limit_field("turn_days", fields.Integer, string="Our Turn Too Long (Days)")

    @api.constrains("success_turn_days")
    def _check_success_turn(self):
        for limits in self:
            if not 1 <= limits.success_turn_days <= 365:
                raise ValidationError(
                    self.env._("The days for which it may be our turn must be between 1 and 365.")
                )

    @api.constrains("success_search_fresh_days")
    def _check_success_search(self):
        for limits in self:
            if not 7 <= limits.success_search_fresh_days <= 3650:
                raise ValidationError(
                    self.env._("A search for barriers must count for 7 to 3650 days.")
                )

    @api.constrains(
        "success_escalate_days_0",
        "success_escalate_days_1",
        "success_escalate_days_2",
        "success_escalate_days_3",
    )
    def _check_success_escalation(self):
        for limits in self:
            if not all(1 <= limits[f"success_escalate_days_{n}"] <= 3650 for n in range(4)):
                raise ValidationError(
                    self.env._("The days until a barrier escalates must be between 1 and 3650.")
                )

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field


class ResConfigSettings(models.TransientModel):
    """The settings of use and its symptoms."""

    _inherit = "res.config.settings"

    success_adoption_target = limit_field("adoption_target", string="Adoption Target %")
    success_ramp_months = limit_field(
        "ramp_months", fields.Integer, string="Full Use after (Months)"
    )
    success_usage_fresh_days = limit_field(
        "usage_fresh_days", fields.Integer, string="Use Counts for (Days)"
    )
    success_symptom_idle = limit_field("symptom_idle", string="Idle up to %")
    success_symptom_barely_used = limit_field("symptom_barely_used", string="Barely Used Below %")
    success_symptom_wrong_way = limit_field("symptom_wrong_way", string="Wrong Way Below %")
    success_symptom_bad_data = limit_field("symptom_bad_data", string="Bad Data Below %")
    success_symptom_no_data = limit_field("symptom_no_data", string="No Data Below %")

    def set_values(self):
        limits = self.env["customer.success.settings"]
        before = limits._limit("adoption_target")
        result = super().set_values()
        after = limits._limit("adoption_target")
        if after != before:
            changes = self.env["customer.success.intended.use.change"]
            changes._log_setting(before, after)
        return result

    @api.constrains(
        "success_adoption_target",
        "success_ramp_months",
        "success_usage_fresh_days",
        "success_symptom_idle",
        "success_symptom_barely_used",
        "success_symptom_wrong_way",
        "success_symptom_bad_data",
        "success_symptom_no_data",
    )
    def _check_success_use(self):
        for limits in self:
            if not 1 <= limits.success_adoption_target <= 100:
                raise ValidationError(
                    self.env._("The adoption target must be between 1 and 100 %.")
                )
            if not (
                0 <= limits.success_symptom_idle < limits.success_symptom_barely_used <= 100
                and 0 <= limits.success_symptom_wrong_way <= 100
                and 0 <= limits.success_symptom_bad_data <= 100
                and 0 <= limits.success_symptom_no_data <= 100
            ):
                raise ValidationError(
                    self.env._(
                        "The limits of symptoms must be between 0 and 100 %, and “Barely Used” must be above “Idle”."
                    )
                )
            if not 1 <= limits.success_ramp_months <= 60:
                raise ValidationError(
                    self.env._("The months until full use must be between 1 and 60.")
                )
            if not 7 <= limits.success_usage_fresh_days <= 3650:
                raise ValidationError(
                    self.env._("Use must count for at least 7 and at most 3650 days.")
                )

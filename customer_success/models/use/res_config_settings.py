from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field


class ResConfigSettings(models.TransientModel):
    """The limits of use and of its symptoms."""

    _inherit = "res.config.settings"

    success_adoption_target = limit_field("adoption_target", string="Adoption Target %")
    success_ramp_months = limit_field(
        "ramp_months", fields.Integer, string="Full Use After (months)"
    )
    success_usage_fresh_days = limit_field(
        "usage_fresh_days", fields.Integer, string="Use Counts For (days)"
    )
    success_symptom_idle = limit_field("symptom_idle", string="Idle Up To %")
    success_symptom_barely_used = limit_field("symptom_barely_used", string="Barely Used Below %")
    success_symptom_wrong_way = limit_field("symptom_wrong_way", string="Wrong Way Below %")
    success_symptom_bad_data = limit_field("symptom_bad_data", string="Bad Data Below %")
    success_symptom_no_data = limit_field("symptom_no_data", string="No Data Below %")

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
                raise ValidationError(self.env._("The adoption target goes from 1 to 100 %."))
            if not (
                0 <= limits.success_symptom_idle < limits.success_symptom_barely_used <= 100
                and 0 <= limits.success_symptom_wrong_way <= 100
                and 0 <= limits.success_symptom_bad_data <= 100
                and 0 <= limits.success_symptom_no_data <= 100
            ):
                raise ValidationError(
                    self.env._("Symptoms: limits go from 0 to 100 %, “barely used” above “idle”.")
                )
            if not 1 <= limits.success_ramp_months <= 60:
                raise ValidationError(self.env._("Full use is expected after 1 to 60 months."))
            if not 7 <= limits.success_usage_fresh_days <= 3650:
                raise ValidationError(self.env._("Use counts for 7 days to 10 years."))

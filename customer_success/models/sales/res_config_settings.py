from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field


class ResConfigSettings(models.TransientModel):
    """The settings of the opportunities of renewals."""

    _inherit = "res.config.settings"

    success_renewal_lead_days = limit_field(
        "renewal_lead_days", fields.Integer, string="Create (Days Before)"
    )

    @api.constrains(
        "success_renewal_lead_days",
    )
    def _check_success_renewal_lead_days(self):
        for limits in self:
            if not 1 <= limits.success_renewal_lead_days <= 730:
                raise ValidationError(
                    self.env._(
                        "The number of days before which opportunities of renewals are created must be between 1 and 730."
                    )
                )

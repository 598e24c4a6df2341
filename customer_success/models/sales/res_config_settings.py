from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field


class ResConfigSettings(models.TransientModel):
    """How early opportunities of renewals are opened."""

    _inherit = "res.config.settings"

    success_renewal_lead_days = limit_field(
        "renewal_lead_days", fields.Integer, string="Open It (days before)"
    )

    @api.constrains(
        "success_renewal_lead_days",
    )
    def _check_success_renewal_lead_days(self):
        for limits in self:
            if not 1 <= limits.success_renewal_lead_days <= 730:
                raise ValidationError(
                    self.env._("Opportunities of renewals are opened 1 to 730 days before.")
                )

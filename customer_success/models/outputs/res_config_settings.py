from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field


class ResConfigSettings(models.TransientModel):
    """The settings of workbooks."""

    _inherit = "res.config.settings"

    success_workbook_background = limit_field(
        "workbook_background", fields.Integer, string="In the Background Above (Customers)"
    )
    success_workbook_link_mb = limit_field(
        "workbook_link_mb", fields.Integer, string="Attached up to (MB)"
    )
    success_workbook_keep_days = limit_field(
        "workbook_keep_days", fields.Integer, string="Kept for (Days)"
    )

    @api.constrains(
        "success_workbook_background", "success_workbook_link_mb", "success_workbook_keep_days"
    )
    def _check_success_workbook(self):
        for limits in self:
            if limits.success_workbook_background < 0:
                raise ValidationError(
                    self.env._(
                        "The number of customers above which workbooks are created in the background cannot be negative."
                    )
                )
            if not 0 <= limits.success_workbook_link_mb <= 100:
                raise ValidationError(
                    self.env._(
                        "The largest size of attached workbooks must be between 0 and 100 MB."
                    )
                )
            if not 1 <= limits.success_workbook_keep_days <= 3650:
                raise ValidationError(
                    self.env._("The days for which workbooks are kept must be between 1 and 3650.")
                )

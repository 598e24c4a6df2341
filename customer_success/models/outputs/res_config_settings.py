from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    success_workbook_background = limit_field(
        "workbook_background", fields.Integer, string="In the Background From (customers)"
    )
    success_workbook_link_mb = limit_field(
        "workbook_link_mb", fields.Integer, string="Attached Up To (MB)"
    )
    success_workbook_keep_days = limit_field(
        "workbook_keep_days", fields.Integer, string="Kept For (days)"
    )

    @api.constrains(
        "success_workbook_background", "success_workbook_link_mb", "success_workbook_keep_days"
    )
    def _check_success_workbook(self):
        for limits in self:
            if limits.success_workbook_background < 0:
                raise ValidationError(self.env._("A number of customers cannot be negative."))
            if not 0 <= limits.success_workbook_link_mb <= 100:
                raise ValidationError(self.env._("Attach workbooks of up to 0 to 100 MB."))
            if not 1 <= limits.success_workbook_keep_days <= 3650:
                raise ValidationError(self.env._("Keep workbooks for 1 day to 10 years."))

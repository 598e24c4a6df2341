from odoo import api, models

DEFAULTS = {
    "workbook_background": 5000,
    "workbook_link_mb": 10,
    "workbook_keep_days": 400,
}


class CustomerSuccessSettings(models.AbstractModel):
    """The settings of workbooks: how they are created, sent and kept."""

    _inherit = "customer.success.settings"

    @api.model
    def _defaults(self):
        return {**super()._defaults(), **DEFAULTS}

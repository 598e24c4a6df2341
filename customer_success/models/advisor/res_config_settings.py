from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field


class ResConfigSettings(models.TransientModel):
    """The setting of the days after which a sponsor or champion is silent."""

    _inherit = "res.config.settings"

    success_person_silent_days = limit_field(
        "person_silent_days", fields.Integer, string="Sponsor or Champion Silent After (Days)"
    )

    @api.constrains("success_person_silent_days")
    def _check_success_person_silent(self):
        for limits in self:
            if not 7 <= limits.success_person_silent_days <= 3650:
                raise ValidationError(
                    self.env._("A sponsor or champion must be silent after 7 to 3650 days.")
                )

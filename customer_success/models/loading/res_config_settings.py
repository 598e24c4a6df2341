from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The setting that persons are kept, from files with one row a user."""

    _inherit = "res.config.settings"

    group_success_persons = fields.Boolean(
        "Keep Who Uses a Product",
        implied_group="customer_success.group_success_persons",
        group="customer_success.group_success_user",
    )

    def set_values(self):
        result = super().set_values()
        if not self.group_success_persons:
            persons = self.env["customer.success.person"].sudo().with_context(active_test=False)
            persons.search(fields.Domain.TRUE).unlink()
        return result

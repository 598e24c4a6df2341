from odoo import models


class ResPartner(models.Model):
    """The open barriers that a contact owned, which go back when they leave."""

    _inherit = "res.partner"

    def _success_leave_behind(self):
        result = super()._success_leave_behind()
        owned = (
            self.env["customer.success.barrier"]
            .sudo()
            .with_context(active_test=False)
            .search([("owner_contact_id", "in", self.ids), ("is_open", "=", True)])
        )
        owned._take_from_gone()
        return result

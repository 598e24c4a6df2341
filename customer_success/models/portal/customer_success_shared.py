from odoo import models


class CustomerSuccessShared(models.AbstractModel):
    """The buttons that share a record with a customer's people, and stop sharing it."""

    _inherit = "customer.success.shared"

    def action_share(self):
        """Ask whom to tell, and until when."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Share with %s", self.partner_id.display_name),
            "res_model": "customer.success.share",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
                "default_share_until": self.share_until,
            },
        }

    def action_unshare(self):
        """Stop sharing: gone from the portal, and links sent so far are dead."""
        shared = self.filtered("is_shared")
        shared.write({"is_shared": False})
        for record in shared.sudo():
            # Who follows gets each message by mail, which would go on.
            customer = record.partner_id.commercial_partner_id
            people = record.message_partner_ids.filtered("partner_share")
            outside = people & people.search([("id", "child_of", customer.id)])
            record.message_unsubscribe(outside.ids)

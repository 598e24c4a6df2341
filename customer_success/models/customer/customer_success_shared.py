import uuid

from odoo import models


class CustomerSuccessShared(models.AbstractModel):
    """The end of a link when a person who got it leaves the customer."""

    _inherit = "customer.success.shared"

    def _link_receivers(self):
        """Return the contacts who follow this record or got a mail about it, which has a link."""
        self.ensure_one()
        # A personal link is a notification, which the chatter does not show.
        messages = (
            self.env["mail.message"]
            .sudo()
            .search([("model", "=", self._name), ("res_id", "=", self.id)])
        )
        return (
            self.sudo().message_partner_ids | messages.partner_ids | messages.notified_partner_ids
        )

    def _end_links(self, gone):
        """Make the links invalid that were sent so far; end the share if nobody is left to whom it goes."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        people = customer._success_people().filtered("active") - gone
        is_read = people & self._link_receivers() or people.user_ids.filtered("active")
        if is_read:
            # A link has no name in it: who stays gets a new one with the next message.
            self.write({"access_token": str(uuid.uuid4())})
        else:
            self.write({"is_shared": False})
        names = ", ".join(gone.mapped("name"))
        self._message_log(
            body=self.env._(
                "%s has left the customer. Links that were sent so far no longer work; send new ones to who stays.",
                names,
            )
            if is_read
            else self.env._(
                "%s has left the customer. Nobody else had a link or a login, so it is no longer shared.",
                names,
            )
        )

from odoo import fields, models


class CustomerSuccessBarrier(models.Model):
    """What the customer's people do about a barrier in their portal."""

    _inherit = "customer.success.barrier"

    _portal_path = "barrier"

    def _portal_offers(self, contact):
        offers = super()._portal_offers(contact)
        if not self.is_open:
            return offers
        if not self.owner_contact_id:
            offers["own"] = ()
        elif self.authority != "granted":
            offers["authority"] = ()
        offers["progress"] = ("message",)
        offers["attach"] = ("file",)
        return offers

    def _portal_ask(self):
        if not self.is_open:
            return self.env._("Nothing: this barrier is no longer open.")
        if not self.owner_contact_id:
            return self.env._(
                "That somebody who can change this takes it on, and is given the authority to."
            )
        if self.authority != "granted":
            return self.env._(
                "That %s is given the authority to remove it. State it here once that is so.",
                self.owner_contact_id.name,
            )
        return self.env._(
            "That %s removes it, and tells here how it goes.", self.owner_contact_id.name
        )

    def _portal_own(self, contact):
        self.owner_contact_id = contact
        self._portal_message(self.env._("I take on this barrier."))

    def _portal_authority(self, contact):
        """Who stated it, and on which day, is the message's author and words."""
        owner = self.owner_contact_id
        today = fields.Date.context_today(self)
        self.write({"authority": "granted", "authority_date": today})
        self._portal_message(
            self.env._("I have been given the authority to remove this barrier.")
            if owner == contact
            else self.env._("%s has been given the authority to remove this barrier.", owner.name)
        )

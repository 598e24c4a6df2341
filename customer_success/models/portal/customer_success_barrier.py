from odoo import fields, models
from odoo.tools.translate import LazyTranslate

from . import portal_input
from .portal_kind import PortalAction, PortalKind

_lt = LazyTranslate(__name__)


class CustomerSuccessBarrier(models.Model):
    """The actions of the customer's people on a barrier in the portal."""

    _inherit = "customer.success.barrier"

    _portal_kind = PortalKind(
        path="barrier",
        title=_lt("Barriers"),
        text=_lt("The barriers that keep your people from using the system, and who removes them"),
        icon="/customer_success/static/img/portal_barrier.svg",
        sequence=10,
        list_template="customer_success.portal_success_barriers",
        page_template="customer_success.portal_success_barrier",
        sortings={
            "urgent": (_lt("Most Severe"), "severity desc, date_opened, id"),
            "due": (_lt("Due"), "date_due, id"),
            "newest": (_lt("Newest"), "date_opened desc, id desc"),
            "name": (_lt("Name"), "name, id"),
        },
        actions=(
            PortalAction(name="own", done=_lt("Thank you. You are now the owner of this barrier.")),
            PortalAction(name="authority", done=_lt("Recorded with your name and today's date.")),
            PortalAction(
                name="progress",
                done=_lt("Thank you: your report is below."),
                takes={"message": portal_input.required_text},
            ),
            PortalAction(
                name="attach",
                done=_lt("Thank you: your file is below."),
                takes={"file": portal_input.file},
            ),
        ),
        colours={
            "confirmed": "warning",
            "empowered": "info",
            "removing": "info",
            "removed": "success",
            "verified": "success",
        },
    )

    def _portal_offers(self, contact):
        offers = super()._portal_offers(contact)
        if not self.is_open:
            return offers
        if not self.owner_contact_id:
            offers.add("own")
        elif self.authority != "granted":
            offers.add("authority")
        return offers | {"progress", "attach"}

    def _portal_ask(self):
        if not self.is_open:
            return self.env._("Nothing, because this barrier is no longer open.")
        if not self.owner_contact_id:
            return self.env._(
                "Please find somebody who can change this, takes it on and is given the authority to do so."
            )
        if self.authority != "granted":
            return self.env._(
                "Please give %s the authority to remove it, and confirm it here once it is given.",
                self.owner_contact_id.name,
            )
        return self.env._(
            "%s removes it and reports the progress here.", self.owner_contact_id.name
        )

    def _portal_do_own(self, contact):
        self.owner_contact_id = contact
        self._portal_message(self.env._("I take on this barrier."))

    def _portal_do_authority(self, contact):
        """Record that the authority was given; the message records who stated it and on which day."""
        owner = self.owner_contact_id
        today = fields.Date.context_today(self)
        self.write({"authority": "granted", "authority_date": today})
        self._portal_message(
            self.env._("I have been given the authority to remove this barrier.")
            if owner == contact
            else self.env._("%s has been given the authority to remove this barrier.", owner.name)
        )

    def _portal_do_progress(self, contact, message):
        # A report waits for our answer.
        self.turn = "ours"
        self._portal_message(message)

    def _portal_do_attach(self, contact, file):
        self._portal_message(self.env._("A file for you:"), attachments=[file])

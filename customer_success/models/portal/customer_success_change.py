from odoo import models
from odoo.tools.translate import LazyTranslate

from . import portal_input
from .portal_kind import PortalAction, PortalKind

_lt = LazyTranslate(__name__)


class CustomerSuccessChange(models.Model):
    """The actions of the customer's people on a change in the portal."""

    _inherit = "customer.success.change"

    _portal_kind = PortalKind(
        path="change",
        title=_lt("Changes"),
        text=_lt("The changes for your people, and how many of them work the new way"),
        icon="/customer_success/static/img/portal_change.svg",
        sequence=30,
        list_template="customer_success.portal_success_changes",
        page_template="customer_success.portal_success_change",
        sortings={
            "date": (_lt("Date"), "date, id"),
            "name": (_lt("Name"), "name, id"),
        },
        actions=(
            PortalAction(
                name="adopted",
                done=_lt("Thank you. The number is updated."),
                takes={"people": portal_input.people_of("people_affected")},
                number="people",
            ),
        ),
        colours={"planned": "info", "running": "info", "done": "success"},
    )

    def _portal_offers(self, contact):
        offers = super()._portal_offers(contact)
        if self.is_open and self.people_affected:
            offers.add("adopted")
        return offers

    def _portal_unit(self, name):
        if name == "people":
            return self.env._("of %s people", self.people_affected)
        return super()._portal_unit(name)

    def _portal_ask(self):
        if not self.is_open:
            return self.env._("Nothing, because this change is completed.")
        if not self.people_affected:
            return self.env._("Tell us in a message below how many people it affects.")
        return self.env._(
            "Tell us how many people work the new way by now. People affected: %s.",
            self.people_affected,
        )

    def _portal_do_adopted(self, contact, people):
        self.write({"people_adopted": people, "turn": "ours"})
        self._portal_message(
            self.env._(
                "People who work the new way: %(adopted)s of %(affected)s.",
                adopted=people,
                affected=self.people_affected,
            )
        )

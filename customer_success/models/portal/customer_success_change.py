from odoo import models


class CustomerSuccessChange(models.Model):
    """What the customer's people do about a change in their portal."""

    _inherit = "customer.success.change"

    _portal_path = "change"

    def _portal_offers(self, contact):
        offers = super()._portal_offers(contact)
        if self.is_open and self.people_affected:
            offers["adopted"] = ("people",)
        return offers

    def _portal_ask(self):
        if not self.is_open:
            return self.env._("Nothing: this change is over.")
        if not self.people_affected:
            return self.env._("Tell us below how many people it affects.")
        return self.env._(
            "How many of the %s people affected work the new way by now.", self.people_affected
        )

    def _portal_adopted(self, contact, people):
        self.people_adopted = people
        self._portal_message(
            self.env._(
                "%(adopted)s of %(affected)s people work the new way.",
                adopted=people,
                affected=self.people_affected,
            )
        )

from odoo import fields, models


class CustomerSuccessObjective(models.Model):
    """What the customer's people do about an objective in their portal."""

    _inherit = "customer.success.objective"

    _portal_path = "objective"

    def _portal_offers(self, contact):
        offers = super()._portal_offers(contact)
        if self.is_open:
            offers["figure"] = ("value", "note")
        return offers

    def _portal_ask(self):
        if not self.is_open:
            return self.env._("Nothing: this objective is no longer open.")
        if self.metric:
            return self.env._("The actual figure, whenever you know a new one: %s.", self.metric)
        return self.env._("The actual figure, whenever you know a new one.")

    def _portal_figure(self, contact, value, note):
        """One more measurement, of today and by whoever is logged in; earlier ones stay."""
        self.env["customer.success.objective.measure"].create(
            {
                "objective_id": self.id,
                "date": fields.Date.context_today(self),
                "value": value,
                "note": note,
            }
        )
        text = self.env._(
            "Actual figure: %(value)s %(unit)s", value=f"{value:g}", unit=self.unit or ""
        ).strip()
        self._portal_message(f"{text}\n{note}" if note else text)

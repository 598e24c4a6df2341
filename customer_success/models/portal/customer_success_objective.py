from odoo import fields, models
from odoo.tools.translate import LazyTranslate

from . import portal_input
from .portal_kind import PortalAction, PortalKind

_lt = LazyTranslate(__name__)


class CustomerSuccessObjective(models.Model):
    """The actions of the customer's people on an objective in the portal."""

    _inherit = "customer.success.objective"

    _portal_kind = PortalKind(
        path="objective",
        title=_lt("Objectives"),
        text=_lt("The results that you want, and your progress"),
        icon="/customer_success/static/img/portal_objective.svg",
        sequence=20,
        list_template="customer_success.portal_success_objectives",
        page_template="customer_success.portal_success_objective",
        sortings={
            "due": (_lt("Due"), "date_due, id"),
            "name": (_lt("Name"), "name, id"),
        },
        actions=(
            PortalAction(
                name="figure",
                done=_lt("Thank you. Your figure is recorded."),
                takes={"value": portal_input.figure, "note": portal_input.text},
            ),
        ),
        colours={
            "open": "info",
            "reached": "success",
            "confirmed": "success",
            "missed": "danger",
        },
    )

    def _portal_offers(self, contact):
        offers = super()._portal_offers(contact)
        if self.is_open:
            offers.add("figure")
        return offers

    def _portal_ask(self):
        if not self.is_open:
            return self.env._("Nothing, because this objective is no longer open.")
        if self.metric:
            return self.env._(
                "Report the actual figure whenever you know a new one: %s.", self.metric
            )
        return self.env._("Report the actual figure whenever you know a new one.")

    def _portal_do_figure(self, contact, value, note):
        """Add a measurement of today by the logged-in person; earlier measurements stay."""
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

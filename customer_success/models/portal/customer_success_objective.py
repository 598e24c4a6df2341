from odoo import fields, models
from odoo.tools import format_date
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
                number="value",
            ),
            PortalAction(
                name="confirm",
                done=_lt("Thank you: the result is confirmed in your name."),
                takes={"reason": portal_input.text},
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
            if self._is_live():
                offers.add("confirm")
        return offers

    def _is_live(self):
        """Return whether a result of use can be confirmed today."""
        live = self.partner_id.success_go_live_date
        if self.partner_id.success_stage_id.phase == "before":
            return False
        return not live or live <= fields.Date.context_today(self)

    def _portal_unit(self, name):
        return self.unit if name == "value" else super()._portal_unit(name)

    def _portal_ask(self):
        if not self.is_open:
            return self.env._("Nothing, because this objective is no longer open.")
        if self.state == "reached" and self._is_live():
            return self.env._("That you confirm the result, or tell us what is still missing.")
        if self.metric:
            return self.env._(
                "Report the actual figure whenever you know a new one: %s.", self.metric
            )
        return self.env._("Report the actual figure whenever you know a new one.")

    def _portal_do_figure(self, contact, value, note):
        """Add a measurement of today by the logged-in person; earlier measurements stay. We look at it next."""
        self.turn = "ours"
        self.env["customer.success.objective.measure"].create(
            {
                "objective_id": self.id,
                "date": fields.Date.context_today(self),
                "value": value,
                "note": note,
            }
        )
        text = self.env._(
            "Actual figure: %(value)s %(unit)s",
            value=portal_input.shown(self.env, value),
            unit=self.unit or "",
        ).strip()
        self._portal_message(f"{text}\n{note}" if note else text)

    def _portal_do_confirm(self, contact, reason):
        """Confirm in the name of the contact, whose word in the portal is the evidence."""
        today = fields.Date.context_today(self)
        proof = self.env._(
            "Confirmed in the portal by %(contact)s on %(date)s.",
            contact=contact.name,
            date=format_date(self.env, today),
        )
        vals = {
            "confirmed_by_id": contact.id,
            "confirmed_date": today,
            "evidence": "\n".join(filter(None, [self.evidence, proof])),
            "state": "confirmed",
        }
        if reason:
            vals["shortfall_reason"] = reason
        self.write(vals)
        text = self.env._("I confirm this result.")
        self._portal_message(f"{text}\n{reason}" if reason else text)

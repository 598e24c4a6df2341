from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError

ERASE = "success_erase"  # the key of the context with which a history may be deleted


class History(NamedTuple):
    """Records that would be lost with their customer or contact."""

    model: str
    fields: tuple  # names of the fields that hold the partner
    domain: list
    label: str


class ResPartner(models.Model):
    """The protection of a history: who has one is archived, or erased on purpose, and never just deleted."""

    _inherit = "res.partner"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_success_history(self):
        if self.env.context.get(ERASE):
            return
        found = self._success_history()
        if found:
            raise UserError(
                self.env._(
                    "%(names)s cannot be deleted, because a history would be lost: %(history)s. Archive the record "
                    "instead. If personal data must be erased for good, a customer success manager can do that with "
                    "Action > Erase with History.",
                    names=", ".join(self.mapped("display_name")[:3]),
                    history=", ".join(found),
                )
            )

    def _success_history(self):
        """Return the kinds of history of these partners, or of the contacts of these companies, as labels."""
        partners = self.sudo()._success_with_contacts()
        found = []
        for history in self._success_histories():
            records = self.env[history.model].sudo().with_context(active_test=False)
            if any(
                records.search_count([(name, "in", partners.ids), *history.domain], limit=1)
                for name in history.fields
            ):
                found.append(history.label)
        return found

    def _success_with_contacts(self):
        """Return these partners and the contacts of these companies, archived ones too; subsidiaries stay out of it."""
        return self.with_context(active_test=False).search(
            [
                ("id", "child_of", self.ids),
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
            ]
        )

    def _success_let_go(self):
        """Take these contacts off what would keep them from being erased; each wing lets go of its own."""
        return None

    @api.model
    def _success_histories(self):
        """Return the kinds of :class:`History`; each wing adds its own."""
        return [
            History(
                "customer.success.stage.move",
                ("partner_id",),
                [("from_stage_id", "!=", False)],
                self.env._("moves between stages"),
            ),
            History(
                "customer.success.stakeholder",
                ("partner_id", "contact_id"),
                [],
                self.env._("roles as stakeholders"),
            ),
        ]

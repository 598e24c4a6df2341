from odoo import models
from odoo.exceptions import RedirectWarning
from odoo.fields import Domain

# The answers that a departure takes out of the score, and whose loss looks like progress.
WORRYING = Domain("signal", "in", ("concern", "blocker")) | Domain("rating", "in", ("1", "2"))


class ResPartner(models.Model):
    """A contact with worrying answers: archiving it asks first, and the customer's chatter keeps that they count no more.

    Only people are asked. Merges, privacy tools and jobs write the field themselves or run in sudo.
    """

    _inherit = "res.partner"

    def action_archive(self):
        worries = {} if self.env.su else self._success_worries()
        if worries and not self.env.context.get("success_pending_confirmed"):
            raise RedirectWarning(
                self.env._(
                    "These people gave answers with concerns or blockers:\n%s\n\nOnce archived, they count as people who have "
                    "left, and their answers no longer count. If they are still there, talk with them instead.",
                    "\n".join(f"- {contact.name}: {len(a)}" for contact, a in worries.items()),
                ),
                self.env.ref("customer_success.res_partner_action_success_archive_contact").id,
                self.env._("They Have Left"),
                {"active_model": "res.partner", "active_ids": self.ids, "active_id": self.ids[0]},
            )
        return super().action_archive()

    def write(self, vals):
        leaves = vals.get("active") is False or "parent_id" in vals
        worries = self._success_worries() if leaves and not self.env.su else {}
        result = super().write(vals)
        for contact, answers in worries.items():
            gone = answers.filtered(lambda answer: not answer.is_current)
            for customer in gone.partner_id:
                customer._message_log(
                    body=self.env._(
                        "%(user)s archived %(contact)s or moved them to another company. Their answers with concerns or "
                        "blockers no longer count: %(number)d.",
                        user=self.env.user.name,
                        contact=contact.name,
                        number=len(gone.filtered(lambda a, of=customer: a.partner_id == of)),
                    )
                )
        return result

    def _success_worries(self):
        """Return ``{contact: its current answers with concerns or blockers}``, by one query."""
        answers = (
            self.env["customer.success.answer"]
            .sudo()
            .search(
                Domain("contact_id", "in", self.ids) & Domain("is_current", "=", True) & WORRYING
            )
        )
        return answers.grouped("contact_id")

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_split

from .customer_success_interaction import KINDS, LEAKED


class CustomerSuccessHandoff(models.Model):
    """The person or team that receives work which is not customer success work."""

    _name = "customer.success.handoff"
    _description = "Hand-Off of Work"
    _order = "kind, company_id"
    _rec_name = "kind"

    kind = fields.Selection([kind for kind in KINDS if kind[0] in LEAKED], required=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        help="Leave empty to apply this to all companies.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Activity For",
        domain=[("share", "=", False)],
        ondelete="set null",
        help="This user gets an activity on the customer.",
    )
    email = fields.Char("Email To", help="The email address of the team, such as its helpdesk.")

    _kind_uniq = models.UniqueIndex(
        "(kind, COALESCE(company_id, 0))",
        "A hand-off for this kind of work and company already exists. Change that entry instead.",
    )

    @api.constrains("kind", "user_id", "email")
    def _check_somebody(self):
        for handoff in self:
            if not handoff.user_id and not handoff.email:
                raise ValidationError(self.env._("Enter a user or the email address of a team."))
            if handoff.email and not email_split(handoff.email):
                raise ValidationError(
                    self.env._(
                        "%s is not an email address, so nobody would receive the work.",
                        handoff.email,
                    )
                )

    @api.model
    def _of(self, kind, company):
        """Return the hand-off of this kind of work for the company, else for all companies, in sudo."""
        found = self.sudo().search(
            [("kind", "=", kind), ("company_id", "in", [company.id, False])],
            order="company_id nulls last",
        )
        return found.filtered(lambda handoff: handoff._can_take())[:1]

    @api.model
    def _to(self, user, interaction):
        """Return a hand-off to a person who was chosen for this conversation; it is not stored, and in sudo.

        Raise ``ValidationError`` if the person could not see the customer.
        """
        user = user.sudo()
        seen = interaction.partner_id.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        if user.share or not user.active or not seen.has_access("read"):
            raise ValidationError(
                self.env._(
                    "%(user)s cannot see %(customer)s. Choose somebody else.",
                    user=user.name,
                    customer=interaction.partner_id.name,
                )
            )
        return self.sudo().new({"kind": interaction.kind, "user_id": user.id})

    def _receivers(self):
        """Return the names and addresses of those who would receive the work, as text; empty if nobody would."""
        return ", ".join(filter(None, self._receiver_names()))

    def _receiver_names(self):
        """Return the names of each recipient, with empty texts for those not set."""
        return [self.user_id.name if self.user_id.active else "", self.email or ""]

    def _take(self, interaction):
        """Hand a conversation over; return the names and addresses of those who receive it."""
        self.ensure_one()
        what = self.env._("Handed on: %s", interaction.name)
        note = Markup("<p>%s</p>") % (interaction.summary or "")
        return ", ".join(filter(None, self._hand_on(interaction, what, note)))

    def _hand_on(self, interaction, what, note):
        """Hand over to each recipient; return their names, with empty texts for those not set."""
        return [
            self._give_person(interaction, what, note),
            self._give_mail(interaction, what, note),
        ]

    def _give_person(self, interaction, what, note):
        if not self.user_id.active:
            return ""
        interaction.partner_id.sudo().activity_schedule(
            "mail.mail_activity_data_todo", summary=what, note=note, user_id=self.user_id.id
        )
        return self.user_id.name

    def _give_mail(self, interaction, what, note):
        if not self.email:
            return ""
        self.env["mail.mail"].sudo().create(
            {
                "subject": what,
                "body_html": note,
                "email_to": self.email,
                "email_from": self.env.user.email_formatted,
                "author_id": self.env.user.partner_id.id,
                "model": interaction._name,
                "res_id": interaction.id,
            }
        )
        return self.email

    def _can_take(self):
        """Return True if there is an email address or an active user."""
        return bool(self.email or self.user_id.active)

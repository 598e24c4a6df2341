from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_success_interaction import KINDS, LEAKED


class CustomerSuccessHandoff(models.Model):
    """Who takes over work that is not a CSM's: a person, a team's mail address, or both."""

    _name = "customer.success.handoff"
    _description = "Handing On of Work"
    _order = "kind, company_id"
    _rec_name = "kind"

    kind = fields.Selection([kind for kind in KINDS if kind[0] in LEAKED], required=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", help="Empty: for all companies."
    )
    user_id = fields.Many2one(
        "res.users",
        "Activity For",
        domain=[("share", "=", False)],
        ondelete="set null",
        help="Gets an activity on the customer.",
    )
    email = fields.Char("Mail To", help="The address of the team, such as its helpdesk's.")

    _kind_uniq = models.UniqueIndex(
        "(kind, COALESCE(company_id, 0))", "Who takes over this kind of work is set already."
    )

    @api.constrains("user_id", "email")
    def _check_somebody(self):
        for handoff in self:
            if not handoff.user_id and not handoff.email:
                raise ValidationError(self.env._("Name a person, or the mail address of a team."))

    @api.model
    def _of(self, kind, company):
        """Who takes over this kind of work in this company, else in all companies, in sudo."""
        found = self.sudo().search(
            [("kind", "=", kind), ("company_id", "in", [company.id, False])],
            order="company_id nulls last",
        )
        return found.filtered(lambda handoff: handoff.email or handoff.user_id.active)[:1]

    def _take(self, interaction):
        """Hand over a conversation; return to whom, in words."""
        self.ensure_one()
        what = self.env._("Handed on: %s", interaction.name)
        note = Markup("<p>%s</p>") % (interaction.summary or "")
        to = []
        if self.user_id.active:
            interaction.partner_id.sudo().activity_schedule(
                "mail.mail_activity_data_todo", summary=what, note=note, user_id=self.user_id.id
            )
            to.append(self.user_id.name)
        if self.email:
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
            to.append(self.email)
        return ", ".join(to)

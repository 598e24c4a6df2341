from odoo import api, fields, models


class CustomerSuccessHandoff(models.Model):
    """A hand-off to a team of the helpdesk, with a ticket instead of an activity."""

    _inherit = "customer.success.handoff"

    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        "Helpdesk Team",
        ondelete="set null",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        help="The hand-off opens a ticket in this team, assigned to the person of the hand-off if they are a member.",
    )

    @api.constrains("kind", "user_id", "email", "team_id")
    def _check_somebody(self):
        return super(
            CustomerSuccessHandoff, self.filtered(lambda handoff: not handoff.team_id)
        )._check_somebody()

    def _can_take(self):
        return self.team_id.active or super()._can_take()

    def _receiver_names(self):
        person, email = super()._receiver_names()
        team = self.team_id.sudo()
        return [team.name, email] if team.active else [person, email]

    def _hand_on(self, interaction, what, note):
        return [
            self._give_team(interaction, what, note),
            *super()._hand_on(interaction, what, note),
        ]

    def _give_person(self, interaction, what, note):
        if self.team_id.active:
            return ""
        return super()._give_person(interaction, what, note)

    def _give_team(self, interaction, what, note):
        """Open a ticket and return its team and number as text; return an empty text without an active team.

        Customers may see tickets, so the summary of the CSM goes into an internal note.
        """
        team = self.team_id.sudo()
        if not team.active:
            return ""
        contact = interaction.contact_ids[:1] or interaction.partner_id
        ticket = (
            self.env["helpdesk.ticket"]
            .sudo()
            .create(
                {
                    "name": interaction.name,
                    "description": self.env._(
                        "Handed on by %(name)s from a conversation.", name=interaction.user_id.name
                    ),
                    "partner_id": contact.id,
                    "partner_name": contact.name,
                    "partner_email": contact.email,
                    "team_id": team.id,
                    "company_id": (
                        team.company_id or interaction.company_id or interaction.user_id.company_id
                    ).id,
                    "user_id": self.user_id.id if self.user_id in team.user_ids else False,
                }
            )
        )
        if interaction.summary:
            ticket.message_post(
                body=note,
                author_id=interaction.user_id.partner_id.id,
                subtype_xmlid="mail.mt_note",
            )
        ticket.message_subscribe(partner_ids=interaction.user_id.partner_id.ids)
        interaction.sudo().ticket_id = ticket
        return self.env._("%(team)s (ticket %(number)s)", team=team.name, number=ticket.number)

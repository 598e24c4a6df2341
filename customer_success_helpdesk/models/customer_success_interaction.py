from odoo import fields, models


class CustomerSuccessInteraction(models.Model):
    """The ticket to which a conversation was handed on, and its result."""

    _inherit = "customer.success.interaction"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    ticket_stage_id = fields.Many2one(related="ticket_id.stage_id", string="Ticket Stage")
    date_handed_done = fields.Date(
        "Hand-off Done On",
        readonly=True,
        copy=False,
        help="The day on which the ticket of the hand-off was closed.",
    )

    def _ticket_settled(self):
        """Close or reopen the hand-off after its ticket was closed or reopened, and notify the CSM."""
        today = fields.Date.context_today(self)
        for interaction in self:
            ticket = interaction.ticket_id
            if ticket.closed and not interaction.date_handed_done:
                interaction.date_handed_done = today
                interaction.message_post(
                    body=self.env._(
                        "Ticket %(number)s is closed. Its stage is %(stage)s.",
                        number=ticket.number,
                        stage=ticket.stage_id.name,
                    ),
                    partner_ids=interaction.user_id.partner_id.ids,
                    subtype_xmlid="mail.mt_note",
                )
            elif not ticket.closed and interaction.date_handed_done:
                interaction.date_handed_done = False
                interaction._message_log(body=self.env._("Ticket %s was reopened.", ticket.number))

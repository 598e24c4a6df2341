from odoo import fields, models


class CustomerSuccessInteraction(models.Model):
    """What became of the ticket that a conversation was handed on as."""

    _inherit = "customer.success.interaction"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    ticket_stage_id = fields.Many2one(related="ticket_id.stage_id", string="Ticket's Stage")
    date_handed_done = fields.Date(
        "Handed On and Done", readonly=True, copy=False, help="When its ticket was closed."
    )

    def _ticket_settled(self):
        """Its ticket was closed or opened again: so is the hand-off, and the CSM is told."""
        today = fields.Date.context_today(self)
        for interaction in self:
            ticket = interaction.ticket_id
            if ticket.closed and not interaction.date_handed_done:
                interaction.date_handed_done = today
                interaction.message_post(
                    body=self.env._(
                        "Ticket %(number)s is closed: %(stage)s.",
                        number=ticket.number,
                        stage=ticket.stage_id.name,
                    ),
                    partner_ids=interaction.user_id.partner_id.ids,
                    subtype_xmlid="mail.mt_note",
                )
            elif not ticket.closed and interaction.date_handed_done:
                interaction.date_handed_done = False
                interaction._message_log(
                    body=self.env._("Ticket %s was opened again.", ticket.number)
                )

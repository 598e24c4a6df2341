from odoo import api, models

COUNTS = {"stage_id", "partner_id", "priority", "active", "duplicate_id"}


class HelpdeskTicket(models.Model):
    """A ticket as a fact about its customer, whose changes may change the scores."""

    _inherit = "helpdesk.ticket"

    _success_idx = models.Index("(commercial_partner_id) WHERE commercial_partner_id IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._success_changed(tickets.sudo().commercial_partner_id)
        return tickets

    def write(self, vals):
        if not COUNTS & vals.keys():
            return super().write(vals)
        customers = self.sudo().commercial_partner_id
        closed = {ticket.id: ticket.closed for ticket in self.sudo()}
        result = super().write(vals)
        self._success_changed(customers | self.sudo().commercial_partner_id)
        self.sudo().filtered(
            lambda ticket: ticket.closed != closed[ticket.id]
        )._success_handed_settled()
        return result

    def unlink(self):
        customers = self.sudo().commercial_partner_id
        result = super().unlink()
        self._success_changed(customers)
        return result

    def _success_changed(self, customers):
        self.env["customer.success.score.request"].sudo()._add(customers)

    def _success_handed_settled(self):
        interactions = self.env["customer.success.interaction"].search(
            [("ticket_id", "in", self.ids)]
        )
        interactions._ticket_settled()

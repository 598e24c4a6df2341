from odoo import fields, models


class CustomerSuccessDecline(models.TransientModel):
    """A dialog that asks why advice is declined, so that managers see which advice is not taken."""

    _name = "customer.success.decline"
    _description = "Decline Advice"

    advice_id = fields.Many2one("customer.success.advice", required=True, ondelete="cascade")
    name = fields.Char(related="advice_id.recommendation_id.name")
    reason = fields.Char(required=True)

    def action_decline(self):
        """Decline the advice with the reason and close the dialog."""
        self.ensure_one()
        self.advice_id.check_access("read")
        self.advice_id._decide("declined", self.reason)
        return {"type": "ir.actions.act_window_close"}

from odoo import fields, models


class CustomerSuccessRenewalWithdrawal(models.TransientModel):
    """A dialog that asks why a notice is withdrawn."""

    _name = "customer.success.renewal.withdrawal"
    _description = "Withdrawal of a Notice"

    renewal_id = fields.Many2one(
        "customer.success.renewal", required=True, readonly=True, ondelete="cascade"
    )
    reason = fields.Char(required=True)

    def action_withdraw(self):
        """Withdraw the notice, or ask a manager to agree."""
        self.ensure_one()
        self.renewal_id._withdraw_notice(self.reason)
        return {"type": "ir.actions.act_window_close"}

from odoo import fields, models

from .customer_success_answer import RATINGS, SIGNALS


class CustomerSuccessAnswerEdit(models.Model):
    """What an answer said before it was corrected, who corrected it and why. Append-only."""

    _name = "customer.success.answer.edit"
    _description = "Correction of an Answer"
    _order = "id desc"
    _rec_name = "reason"

    answer_id = fields.Many2one(
        "customer.success.answer", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", "Corrected By", required=True, ondelete="restrict")
    create_date = fields.Datetime("Corrected On", readonly=True)
    reason = fields.Char("Why", required=True)
    answer = fields.Text("It Said")
    signal = fields.Selection(SIGNALS, "With Signal")
    rating = fields.Selection(RATINGS, "With Rating")
    date = fields.Date("Dated")

from odoo import fields, models

from .customer_success_answer import RATINGS, SIGNALS


class CustomerSuccessAnswerEdit(models.Model):
    """The content of an answer before a correction, with the user and the reason. Append-only."""

    _name = "customer.success.answer.edit"
    _description = "Correction of an Answer"
    _order = "id desc"
    _rec_name = "reason"

    answer_id = fields.Many2one(
        "customer.success.answer", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", "Corrected By", required=True, ondelete="restrict")
    create_date = fields.Datetime("Corrected On", readonly=True)
    reason = fields.Char(required=True)
    answer = fields.Text("Former Answer")
    signal = fields.Selection(SIGNALS, "Former Signal")
    rating = fields.Selection(RATINGS, "Former Rating")
    date = fields.Date("Former Date")

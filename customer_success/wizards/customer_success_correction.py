from odoo import api, fields, models

from ..models.advisor.customer_success_answer import RATINGS, SIGNALS


class CustomerSuccessCorrection(models.TransientModel):
    """A dialog that corrects an answer that was written down wrong, and keeps the former one."""

    _name = "customer.success.correction"
    _description = "Correct an Answer"

    answer_id = fields.Many2one(
        "customer.success.answer", "Answer to Correct", required=True, ondelete="cascade"
    )
    question = fields.Char(related="answer_id.question_id.name")
    answer = fields.Text("What They Said")
    signal = fields.Selection(SIGNALS)
    rating = fields.Selection(RATINGS)
    date = fields.Date(required=True)
    reason = fields.Char(required=True)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        answer = self.env["customer.success.answer"].browse(values.get("answer_id"))
        return {**values, **{name: answer[name] for name in ("answer", "signal", "rating", "date")}}

    def action_correct(self):
        """Correct the answer and close the dialog."""
        self.ensure_one()
        values = {name: self[name] for name in ("answer", "signal", "rating", "date")}
        self.answer_id._correct(values, self.reason)
        return {"type": "ir.actions.act_window_close"}

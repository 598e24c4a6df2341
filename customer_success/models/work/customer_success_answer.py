from odoo import api, fields, models


class CustomerSuccessAnswer(models.Model):
    """An answer that proposes advice if it is worrying, and records the effect of earlier advice."""

    _inherit = "customer.success.answer"

    advice_ids = fields.One2many("customer.success.advice", "answer_id", "Recommendations")

    @api.model_create_multi
    def create(self, vals_list):
        answers = super().create(vals_list)
        advice = self.env["customer.success.advice"]
        advice._follow_up(answers)
        advice._propose(answers.filtered("is_current"))
        return answers

    def write(self, vals):
        result = super().write(vals)
        if "signal" in vals:
            advice = self.env["customer.success.advice"]
            advice._propose_anew(self)
            advice._follow_up_anew(self)
        return result

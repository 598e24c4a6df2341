from odoo import models


class CustomerSuccessAnswer(models.Model):
    """An answer fills in the check of the success plan that its question is linked to."""

    _inherit = "customer.success.answer"

    def write(self, vals):
        result = super().write(vals)
        if {"signal", "rating"} & vals.keys():
            self._fill_plans({(answer.partner_id.id, answer.question_id.id) for answer in self})
        return result

    def _refresh_current(self, pairs=()):
        result = super()._refresh_current(pairs)
        self._fill_plans(
            {*pairs, *((answer.partner_id.id, answer.question_id.id) for answer in self)}
        )
        return result

    def _fill_plans(self, pairs):
        """Fill in the plans of these customers; ``pairs`` are ``(partner_id, question_id)``."""
        questions = self.env["customer.success.question"].sudo().browse({q for _p, q in pairs})
        linked = set(questions.filtered("plan_check").ids)
        if found := {partner_id for partner_id, question_id in pairs if question_id in linked}:
            self.env["customer.success.plan"]._take_answers(found)

from odoo import models


class CustomerSuccessQuestion(models.Model):
    """A question with what happened after it was answered."""

    _name = "customer.success.question"
    _inherit = ["customer.success.question", "customer.success.measured"]
    _effect_kind = "question"

from odoo import fields, models


class CustomerSuccessAnswer(models.Model):
    """The barriers that an answer told of."""

    _inherit = "customer.success.answer"

    barrier_ids = fields.One2many("customer.success.barrier", "answer_id", "Barriers")

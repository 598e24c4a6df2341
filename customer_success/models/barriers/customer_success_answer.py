from odoo import fields, models


class CustomerSuccessAnswer(models.Model):
    """The barriers that were created from an answer."""

    _inherit = "customer.success.answer"

    barrier_ids = fields.One2many("customer.success.barrier", "answer_id", "Barriers")

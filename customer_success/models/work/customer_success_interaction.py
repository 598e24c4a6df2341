from odoo import fields, models


class CustomerSuccessInteraction(models.Model):
    """The advice that the answers of a conversation ask for."""

    _inherit = "customer.success.interaction"

    advice_ids = fields.One2many(
        "customer.success.advice",
        "interaction_id",
        "What to Do about Worrying Answers",
        readonly=True,
    )

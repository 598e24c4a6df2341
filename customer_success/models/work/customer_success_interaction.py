from odoo import fields, models


class CustomerSuccessInteraction(models.Model):
    """A conversation with the advice that its answers propose."""

    _inherit = "customer.success.interaction"

    advice_ids = fields.One2many(
        "customer.success.advice",
        "interaction_id",
        "Recommendations for Worrying Answers",
        readonly=True,
    )

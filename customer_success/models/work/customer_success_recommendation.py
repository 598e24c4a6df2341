from odoo import models


class CustomerSuccessRecommendation(models.Model):
    """A recommendation with what happened after it was accepted."""

    _name = "customer.success.recommendation"
    _inherit = ["customer.success.recommendation", "customer.success.measured"]
    _effect_kind = "advice"

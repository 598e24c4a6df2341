from odoo import fields, models

from .customer_success_plan_content import CAPABILITY, LEADERS


class CustomerSuccessQuestion(models.Model):
    """A question whose answers fill in a check of the success plan."""

    _inherit = "customer.success.question"

    plan_check = fields.Selection(
        lambda self: [
            (name, self.env["customer.success.plan"]._fields[name].string)
            for name in (*LEADERS, *CAPABILITY)
        ],
        "Fills In",
        help="The newest answer to this question fills in this check of the success plan, unless somebody has set it by hand.",
    )

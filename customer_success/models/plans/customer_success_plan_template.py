from odoo import fields, models


class CustomerSuccessPlanTemplate(models.Model):
    """A template of a success plan, so that nobody starts from an empty one."""

    _name = "customer.success.plan.template"
    _inherit = ["customer.success.plan.content"]
    _description = "Template of a Success Plan"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

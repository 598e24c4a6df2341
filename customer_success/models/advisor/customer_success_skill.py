from odoo import fields, models


class CustomerSuccessSkill(models.Model):
    """A skill that the customer's team or the CSM needs for success with a system."""

    _name = "customer.success.skill"
    _description = "Skill"
    _order = "holder, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    holder = fields.Selection(
        [("customer", "The Customer's Team"), ("csm", "The CSM")], required=True, default="customer"
    )
    description = fields.Text(translate=True)
    advice = fields.Char(
        "What Usually Closes a Gap",
        translate=True,
        help="The step that is proposed when the level of this skill is too low.",
    )

from odoo import fields, models


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    success_for_former = fields.Boolean(
        "For Former Customers",
        help="Such activities are steps for leaving well or for winning back: they stay in My Day when the customer has left, "
        "and are not closed with its other work. The dialog that ends a renewal offers the plans that have such steps.",
    )

from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    success_renews = fields.Boolean(
        "Renewable",
        groups="base.group_user",
        help="Confirming an order of this product creates a renewal for the customer.",
    )
    success_term_months = fields.Integer(
        "Term in Months",
        default=12,
        groups="base.group_user",
        help="The number of months that one order of this product lasts. Its price is for the whole term.",
    )
    success_notice_days = fields.Integer(
        "Notice in Days",
        default=90,
        groups="base.group_user",
        help="The number of days before the end by which the customer must give notice. Use 0 for no notice date.",
    )

    _check_success_term = models.Constraint(
        "CHECK(NOT success_renews OR success_term_months BETWEEN 1 AND 240)",
        "A term must last from 1 to 240 months.",
    )
    _check_success_notice = models.Constraint(
        "CHECK(NOT success_renews OR success_notice_days BETWEEN 0 AND 28 * success_term_months)",
        "The notice period cannot be longer than the term.",
    )

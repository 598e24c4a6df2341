from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    success_renews = fields.Boolean(
        "Has to Be Renewed",
        groups="base.group_user",
        help="Confirming an order of it opens a renewal for the customer.",
    )
    success_term_months = fields.Integer(
        "Term in Months",
        default=12,
        groups="base.group_user",
        help="How long one order of it lasts; its price is that of the whole term.",
    )
    success_notice_days = fields.Integer(
        "Notice in Days",
        default=90,
        groups="base.group_user",
        help="How long before the end they may give notice at the latest; 0 for none.",
    )

    _check_success_term = models.Constraint(
        "CHECK(NOT success_renews OR success_term_months BETWEEN 1 AND 240)",
        "A term takes from 1 to 240 months.",
    )
    _check_success_notice = models.Constraint(
        "CHECK(NOT success_renews OR success_notice_days BETWEEN 0 AND 28 * success_term_months)",
        "Notice is given within the term.",
    )

from odoo import fields, models

from .customer_success_renewal_terms import UNITS


class ProductTemplate(models.Model):
    """The usual terms of a product, which each new contract term of it takes over where nothing else is said."""

    _inherit = "product.template"

    success_term_months = fields.Integer(
        "Term in Months",
        groups="base.group_user",
        help="The usual length of a term. The end of a new renewal is proposed from it.",
    )
    success_auto_renew = fields.Boolean(
        "Renews Itself",
        groups="base.group_user",
        help="A new term of this product renews itself unless notice is given. Terms that there are stay as they are.",
    )
    success_notice_period = fields.Integer(
        "Notice Period",
        groups="base.group_user",
        help="The usual number of days, weeks or months of notice. Use 0 for no notice date.",
    )
    success_notice_unit = fields.Selection(
        UNITS, "Unit of the Notice Period", default="months", groups="base.group_user"
    )

    _check_success_term_months = models.Constraint(
        "CHECK(success_term_months BETWEEN 0 AND 240)",
        "A term must last from 1 to 240 months. Use 0 if it has no usual length.",
    )
    _check_success_notice_period = models.Constraint(
        "CHECK(success_notice_period >= 0 AND (COALESCE(success_term_months, 0) = 0"
        " OR success_notice_period <= success_term_months"
        " * CASE success_notice_unit WHEN 'days' THEN 28 WHEN 'weeks' THEN 4 ELSE 1 END))",
        "The notice period cannot be longer than the term.",
    )

from odoo import api, fields, models

USUAL_MONTHS, USUAL_NOTICE_DAYS = 12, 90


class ProductTemplate(models.Model):
    """A product whose orders make renewals, on its usual terms."""

    _inherit = "product.template"

    success_renews = fields.Boolean(
        "Renewable",
        groups="base.group_user",
        help="Confirming an order of this product creates a renewal for the customer.",
    )
    success_term_months = fields.Integer(
        default=USUAL_MONTHS,
        help="The number of months that one order of this product lasts. Its price is for the whole term.",
    )

    _check_success_term = models.Constraint(
        "CHECK(NOT success_renews OR success_term_months BETWEEN 1 AND 240)",
        "A term must last from 1 to 240 months.",
    )

    @api.onchange("success_renews")
    def _onchange_success_renews(self):
        """Propose usual terms when a product becomes renewable."""
        if self.success_renews and not self._origin.success_renews:
            self.success_term_months = self.success_term_months or USUAL_MONTHS
            if not self.success_notice_period:
                self.success_notice_period, self.success_notice_unit = USUAL_NOTICE_DAYS, "days"

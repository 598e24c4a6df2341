from odoo import api, models
from odoo.tools import SQL


class ProductProduct(models.Model):
    """The renewals of a product, which read the use of its successor, and count as terms of it."""

    _inherit = "product.product"

    @api.model
    def _success_facts(self):
        return [*super()._success_facts(), "customer.success.renewal"]

    def unlink(self):
        self._ask_revenue()
        return super().unlink()

    def _rescore_success(self):
        result = super()._rescore_success()
        self._ask_revenue()
        return result

    def _ask_revenue(self):
        """Request that the revenue of the customers be stored anew who have a term of one of these products or its line."""
        self.env["customer.success.revenue.request"]._add_from(
            SQL(
                "SELECT partner_id FROM customer_success_renewal WHERE product_id = ANY(%s)",
                self._success_line().ids,
            )
        )

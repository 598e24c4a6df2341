from datetime import datetime

from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.customer_success.tests.common import SuccessCase


class OrderCase(SuccessCase):
    """A base class with a renewable product and a seller without rights on renewals; today is 2026-06-15."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(cls.env, "test_seller", "sales_team.group_sale_salesman")
        cls.product.write(
            {
                "type": "service",
                "list_price": 120.0,
                "taxes_id": [Command.clear()],
                "success_renews": True,
                "success_term_months": 12,
                "success_notice_period": 90,
                "success_notice_unit": "days",
            }
        )
        cls.customer = cls._customer("Acme")

    @classmethod
    def _order(cls, partner=None, quantity=50, confirm=True, product=None, price=120.0, **vals):
        order = (
            cls.env["sale.order"]
            .with_user(cls.seller)
            .create(
                {
                    "partner_id": (partner or cls.customer).id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": (product or cls.product).id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **vals,
                }
            )
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _later(cls, *moment):
        """Return the values of an order that is delivered on a day."""
        return {"commitment_date": datetime(*moment, 12)}

    def _renewals(self, customer=None):
        return self.env["customer.success.renewal"].search(
            [("partner_id", "=", (customer or self.customer).id)], order="date_renewal"
        )

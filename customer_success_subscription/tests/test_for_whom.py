from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .test_subscription import SubscriptionCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForWhom(SubscriptionCase):
    """A subscription of a reseller is the term of the customer who uses the product."""

    def setUp(self):
        super().setUp()
        self.reseller = self.env["res.partner"].create({"name": "Resell Ltd", "is_company": True})
        self.other = self._customer("Other")

    def test_the_term_stands_where_the_product_is_used(self):
        self._subscribe(self._contact(self.reseller), success_for_id=self.customer.id)
        term = self._renewals()
        self.assertEqual((term.seats, term.buyer_id), (40, self.reseller))
        self.assertFalse(self._renewals(self.reseller))

    def test_another_customer_gets_the_term(self):
        subscription = self._subscribe(self.reseller, success_for_id=self.customer.id)
        term = self._renewals()
        subscription.with_user(self.manager).success_for_id = self.other
        self.env.cr.flush()
        self.assertEqual(self._renewals(self.other), term)
        self.assertEqual(term.buyer_id, self.reseller)
        subscription.with_user(self.manager).success_for_id = self.reseller
        self.env.cr.flush()
        self.assertFalse(self._renewals(self.other) | self._renewals(self.reseller))

    def test_innocent_who_buys_for_itself_has_no_buyer(self):
        self._subscribe(success_for_id=self.customer.id)
        self.assertFalse(self._renewals().buyer_id)

    # -- subscriptions of orders ----------------------------------------------------------------

    def _ordered(self, **vals):
        self.product.write(
            {
                "type": "service",
                "success_renews": True,
                "subscribable": True,
                "subscription_template_id": self.monthly.id,
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.reseller.id,
                "user_id": self.sales.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product.id, "product_uom_qty": 5, "price_unit": 10.0}
                    )
                ],
                **vals,
            }
        )
        order.action_confirm()
        self.env.cr.flush()
        return order.with_user(self.manager)

    def test_the_subscription_of_an_order_is_for_whom_the_order_is(self):
        order = self._ordered(success_for_id=self.customer.id)
        term = self._renewals()
        self.assertEqual((term.seats, term.buyer_id), (5, self.reseller))
        order.success_for_id = self.other
        self.env.cr.flush()
        self.assertEqual(self._renewals(self.other), term)

    def test_it_waits_for_the_answer_of_its_order(self):
        self.reseller.success_stage_id = self.stages["first_use"]
        order = self._ordered(partner_shipping_id=self.customer.id)
        self.assertFalse(self._renewals() | self._renewals(self.reseller))
        self.assertTrue(order.activity_ids)
        order.action_success_for_delivery()
        self.env.cr.flush()
        self.assertEqual(self._renewals().buyer_id, self.reseller)
        self.assertFalse(order.activity_ids)

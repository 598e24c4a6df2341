from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .common import OrderCase

CONFIRM = "customer_success.mail_activity_type_renewal_confirm"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReplacedByOrders(OrderCase):
    """An order of another product that begins as a term ends: the CSM is asked if it takes its place, and nothing changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analytics = cls.env["product.product"].create(
            {"name": "Analytics", "type": "service", "taxes_id": [], "success_renews": True}
        )
        cls.term = cls._renewal(
            cls.customer, 10000, date_start="2025-07-01", date_renewal="2026-07-01"
        )

    def _asked(self, term=None):
        return (term or self.term).activity_search([CONFIRM])

    def _came(self):
        return self._renewals().filtered(lambda term: term.product_id == self.analytics)

    def test_it_is_proposed_and_the_dialog_takes_it(self):
        self._order(product=self.analytics, quantity=10, price=1200.0, **self._later(2026, 7, 1))
        came = self._came()
        self.assertEqual((self.term.outcome, self.term.replaced_by_id), ("pending", came.browse()))
        self.assertEqual(self._asked().user_id, self.csm)
        self.assertIn("Analytics", self._asked().note)
        dialog = self.env["customer.success.renewal.end"].with_user(self.csm)
        dialog = dialog.create({"renewal_id": self.term.id, "outcome": "expanded"})
        self.assertEqual(dialog.candidate_ids, came)
        dialog.replaced_by_id = came
        dialog.renewed_value = 12000
        dialog.action_end()
        self.assertEqual((self.term.outcome, self.term.replaced_by_id), ("expanded", came))
        self.assertFalse(self._asked())

    def test_it_is_asked_once(self):
        order = self._order(product=self.analytics, **self._later(2026, 7, 1))
        activity = self._asked()
        order.order_line.product_uom_qty = 60
        self.assertEqual(self._asked(), activity)

    def test_the_named_successor_is_proposed_first(self):
        other = self.env["product.product"].create(
            {"name": "Other", "type": "service", "taxes_id": [], "success_renews": True}
        )
        self.product.success_successor_id = self.analytics
        lines = [
            Command.create({"product_id": one.id, "product_uom_qty": 5, "price_unit": 100})
            for one in (other, self.analytics)
        ]
        order = self._order(product=other, confirm=False, **self._later(2026, 7, 1))
        order.order_line = lines
        order.action_confirm()
        self.assertIn("Analytics", self._asked().note)

    def test_what_was_lost_already_is_asked_about(self):
        self.term.write({"outcome": "churned"})
        self._order(product=self.analytics, **self._later(2026, 7, 10))
        self.assertIn("Analytics", self._asked().note)

    def test_innocent_a_second_product_in_mid_term(self):
        self.term.date_renewal = "2027-01-31"
        self._order(product=self.analytics)
        self.assertTrue(self._came())
        self.assertFalse(self._asked())

    def test_innocent_an_order_that_renews_one_product_and_begins_another_one(self):
        for first, second in ((self.product, self.analytics), (self.analytics, self.product)):
            with self.subTest(first=first.name), self.cr.savepoint() as savepoint:
                order = self._order(product=first, confirm=False, **self._later(2026, 7, 1))
                order.order_line = [
                    Command.create(
                        {"product_id": second.id, "product_uom_qty": 5, "price_unit": 100}
                    )
                ]
                order.action_confirm()
                self.assertNotEqual(self.term.outcome, "pending")
                self.assertFalse(self._asked())
                savepoint.rollback()

    def test_innocent_somebody_said_that_they_are_two_different_things(self):
        self.term.write({"outcome": "churned", "is_not_replaced": True})
        self._order(product=self.analytics, **self._later(2026, 7, 1))
        self.assertFalse(self._asked())

    def test_innocent_another_question_stays(self):
        self.term._ask_to_confirm("The opportunity was won.")
        self._order(product=self.analytics, **self._later(2026, 7, 1))
        self.assertIn("was won", self._asked().note)

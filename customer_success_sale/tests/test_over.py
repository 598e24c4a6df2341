from odoo.tests import freeze_time, tagged

from .common import OrderCase


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15")
class TestOver(OrderCase):
    """An order whose term is over opens no term and adds to none."""

    def _old(self, **vals):
        """Return an order of two years ago, of a product that was made renewable since."""
        self.product.success_renews = False
        order = self._order(**self._later(2024, 3, 1), **vals)
        self.product.success_renews = True
        return order

    def test_a_change_of_an_old_order_opens_nothing(self):
        order = self._old()
        self.assertFalse(self._renewals())
        order.order_line.product_uom_qty = 49
        self.assertFalse(self._renewals())

    def test_a_change_of_an_old_order_adds_nothing_to_the_term_of_today(self):
        order = self._old()
        self._order(quantity=10, price=100.0)
        term = self._renewals()
        order.order_line.price_unit = 130
        self.assertEqual((term.seats, term.annual_value), (10, 1_000))
        order.order_line.discount = 10
        self.assertEqual((term.seats, term.annual_value), (10, 1_000))

    def test_an_order_that_is_confirmed_late_says_so(self):
        order = self._order(**self._later(2025, 3, 1))
        self.assertFalse(self._renewals())
        self.assertIn("is over", order.message_ids[0].body)
        self.assertIn("Planner", order.message_ids[0].body)

    def test_innocent_a_term_that_still_runs(self):
        order = self._order(**self._later(2025, 6, 16))
        self.assertEqual(self._renewals().date_renewal.isoformat(), "2026-06-16")
        self.assertNotIn("is over", " ".join(order.message_ids.mapped("body")))

    def test_innocent_a_late_order_renews_what_is_still_pending(self):
        term = self._renewal(
            self.customer, 6_000, seats=50, date_start="2024-03-01", date_renewal="2025-03-01"
        )
        self._order(**self._later(2025, 3, 1))
        self.assertEqual((term.outcome, term.renewed_seats), ("renewed", 50))

    def test_innocent_an_order_for_three_years(self):
        self._order(**self._later(2024, 3, 1), success_first_months=36)
        self.assertEqual(self._renewals().date_renewal.isoformat(), "2027-03-01")

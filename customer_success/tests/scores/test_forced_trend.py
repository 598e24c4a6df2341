from odoo.tests import freeze_time, tagged

from ..common import TODAY
from ..years.years_common import YearsCase, month


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForcedTrend(YearsCase):
    """The trend of a product without which work cannot be done is shown and says nothing, unless people leave it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=month(30))
        cls.other = cls.env["product.product"].create({"name": "Tracker"})

    def _use(self, *quarters, product=None):
        """Record quarters of use, the last one of them the latest."""
        product = product or self.product
        for ago, active in zip(range(3 * len(quarters), 0, -3), quarters):
            self._months(self.customer, ago, [active] * 3, product_id=product.id)

    def _mark(self, product=None):
        self.env["customer.success.intended.use"].with_user(self.csm).create(
            {
                "product_id": (product or self.product).id,
                "partner_id": self.customer.id,
                "forced_use": "yes",
            }
        )

    def _trend(self):
        self.env.invalidate_all()
        lines = self._rescore(self.customer).breakdown["factors"]
        return {line["code"]: line for line in lines}.get("trend")

    def _rated(self):
        """Return the ids of the products whose trend counts."""
        evidence = self._trend()["evidence"]
        return [product for product, _value in evidence["products"]]

    def _health(self):
        self._rescore(self.customer)
        self.env.invalidate_all()
        return self.customer.with_user(self.csm).success_health

    # Innocents, and those who earn nothing

    def test_a_rise_of_those_who_must_is_shown_and_not_rated(self):
        self._use(80, 95)
        self.assertGreater(self._trend()["value"], 90)
        self._mark()
        self.assertIsNone(self._trend())
        self.assertEqual(self.customer.with_user(self.csm).success_change_quarter, 18.3)

    def test_a_product_beside_it_is_rated_alone(self):
        self._use(80, 95)
        self._use(60, 45, product=self.other)
        self._mark()
        self.assertEqual(self._rated(), [self.other.id])
        self.assertLess(self._trend()["value"], 40)

    def test_a_few_less_of_those_who_must_say_nothing(self):
        self._use(95, 92)
        self._use(60, 60, product=self.other)
        self._mark()
        self.assertEqual(self._rated(), [self.other.id])
        self.assertEqual(self._trend()["value"], 70)

    def test_the_year_of_forced_use_is_left_out_too(self):
        self._use(80, 90, 90, 90, 95, 95)
        self._use(60, 60, 60, 60, 60, 60, product=self.other)
        self.assertGreater(self._trend()["value"], 70)
        self._mark()
        self.assertEqual(self._trend()["value"], 70)

    def test_a_renewal_still_counts_on_those_who_must(self):
        renewal = self._renewal(self.customer)
        self._use(80, 95)
        self._rescore(self.customer)
        before = renewal.expected_seats
        self._mark()
        self._rescore(self.customer)
        self.env.invalidate_all()
        self.assertEqual(renewal.expected_seats, before)

    # Ways to lift it without doing good

    def test_cheat_marking_a_product_that_people_leave_lifts_nothing(self):
        self._use(100, 82)
        before = self._trend()["value"], self._health()
        self._mark()
        self.assertEqual(self._trend()["value"], before[0], "they do have a choice")
        self.assertLessEqual(self._health(), before[1])

    def test_cheat_marking_a_product_that_few_use_lifts_nothing(self):
        self._use(42, 40)
        before = self._trend()
        self._mark()
        self.assertEqual(self._trend(), before)

    def test_cheat_marking_a_product_that_went_silent_lifts_nothing(self):
        for number, active in enumerate((95, 95, 95, 85, 85, 85)):
            self._months(self.customer, 13 - number, [active])
        before = self._trend()
        self.assertTrue(before)
        self._mark()
        self.assertEqual(self._trend(), before)

    def test_cheat_marking_both_products_earns_nothing(self):
        self._use(80, 95)
        self._use(60, 90, product=self.other)
        before = self._health()
        self._mark()
        self._mark(self.other)
        self.assertIsNone(self._trend())
        self.assertFalse(self._health() and self._health() > before)

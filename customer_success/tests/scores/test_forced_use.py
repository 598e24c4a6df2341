from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForcedUse(SuccessCase):
    """Many users of a product without which work cannot be done say nothing; few users still count."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(500))
        cls.other = cls.env["product.product"].create({"name": "Tracker"})

    def _mark(self, customer=None, answer="yes", product=None):
        uses = self.env["customer.success.intended.use"]
        # A CSM marks it for an own customer, a manager for all customers of the product.
        with Form(uses.with_user(self.csm if customer else self.manager)) as form:
            form.product_id = product or self.product
            if customer:
                form.partner_id = customer
            form.forced_use = answer
        return form.record

    def _line(self, customer=None, code="use"):
        lines = self._rescore(customer or self.customer).breakdown["factors"]
        return next((line for line in lines if line["code"] == code), None)

    def _health(self):
        self._rescore(self.customer)
        self.customer.invalidate_recordset()
        return self.customer.with_user(self.csm).success_health

    def _explanation(self):
        self.customer.invalidate_recordset()
        return str(self.customer.with_user(self.csm).success_explanation)

    def _attention(self):
        self.env.invalidate_all()
        return str(self.customer.with_user(self.csm).success_attention)

    # Innocents

    def test_s69_head_counts_of_forced_use_are_left_out_and_the_degrees_count(self):
        self._usage(self.customer, active=100, quality=70, timely=50)
        self.assertGreater(self._line()["value"], 75)
        self._mark(self.customer)
        self.assertEqual(self._line()["value"], 60, "the mean of both degrees")
        self.assertIn(
            "Work cannot be done without the product: that 100 of 100 use it says nothing",
            self._explanation(),
        )

    def test_a_product_beside_it_keeps_its_head_count(self):
        self._usage(self.customer, active=100)
        self._usage(self.customer, active=40, product_id=self.other.id)
        self._mark(self.customer)
        self.assertEqual(self._line()["value"], 50)
        self.assertIn("40 of 100 licensed users are active", self._explanation())

    def test_the_customers_own_entry_replaces_the_usual_one(self):
        self._usage(self.customer, active=100)
        self._mark()
        self.assertIsNone(self._line(), "head counts are all that is known")
        self._mark(self.customer, "no")
        self.assertEqual(self._line()["value"], 100)

    # Ways to lift it without doing good

    def test_marking_a_product_that_few_use_lifts_nothing(self):
        self._usage(self.customer, active=20, quality=90)
        before = self._line()["value"], self._health()
        self._mark(self.customer)
        self.assertEqual((self._line()["value"], self._health()), before)
        self.assertIn("yet only 20 of 100 use it", self._explanation())

    def test_marking_a_product_that_went_silent_lifts_nothing(self):
        self._usage(self.customer, active=90, when=days(330))
        before = self._line()["value"], self._health()
        self._mark(self.customer)
        self.assertEqual((self._line()["value"], self._health()), before)

    def test_marking_never_raises_the_health(self):
        self._barrier(self.customer, "1")
        self._usage(self.customer, active=95, quality=30)
        self._usage(self.customer, active=60, product_id=self.other.id)
        before = self._health()
        self._mark(self.customer)
        both = self._health()
        self._mark(self.customer, product=self.other)
        self.assertLessEqual(both, before)
        self.assertLessEqual(self._health(), before)

    def test_forced_use_earns_no_progress(self):
        """The stage is for use as intended by many; a head count that had to be is no proof of it."""
        self._usage(self.customer, active=100)
        evidence = self._line(code="progress")["evidence"]
        self.assertNotIn("adoption", evidence.get("missing", []))
        self._mark(self.customer)
        self.assertIn("adoption", str(self._line(code="progress")["evidence"]))

    # What people see

    def test_s1_the_customer_asks_to_assess_how_it_is_used(self):
        self._usage(self.customer, active=100)
        self.assertNotIn("Work cannot be done", self._attention())
        self._mark(self.customer)
        self.assertIn("Work cannot be done without Planner", self._attention())
        hints = [
            figure[2] for figure in self.customer.with_user(self.csm).success_usage_chart["figures"]
        ]
        self.assertIn("Work cannot be done without Planner", hints[0])
        self._usage(self.customer, licensed=False, active=False, quality=60, source="assessed")
        self.assertNotIn("Work cannot be done", self._attention())

    def test_uses_are_filtered_and_grouped_by_the_mark(self):
        mark = self._mark(self.customer)
        uses = self.env["customer.success.intended.use"].with_user(self.csm)
        mine = [("partner_id", "=", self.customer.id)]
        self.assertEqual(uses.search([*mine, ("forced_use", "=", "yes")]), mark)
        self.assertEqual(uses._read_group(mine, ["forced_use"], ["__count"]), [("yes", 1)])

    def test_salespeople_mark_nothing(self):
        mark = self._mark(self.customer)
        with self.assertRaises(AccessError):
            mark.with_user(self.sales).forced_use = "no"
        with self.assertRaises(AccessError):
            self._mark().with_user(self.csm).forced_use = "no"

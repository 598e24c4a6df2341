from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from ..common import TODAY, SuccessCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestSearch(SuccessCase):
    """A search for barriers counts as far as it reached, and grows stale."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(stage="discover", success_stage_date=TODAY)

    def _search(self, asked, customer=None, **vals):
        wizards = self.env["customer.success.barrier.check"].with_user(self.csm)
        customer = customer or self.customer
        wizards.create({"partner_id": customer.id, "users_asked": asked, **vals}).action_finish()

    def _score(self, customer=None):
        customer = customer or self.customer
        self._rescore(customer)
        mine = customer.with_user(self.csm)
        return mine.success_health, mine.success_confidence, mine.success_health_band

    def _line(self, customer=None):
        lines = self._rescore(customer or self.customer).breakdown["factors"]
        return next((line for line in lines if line["code"] == "barriers"), None)

    # Innocents

    def test_who_asked_enough_people_and_found_nothing_has_it_all(self):
        self._usage(self.customer, licensed=80, active=80)
        self._search(8)
        line = self._line()
        self.assertEqual((line["value"], line["weight"]), (100, 20))
        self.assertEqual(self.customer.success_barriers_checked, TODAY)
        self.assertEqual(self.customer.success_barriers_asked, 8)
        form = Form(self.customer.with_user(self.csm), "base.view_partner_form")
        self.assertEqual(
            (form.success_barriers_checked, form.success_barriers_asked), (str(TODAY), 8)
        )

    def test_a_small_customer_need_not_ask_more_people_than_it_has(self):
        self._usage(self.customer, licensed=3, active=3)
        self._search(3)
        self.assertEqual(self._line()["weight"], 20)

    def test_a_smaller_search_does_not_replace_a_larger_one(self):
        self._search(5)
        with freeze_time(TODAY + timedelta(days=30)):
            self._search(1)
            self.assertEqual(self._line()["weight"], 20)
        with freeze_time(TODAY + timedelta(days=200)):
            self._search(1)
            self.assertEqual(self.customer.success_barriers_asked, 1)

    def test_what_an_open_barrier_takes_counts_in_full_however_it_was_found(self):
        self._barrier(self.customer, "3")  # 60 x 1.5 x 1.25: it leaves 14 of 100
        before = self._line()
        self.assertEqual((before["value"], before["weight"]), (0, 17.1))
        self._search(1)
        line = self._line()
        self.assertEqual(line["weight"], 17.7, "a fifth of what is left is known to be good")
        self.assertAlmostEqual(line["weight"] * (100 - line["value"]), 17.1 * 100, -1)
        self._search(5)
        line = self._line()
        self.assertEqual((line["value"], line["weight"]), (14.3, 20))

    # Ways to lift it without doing good

    def test_one_person_asked_makes_no_good_customer(self):
        customer = self._customer(stage="effective_use")
        renewal = self._renewal(customer)
        self._usage(customer, active=80)
        self._leave_out("use", "trend")
        _health, known, _band = self._score(customer)
        risk = renewal.churn_risk
        self._search(1, customer)
        health, now_known, band = self._score(customer)
        self.assertNotEqual(band, "good")
        self.assertLess(health, 50)
        self.assertLess(now_known - known, 5)
        self.assertGreater(renewal.churn_risk, risk - 3, "the risk hardly falls")
        self.assertIn(
            "People asked recently: 1; 10 would be enough",
            str(customer.with_user(self.csm).success_explanation),
        )

    def test_a_stranger_searched_once_is_not_judged(self):
        self._search(1)
        health, known, band = self._score()
        self.assertEqual((health, known, band), (False, 4, "unsure"))

    def test_a_search_grows_stale(self):
        self._search(5)
        self.assertTrue(self._line())
        attention = "Barriers were last looked for on"
        mine = self.customer.with_user(self.csm)
        self.assertNotIn(attention, str(mine.success_attention))
        with freeze_time(TODAY + timedelta(days=180 + 13 * 7)):
            self.assertEqual(self._line()["weight"], 10, "it fades over half a year")
        with freeze_time(TODAY + timedelta(days=180 + 26 * 7)):
            self.assertIsNone(self._line())
        with freeze_time(TODAY + timedelta(days=180)):
            self.customer.invalidate_recordset()
            self.assertTrue(mine.success_barriers_stale)
            self.assertIn(attention, str(mine.success_attention))

    def test_a_removed_barrier_does_not_say_that_there_is_no_other(self):
        barrier = self._barrier(self.customer)
        self.assertTrue(self._line())
        barrier.state = "removed"
        self.assertIsNone(self._line())
        self._search(5)
        self.assertEqual(self._line()["value"], 100)

    def test_searching_no_areas_or_nobody_counts_nothing(self):
        with self.assertRaises(UserError):
            self._search(0)
        self._search(50, line_ids=[])
        self.assertIsNone(self._line())

    def test_nobody_writes_a_search_by_hand(self):
        self._search(1)
        self.customer.with_user(self.csm).write(
            {"success_barriers_asked": 500, "success_barriers_checked": "2027-01-01"}
        )
        self.assertEqual(self.customer.success_barriers_asked, 1)
        self.assertEqual(self.customer.success_barriers_checked, TODAY)

    def test_a_trivial_barrier_does_not_stand_for_having_looked(self):
        self._answer(self.customer, signal="neutral", rating="3")
        self._usage(self.customer, active=60, quality=70)
        before = self._score()[0]
        self._barrier(self.customer, "0", date_opened=TODAY)
        self.assertEqual(self._line()["value"], 0)
        self.assertLess(self._line()["weight"], 2)
        self.assertLess(self._score()[0], before)

from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .fair_common import FairCase

HIGH, LOW = 95, 15


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSeasons(FairCase):
    """A low month is held against the same time of earlier years; what only looks like a season is not excused."""

    # Innocents -----------------------------------------------------------------------------------

    def test_innocent_nobody_works_in_the_low_months(self):
        self._school(0, 0, 0)
        line = self._factor("use")
        self.assertEqual((line["value"], line["evidence"]["target"]), (100, 0))
        self.assertEqual(self._factor("trend")["value"], 70)
        self.assertFalse(self._codes())
        lines = self._lines()
        self.assertIn("0 of 100 licensed users are active (0 %, target 0 %)", lines)
        self.assertIn("when 0 % of the use of busy months is usual", lines)
        self.assertFalse(self.customer.success_symptom_flag_ids)

    def test_innocent_nobody_works_in_one_of_two_products(self):
        other = self.env["product.product"].create({"name": "Reporter"})
        self._school(0, 0, 0)
        self._active(*[HIGH] * 36, product=other)
        both = self._score().health
        self.customer.success_usage_ids.unlink()
        for product in (self.product, other):
            self._active(*[HIGH] * 36, product=product)
        self.assertAlmostEqual(both, self._score().health, 1)

    def test_innocent_a_holiday_that_moves_by_a_month(self):
        year = [*[HIGH] * 11, LOW]
        self.assertEqual(self._again(*year, *year, *[HIGH] * 10, LOW), 100, "a month earlier")
        self.assertEqual(self._again(*year, *year, *[HIGH] * 12, LOW), 100, "a month later")
        self.assertFalse(self._codes())

    def test_innocent_more_low_months_than_others(self):
        self.assertEqual(self._again(*[*[HIGH] * 4, *[12] * 8] * 3), 100, "a ski resort")
        self.assertEqual(self._again(*[*[90, 20, 20] * 4] * 3), 100, "the first of each quarter")
        self.assertFalse(self._codes())

    def test_innocent_figures_that_begin_in_the_low_months(self):
        self.assertEqual(self._again(LOW, LOW, *[HIGH] * 10, LOW, LOW), 100)

    def test_innocent_weeks_are_taken_together(self):
        for number in range(130):
            day = date(2026, 6, 1) - timedelta(7 * number)
            active = LOW if day.month in (3, 4, 5, 6) else HIGH
            self._usage(self.customer, active=active, when=day, period="week")
        self.assertEqual(self._factor("use")["value"], 100)

    def test_innocent_people_are_asked_after_the_low_month(self):
        self._school(LOW, LOW, LOW)
        usual = self._factor("use")["value"]
        self._usage(self.customer, False, False, when="2026-06-10", source="assessed", timely=100)
        self.assertEqual(self._factor("use")["value"], usual)

    def test_innocent_each_month_of_the_season(self):
        for months in (1, 2, 3):
            with self.subTest(months=months):
                year = [*[HIGH] * 9, *[LOW] * 3]
                self.assertEqual(self._again(*year, *[HIGH] * 9, *[LOW] * months), 100)

    def test_innocent_use_is_measured_to_be_rarer_in_the_season(self):
        for years in (2, 3):
            self.customer.success_usage_ids.unlink()
            for _year in range(years):
                self._active(*[HIGH] * 9, ago=4 + 12 * _year, frequency=95)
                self._active(*[LOW] * 3, ago=1 + 12 * _year, frequency=20)
            self.assertFalse(self._codes())

    # Cheats --------------------------------------------------------------------------------------

    def test_cheat_one_outage_a_year_ago_is_no_season(self):
        fallen = self._again(*[HIGH] * 17, LOW)
        self.assertLess(fallen, 20)
        outage = [*[HIGH] * 5, LOW, *[HIGH] * 11, LOW]
        self.assertEqual(self._again(*outage), fallen)
        self.assertEqual(self._codes(), ["barely_used"])
        growth = [*[50] * 5, LOW, *[HIGH] * 11, LOW]
        self.assertEqual(self._again(*growth), fallen, "after growth")

    def test_cheat_nobody_comes_back_after_the_season(self):
        year = [*[HIGH] * 9, *[LOW] * 3]
        for months in (1, 2, 6, 9):
            with self.subTest(months=months):
                self.assertLess(self._again(*year, *year, *[LOW] * months), 20)
        self.assertLess(self._again(*year, *year, *[HIGH] * 3, *[LOW] * 9), 20)

    def test_cheat_nobody_is_left_at_all(self):
        self.assertEqual(self._again(*[HIGH] * 24, *[0] * 12), 0)
        self.assertEqual(self._codes(), ["idle"])
        self.assertEqual(self._again(*[0] * 30), 0)
        self.assertEqual(self._again(*[HIGH] * 12, *[0] * 13), 0)

    def test_cheat_a_fall_beside_a_small_season_is_seen(self):
        december = [*[HIGH] * 11, 60]
        self.assertLess(self._again(*december, *december, *[HIGH] * 10, LOW), 40)
        self.assertLess(self._again(*december, *december, 60, LOW), 40)

    def test_cheat_few_weeks_are_no_year(self):
        for number in (0, 1, 2, 3, *range(48, 61)):
            low = number in (0, 1, 2, 3, 51, 52, 53, 54)
            day = date(2026, 6, 1) - timedelta(7 * number)
            self._usage(self.customer, active=LOW if low else HIGH, when=day, period="week")
        self.assertLess(self._factor("use")["value"], 20)

    def test_cheat_what_somebody_enters_later_makes_no_season(self):
        self._active(*[HIGH] * 35, LOW)
        fallen = self._factor("use")["value"]
        for ago in (12, 13, 24, 25):
            self._active(LOW, ago=ago + 1, source="assessed")
        self.assertEqual(self._factor("use")["value"], fallen)

    def test_cheat_a_wrong_month_of_many_users_makes_no_season(self):
        self.assertLess(self._again(*[30] * 30, 900, *[30] * 5), 40)

    def test_a_season_of_nobody_that_has_somebody_is_no_worse(self):
        self._school(0, 0, 3)
        self.assertEqual(self._factor("use")["value"], 100)

    def test_what_started_a_year_ago_is_no_season(self):
        self.assertLess(self._again(20, 20, *[90] * 11, 20), 30)
        self.assertLess(self._again(*[10] * 10, *[HIGH] * 11, LOW, LOW), 20, "a slow start")
        self.customer.write(
            dict.fromkeys(("success_go_live_date", "success_go_live_first"), days(420))
        )
        self.assertLess(self._again(5, 10, 20, *[90] * 9, 20, 20), 30)

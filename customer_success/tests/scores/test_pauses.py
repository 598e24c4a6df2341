from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .fair_common import FairCase

HIGH = 95


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPauses(FairCase):
    """A seasonal customer that delivers nothing for months each year is not silent; one that stops is."""

    def _years(self, *years, ago=6, active=HIGH, **vals):
        """Record years with so many months of use and then none; the last month of use is ``ago`` months ago."""
        figures = []
        for number, months in enumerate(years):
            figures += [active] * months + [None] * (12 - months) * (number < len(years) - 1)
        self._months(*[figure and (100, figure) for figure in figures], ago=ago, **vals)

    def _is_silent(self):
        self._score()
        self.env.invalidate_all()
        customer = self.customer.with_user(self.csm)
        found = customer.search([("success_is_silent", "=", True), ("id", "=", customer.id)])
        self.assertEqual(bool(found), customer.success_is_silent)
        return customer.success_is_silent

    def _value(self):
        return self._factor("use")["value"]

    # Innocents

    def test_innocent_five_months_without_rows_each_year(self):
        self._years(7, 7, 7)
        self.assertEqual(self._value(), 100)
        self.assertFalse(self._is_silent())
        lines = self._lines()
        self.assertIn("Nothing comes at this time of every year", lines)
        self.assertNotIn("Nothing new since", lines)
        self.assertNotIn("no figures of use after", str(self.customer.success_attention))
        self.assertEqual(self.customer.success_adoption, HIGH)

    def test_innocent_one_year_is_known(self):
        self._years(7, 7)
        self.assertEqual((self._value(), self._is_silent()), (100, False))

    def test_innocent_the_season_ends_a_month_earlier_or_later(self):
        for months in (6, 8):
            with self.subTest(months=months):
                self.customer.success_usage_ids.unlink()
                self._years(7, 7, months, ago=6)
                self.assertEqual((self._value(), self._is_silent()), (100, False))

    def test_innocent_weeks(self):
        for number in range(20, 130):
            day = date(2026, 6, 1) - timedelta(7 * number)
            if day.month not in (2, 3, 4, 5, 6):
                self._usage(self.customer, active=HIGH, when=day, period="week")
        self.assertEqual((self._value(), self._is_silent()), (100, False))

    def test_innocent_degrees_stop_with_the_users(self):
        self._years(7, 7, 7, quality=90, timely=90)
        use = self._factor("use")
        self.assertNotIn("stopped", use["evidence"])

    def test_innocent_one_of_two_products(self):
        other = self.env["product.product"].create({"name": "Reporter"})
        self._years(7, 7, 7)
        self._active(*[HIGH] * 30, product=other)
        self.assertEqual((self._value(), self._is_silent()), (100, False))

    def test_innocent_no_playbook_starts(self):
        self._years(7, 7, 7)
        self._score()
        plays = self.env["customer.success.play"]
        play = plays.search([("trigger", "=", "silent")], limit=1)
        play.write({"active": True, "date_start": days(400)})
        plays._evaluate(self.customer.ids)
        self.assertFalse(play.run_ids)
        self.customer.success_usage_ids.filtered(lambda use: use.date < days(300)).unlink()
        self._score()
        plays._evaluate(self.customer.ids)
        self.assertTrue(play.run_ids, "without earlier years")

    # Cheats

    def _assert_silent(self):
        value = self._value()
        self.assertLess(value, 90)
        self.assertTrue(self._is_silent())
        self.assertIn("Nothing new since", self._lines())

    def test_cheat_the_delivery_stops_at_another_time(self):
        self._active(*[HIGH] * 30, ago=7)
        self._assert_silent()

    def test_cheat_a_longer_silence_than_before(self):
        self._years(7, 7, 7, ago=6)
        with freeze_time("2026-10-15"):
            self._assert_silent()

    def test_cheat_it_stops_earlier_than_ever(self):
        self._years(7, 7, 4, ago=9)
        self._assert_silent()

    def test_cheat_one_stop_in_two_known_years(self):
        self._active(*[HIGH] * 19, ago=18)
        self._active(*[HIGH] * 7, ago=6)
        self._assert_silent()

    def test_cheat_what_was_bad_reads_no_better(self):
        self._years(7, 7, 7, active=12)
        paused = self._value()
        self.customer.success_usage_ids.unlink()
        self._active(*[12] * 30, ago=1)
        self.assertLessEqual(paused, self._value())

    def test_cheat_people_assess_once_a_year(self):
        for ago in (6, 18, 30):
            self._active(HIGH, ago=ago, source="assessed")
        self._assert_silent()

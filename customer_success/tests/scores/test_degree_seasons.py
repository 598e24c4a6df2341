from odoo.tests import freeze_time, tagged

from ..common import TODAY
from .fair_common import FairCase

HIGH, LOW = 90, 20


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDegreeSeasons(FairCase):
    """A degree that is low at this time of every year is held against it; another fall of a degree is seen."""

    def _degrees(self, *figures, ago=1, name="frequency", **vals):
        """Record months of 95 active users with these figures of a degree; the last one is that of ``ago`` months ago."""
        self.customer.success_usage_ids.unlink()
        for number, figure in enumerate(reversed(figures)):
            if figure is not None:
                self._active(95, ago=ago + number, **{name: figure}, **vals)
        return self._factor("use")["evidence"][name]

    # Innocents

    def test_innocent_rarer_in_the_same_months_of_each_year(self):
        year = [*[HIGH] * 9, *[LOW] * 3]
        for name in ("frequency", "timely", "in_place"):
            with self.subTest(name=name):
                self.assertEqual(self._degrees(*year * 3, name=name), HIGH)
                self.assertFalse(self._codes())

    def test_innocent_one_earlier_year_is_known(self):
        self.assertEqual(self._degrees(*[*[HIGH] * 9, *[LOW] * 3] * 2), HIGH)

    def test_innocent_nobody_does_it_at_that_time(self):
        self.assertEqual(self._degrees(*[*[HIGH] * 9, *[0] * 3] * 3), 100)
        self.assertFalse(self._codes())

    def test_innocent_the_words_say_what_is_usual(self):
        self._degrees(*[*[HIGH] * 9, *[LOW] * 3] * 3)
        self.assertIn("20 of 22 intended", self._lines())

    # Cheats

    def test_cheat_a_degree_that_falls_for_the_first_time(self):
        self.assertEqual(self._degrees(*[HIGH] * 33, *[LOW] * 3), LOW)
        self.assertEqual(self._codes(), ["barely_used"])

    def test_cheat_a_worse_season_than_before(self):
        year = [*[HIGH] * 9, *[60] * 3]
        self.assertLess(self._degrees(*year, *year, *[HIGH] * 9, *[LOW] * 3), 35)

    def test_cheat_nobody_comes_back_after_the_season(self):
        year = [*[HIGH] * 9, *[LOW] * 3]
        for months in (1, 4, 9):
            with self.subTest(months=months):
                self.assertEqual(self._degrees(*year, *year, *[LOW] * months), LOW)

    def test_cheat_one_bad_month_a_year_ago(self):
        self.assertEqual(self._degrees(*[HIGH] * 5, LOW, *[HIGH] * 11, LOW), LOW)

    def test_cheat_it_was_always_low(self):
        self.assertEqual(self._degrees(*[LOW] * 36), LOW)

    def test_cheat_what_people_assess_is_no_season(self):
        figures = [*[HIGH] * 9, *[LOW] * 3] * 3
        self.assertEqual(self._degrees(*figures, source="assessed"), LOW)

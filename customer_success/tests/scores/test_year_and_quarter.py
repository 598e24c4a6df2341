from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from ..common import TODAY
from .fair_common import FairCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestYearAndQuarter(FairCase):
    """The year weighs twice a quarter as soon as it is known, product by product and series by series."""

    def test_the_year_falls_and_the_quarter_rises(self):
        self._active(*[90] * 9, *[40] * 6, *[50] * 3)
        line = self._factor("trend")
        self.assertGreater(line["evidence"]["quarter"], 0)
        self.assertLess(line["evidence"]["year"], 0)
        self.assertLess(line["value"], 50, "use kept for a year matters more")

    def test_the_year_rises_and_the_quarter_falls(self):
        self._active(*[40] * 9, *[90] * 6, *[80] * 3)
        self.assertGreater(self._factor("trend")["value"], 80)

    def test_the_year_of_one_of_two_products_is_known(self):
        other = self.env["product.product"].create({"name": "Reporter"})
        self._active(*[80] * 18)
        self._active(*[20] * 6, product=other)
        line = self._factor("trend")
        self.assertEqual(line["value"], 70, "another product is no growth")

    def test_the_year_is_not_known_where_nothing_came(self):
        self._active(80, 80, *[None] * 12, *[40] * 6)
        line = self._factor("trend")
        self.assertNotIn("year", line["evidence"])
        self.assertEqual(line["value"], 70)

    def test_a_silent_product_is_compared_as_of_its_last_figures(self):
        self._active(*[80] * 15, *[40] * 3, ago=8)
        line = self._factor("trend")
        self.assertLess(line["evidence"]["year"], -40)
        self.assertLess(line["value"], 10)

    def test_a_team_of_two_does_not_leap(self):
        self._months(*[(2, 2)] * 15, *[(2, 1)] * 3)
        line = self._factor("trend")
        self.assertEqual(line["evidence"]["year"], -25)
        self.assertGreater(line["value"], 30)

    def test_weeks_of_a_year_ago_are_not_compared_with_months(self):
        for number in range(50, 75):
            day = date(2026, 6, 1) - timedelta(7 * number)
            self._usage(self.customer, active=20, when=day, period="week")
        self._active(*[80] * 6)
        line = self._factor("trend")
        self.assertNotIn("year", line["evidence"])
        self.assertEqual(line["value"], 70)

    def test_cheat_a_quarter_of_nobody_is_only_usual_if_somebody_comes_back(self):
        self._active(*[90] * 12, *[0] * 18)
        self.assertIsNone(self._factor("trend"), "nobody is left to compare")
        self.assertEqual(self._factor("use")["value"], 0)

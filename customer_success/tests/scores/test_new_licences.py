from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .fair_common import FairCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestNewLicences(FairCase):
    """Customers that buy more are not accused for it, at no time; and what is not new is no excuse."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reporter = cls.env["product.product"].create({"name": "Reporter"})

    def _live(self, number):
        """Let the customer be live for so many days."""
        self.customer.write(
            dict.fromkeys(("success_go_live_date", "success_go_live_first"), days(number))
        )

    def _use(self, *figures, **vals):
        self.customer.success_usage_ids.unlink()
        self._months(*figures, **vals)
        return self._factor("use")

    # Innocents -----------------------------------------------------------------------------------

    def test_innocent_who_buys_more_soon_after_go_live(self):
        for month in (2, 3, 4, 5, 6):
            with self.subTest(month=month):
                self._live(30 * (month - 1) + 5)
                before = self._use(*[(100, 92)] * 6)["value"]
                line = self._use(*[(100, 92)] * 5, (200, 95))
                self.assertEqual((line["evidence"]["ramp_month"], line["value"]), (month, before))
                self.assertFalse(self._codes())

    def test_innocent_a_second_product_soon_after_go_live(self):
        self._live(150)
        self._months(*[(100, 92)] * 5)
        self._months((100, 15), product=self.reporter)
        self.assertEqual(self._factor("use")["value"], 100)
        self.assertFalse(self._codes())

    def test_innocent_in_steps(self):
        line = self._use(*[(100, 92)] * 8, (150, 94), (200, 96))
        # 100 old ones, a third of 50 and a sixth of 50 are expected: 125 of 200
        self.assertEqual((line["value"], line["evidence"]["coming"]), (96, 75))

    def test_innocent_by_weeks(self):
        for number in range(40):
            self._usage(
                self.customer,
                200 if number < 2 else 100,
                95,
                when=date(2026, 6, 1) - timedelta(7 * number),
                period="week",
            )
        self.assertEqual(self._factor("use")["value"], 100)

    def test_innocent_a_mistyped_month_before(self):
        for wrong in (200, 1000):
            with self.subTest(wrong=wrong):
                line = self._use(*[(100, 92)] * 6, (wrong, 92), *[(100, 92)] * 6, (200, 95))
                self.assertEqual(line["value"], 100)

    def test_innocent_licences_given_back_more_than_a_year_ago(self):
        line = self._use(*[(200, 180)] * 6, *[(100, 92)] * 14, (200, 95))
        self.assertEqual(line["value"], 100)

    # Cheats --------------------------------------------------------------------------------------

    def test_cheat_what_came_with_go_live_is_not_new(self):
        self._live(40)
        whole = self._use((100, 8), (100, 8))["value"]
        self.assertLess(whole, 60)
        self.assertEqual(self._use((10, 8), (100, 8))["value"], whole, "after a pilot")

    def test_cheat_nothing_is_allowed_for_twice(self):
        self._live(100)
        # 100 licences are expected in month 4 of 6, and 100 of the month before in month 1 of 6: 67 + 17 of 80 %
        line = self._use(*[(100, 40)] * 4, (200, 40))
        expected = 0.8 * (100 * 4 / 6 + 100 / 6)
        self.assertAlmostEqual(line["value"], 100 * 40 / expected, 0)

    def test_cheat_given_back_and_taken_again(self):
        for figures in (
            [*[(200, 60)] * 6, *[(100, 60)] * 3, (200, 60)],
            [*[(200, 60)] * 3, *[(100, 60)] * 10, (200, 60)],
        ):
            line = self._use(*figures)
            self.assertNotIn("coming", line["evidence"])
        line = self._use(*[(100, 30)] * 8, (200, 30), (200, 30), (100, 30), (200, 30))
        self.assertEqual(line["evidence"]["coming"], 33, "they are as old as when they came first")

    def test_cheat_a_mistyped_month_of_many_licences_excuses_nothing(self):
        fallen = self._use(*[(100, 30)] * 12)["value"]
        self.assertEqual(self._use(*[(100, 30)] * 9, (1000, 30), *[(100, 30)] * 2)["value"], fallen)
        more = self._use(*[(100, 30)] * 8, (200, 30), (200, 30), *[(100, 30)] * 2)
        self.assertEqual(more["value"], fallen, "nor licences that were given back")

    def test_cheat_licences_that_somebody_enters_beside_measured_ones(self):
        self._months(*[(100, 30)] * 12)
        fallen = self._factor("use")["value"]
        self._months((5000, False), source="assessed")
        self.assertEqual(self._factor("use")["value"], fallen)

    def test_cheat_figures_that_come_again_after_a_gap(self):
        line = self._use(*[(100, 30)] * 2, *[None] * 12, *[(100, 30)] * 2)
        self.assertNotIn("coming", line["evidence"])

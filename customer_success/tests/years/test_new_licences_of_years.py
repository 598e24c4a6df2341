from odoo.tests import freeze_time, tagged

from ..common import TODAY
from .years_common import YearsCase, month


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestNewLicencesOfYears(YearsCase):
    """A year that bought more licences is held against those whose use is expected, month by month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reporter = cls.env["product.product"].create({"name": "Reporter"})

    def _second(self, *figures, ago=26, **vals):
        """Return the second year of a customer whose months ``(licensed, active)`` begin with go-live."""
        customer = self._live(ago)
        for n, (licensed, active) in enumerate(figures):
            self._usage(customer, licensed, active, month(ago - n), **vals)
        self._target(year=2, target=80)
        return self._year(customer, 2)

    # Innocents -----------------------------------------------------------------------------------

    def test_innocent_who_doubles_the_licences_in_the_second_year(self):
        year = self._second(
            *[(100, 95)] * 18, *[(200, active) for active in (96, 110, 130, 150, 165, 175)]
        )
        self.assertEqual(year.verdict, "met")
        self.assertNotIn("missed", self._attention(year.partner_id))

    def test_innocent_in_steps(self):
        year = self._second(
            *[(100, 95)] * 14,
            *[(150, n) for n in (96, 105, 115, 125)],
            *[(200, 140)] * 2,
            *[(200, 165)] * 4,
        )
        self.assertEqual(year.verdict, "met")

    def test_innocent_a_second_product_that_starts(self):
        customer = self._live(26)
        self._months(customer, 26, [95] * 24)
        self._months(customer, 8, [5, 20, 40, 60, 75, 85], product_id=self.reporter.id)
        self._target(year=2, target=80)
        self.assertEqual(self._year(customer, 2).verdict, "met")

    def test_innocent_a_mistyped_month_before(self):
        year = self._second(
            *[(100, 95)] * 12,
            (1000, 95),
            *[(100, 95)] * 5,
            *[(200, n) for n in (96, 115, 135, 150, 165, 175)],
        )
        self.assertEqual(year.verdict, "met")

    # Cheats --------------------------------------------------------------------------------------

    def test_cheat_new_licences_do_not_excuse_who_does_not_use_the_old_ones(self):
        year = self._second(*[(100, 50)] * 18, *[(200, 50)] * 6)
        self.assertEqual(year.verdict, "missed")
        self.assertLessEqual(year.adoption, 50)

    def test_cheat_half_a_year_later_they_are_expected(self):
        year = self._second(*[(100, 95)] * 12, *[(200, 95)] * 12)
        self.assertEqual(year.verdict, "missed")

    def test_cheat_licences_given_back_and_taken_again(self):
        year = self._second(*[(200, 100)] * 14, *[(100, 100), (200, 100)] * 5)
        self.assertEqual(year.verdict, "missed")

    def test_cheat_licences_that_were_only_mistyped(self):
        year = self._second(*[(100, 50)] * 14, (900, 50), *[(100, 50)] * 9)
        self.assertEqual((year.verdict, year.adoption < 50.1), ("missed", True))

    def test_cheat_licences_that_were_given_back_at_once(self):
        year = self._second(*[(100, 50)] * 14, *[(900, 50)] * 2, *[(100, 50)] * 8)
        self.assertLess(year.adoption, 50.1)

    def test_cheat_a_new_product_does_not_stand_for_the_old_one(self):
        customer = self._live(26)
        self._months(customer, 26, [95] * 12 + [30] * 12)
        self._months(customer, 14, [90] * 12, product_id=self.reporter.id)
        self._target(year=2, target=80)
        self.assertEqual(self._year(customer, 2).verdict, "missed")

    def test_cheat_what_came_with_go_live_is_not_new(self):
        year = self._second((10, 8), *[(100, 60)] * 23)
        self.assertEqual(year.adoption, 60)

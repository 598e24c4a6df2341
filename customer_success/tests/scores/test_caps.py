from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .fair_common import FairCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCaps(FairCase):
    """Words show what is, also where a formula counts up to a limit."""

    def test_more_users_than_licences(self):
        self._months(*[(100, 130)] * 12)
        line = self._factor("use")
        self.assertEqual(line["value"], 100)
        self.assertIn("130 of 100 licensed users are active (130 %, target 80 %)", self._lines())

    def test_more_users_than_licences_of_one_of_two_products(self):
        other = self.env["product.product"].create({"name": "Reporter"})
        self._months(*[(100, 130)] * 12)
        self._months(*[(100, 40)] * 12, product=other)
        lines = self._lines()
        self.assertIn("130 of 100 licensed users are active (130 %, target 80 %)", lines)
        self.assertIn("40 of 100 licensed users are active (40 %, target 80 %)", lines)

    def test_a_renewal_in_three_years_with_falling_use(self):
        renewal = self._renewal(self.customer, date_renewal=days(-1000))
        self._active(*[95] * 6, *[80] * 3, *[70] * 3)
        lines = self._lines()
        self.assertIn("are expected to be in use in a year", lines)
        self.assertIn("what comes after that is not looked at", lines)
        renewal.date_renewal = days(-300)
        lines = self._lines()
        self.assertIn("are expected to be in use at the renewal", lines)

    def test_a_fall_that_is_steeper_than_the_formula_goes(self):
        self._renewal(self.customer)
        self._active(*[95] * 9, *[20] * 3)
        self.assertIn("Use changed by -77 % in a quarter", self._lines())

    def test_a_customer_of_twelve_years(self):
        renewal = self._renewal(self.customer, date_start=days(12 * 365))
        self._months(*[(100, 95)] * 12)
        self._score()
        said = str(renewal.with_user(self.csm).explanation)
        self.assertIn("Customer since 06/18/2014", said)

    def test_silent_for_400_days(self):
        self._months(*[(100, 95)] * 12, ago=14)
        self.assertIn("Nothing new since the period from 04/01/2025", self._lines())

from odoo.tests import freeze_time, tagged

from ..common import TODAY
from .years_common import YearsCase, month


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestKept(YearsCase):
    """The use that a year after go-live kept from the same months a year before."""

    def _kept(self, customer, year):
        found = self._year(customer, year)
        return found.sustain, found.sustain_first

    def _flat(self, customer, *years, **vals):
        """Record the same number of active users in each month of each year since go-live, 30 months ago."""
        for n, active in enumerate(years):
            self._months(customer, 30 - 12 * n, [active] * 12, **vals)

    # The rate ------------------------------------------------------------------------------------

    def test_s74_each_year_after_go_live_has_the_use_that_it_kept(self):
        customer = self._live(43)
        for n, active in enumerate((80, 60, 45)):
            self._months(customer, 43 - 12 * n, [active] * 12)
        self._months(customer, 7, [54] * 7)
        self.assertEqual(self._kept(customer, 1), (False, False))
        self.assertEqual(self._kept(customer, 2), (75, 75))
        self.assertEqual(self._kept(customer, 3), (75, 56.3))
        self.assertEqual(self._kept(customer, 4), (120, False))
        mine = customer.with_user(self.csm)
        self.assertEqual(mine.success_sustain, 120)
        # So early in the year, only the months of the ramp-up stand against it.
        self.assertEqual(mine.success_sustain_first, 56.3)
        figures = {line[0]: line[1:] for line in mine.success_usage_chart["figures"]}
        self.assertEqual(figures["Use kept"][0], "120 %")
        self.assertIn("56 % of those of the first year", figures["Use kept"][1])
        partners = self.env["res.partner"].with_user(self.csm)
        [(average,)] = partners._read_group([("id", "=", customer.id)], [], ["success_sustain:avg"])
        self.assertEqual(average, 120)

    def test_s74_a_loss_is_found_in_the_list_and_by_year_in_the_report(self):
        loser, keeper, unknown = (self._live(name=n) for n in ("Loser", "Keeper", "Unknown"))
        self._flat(loser, 80, 40)
        self._flat(keeper, 80, 80)
        for customer in (loser, keeper, unknown):
            self._rescore(customer)
        partners = self.env["res.partner"].with_user(self.csm)
        ours = [("id", "in", (loser | keeper | unknown).ids)]
        self.assertEqual(partners.search([*ours, ("success_sustain", "<", 100)]), loser)
        years = self.env["customer.success.year"].with_user(self.csm)
        domain = [("partner_id", "in", (loser | keeper | unknown).ids)]
        found = years._read_group(domain, ["year"], ["sustain:avg"])
        self.assertEqual(found, [(1, False), (2, 75), (3, False)])

    # Innocents -----------------------------------------------------------------------------------

    def test_s74_a_seasonal_customer_is_not_accused(self):
        customer = self._live()
        season = [5, 5, 5, 5, 5, 5, 5, 5, 90, 95, 90, 5]
        self._months(customer, 30, season * 2 + season[:6])
        self.assertEqual(self._kept(customer, 2)[0], 100)
        self._target("sustain", 2, 90)
        self.assertEqual(self._year(customer, 2).verdict, "met")

    def test_s74_a_customer_without_a_full_year_is_not_accused(self):
        self._target("sustain", 2, 90)
        fresh = self._live(8, "Fresh")
        self._months(fresh, 8, [90, 80, 70, 60, 50, 40, 30, 20])
        self.assertIs(self._year(fresh, 1).sustain, False)
        self.assertIs(self._year(fresh, 1).sustain_target, False)
        # In the second year, only months are compared in which use was no longer ramping up.
        second = self._live(16, "Second")
        self._months(second, 16, [90] * 12 + [10] * 4)
        self.assertEqual(self._year(second, 2).verdict, "unknown")
        self.assertNotIn("Year 2", self._attention(second))

    def test_s74_months_without_figures_and_a_product_that_was_replaced_are_not_accused(self):
        self._target("sustain", 2, 90)
        gaps = self._live(name="Gaps")
        self._months(gaps, 30, [80] * 12 + [None] * 9 + [80] * 3)
        self.assertEqual(self._kept(gaps, 2)[0], 100)
        replaced = self._live(name="Replaced")
        new = self.env["product.product"].create({"name": "New"})
        self._months(replaced, 30, [80] * 12)
        self._months(replaced, 18, [0] * 12, licensed=0)
        self._months(replaced, 18, [80] * 12, product_id=new.id)
        self.assertIs(self._kept(replaced, 2)[0], False)
        self.assertEqual(self._year(replaced, 2).verdict, "unknown")

    # Cheats --------------------------------------------------------------------------------------

    def test_s74_a_slow_start_does_not_hide_a_later_loss(self):
        customer = self._live()
        self._months(customer, 30, [0, 10, 20, 30, 40, 50] + [80] * 6 + [40] * 12)
        self.assertEqual(self._kept(customer, 2)[0], 50)

    def test_s74_fewer_licences_and_a_new_product_do_not_lift_it(self):
        customer = self._live()
        self._flat(customer, 80)
        self._months(customer, 18, [40] * 12, licensed=40)
        new = self.env["product.product"].create({"name": "New"})
        self._months(customer, 18, [90] * 12, product_id=new.id)
        self.assertEqual(self._kept(customer, 2)[0], 50)
        # In its first half year the new product is held against the licences whose use is expected, later against all.
        self.assertEqual(self._year(customer, 2).adoption, 96.4)

    def test_s74_a_guess_does_not_stand_for_what_was_measured(self):
        customer = self._live()
        self._flat(customer, 80, 40)
        self._flat(customer, 80, 100, source="assessed")
        self.assertEqual(self._kept(customer, 2)[0], 50)

    def test_s74_leaving_out_the_bad_months_makes_it_unknown_not_good(self):
        customer = self._live()
        self._months(customer, 30, [80] * 12 + [None] * 10 + [80] * 2)
        self.assertIs(self._kept(customer, 2)[0], False)
        self.assertEqual(month(30), customer.success_live_date)

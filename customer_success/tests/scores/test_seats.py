from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .fair_common import FairCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSeats(FairCase):
    """The seats of a renewal are held against the people who are expected to use what it renews, in busy months."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reporter = cls.env["product.product"].create({"name": "Reporter"})
        cls.renewal = cls._renewal(cls.customer)

    def _seats(self, renewal=None):
        """Return the risk of fewer seats if the customer stays, the expected seats as a CSM reads them, the value at risk."""
        score = self._score()
        renewal = (renewal or self.renewal).with_user(self.csm)
        chance = renewal.score_id.sudo().breakdown["seats"]["chance"]
        return chance, renewal.expected_seats, score.value_at_risk

    def _steady(self, active=95, **vals):
        self.customer.success_usage_ids.unlink()
        self._active(*[active] * 36, **vals)
        return self._seats()

    # Seasons -------------------------------------------------------------------------------------

    def test_innocent_a_school_in_its_low_months(self):
        risk, seats, money = self._steady()
        for low in (15, 1, 0):
            with self.subTest(low=low):
                self.customer.success_usage_ids.unlink()
                self._school(low, low, low)
                found = self._seats()
                self.assertLessEqual(found[0], risk + 0.5)
                self.assertGreaterEqual(found[1], seats - 0.5)
                self.assertLess(found[2], 1.4 * money)
                lines = self._lines()
                self.assertIn(f"{low} are in use", lines)
                self.assertIn("in busy months 95 would be in use", lines)
                self.assertNotIn("in a quarter, so about", lines)

    def test_cheat_a_worse_season_than_before(self):
        self._school(15, 15, 15)
        usual = self._seats()
        self.customer.success_usage_ids.unlink()
        self._school(15, 15, 6)
        found = self._seats()
        self.assertGreater(found[0], usual[0] + 20)
        self.assertLess(found[1], usual[1] - 20)

    def test_cheat_a_fall_is_no_season(self):
        self.customer.success_usage_ids.unlink()
        self._active(*[95] * 33, 60, 40, 15)
        self.assertGreater(self._seats()[0], 60)
        self.assertIn("in a quarter, so about", self._lines())

    def test_cheat_few_users_all_year(self):
        self.assertGreater(self._steady(15)[0], 60)

    # New seats -----------------------------------------------------------------------------------

    def test_innocent_who_renews_with_more_seats(self):
        self._months(*[(100, 92)] * 12)
        risk, _seats, money = self._seats()
        self.customer.success_usage_ids.sorted("date")[-1].write(
            {"licensed_users": 200, "active_users": 95}
        )
        self.renewal.seats = 200
        found = self._seats()
        self.assertLess(found[0], risk + 5, "a sixth of the new ones is expected")
        self.assertGreater(found[1], 195)
        self.assertLess(found[2], 1.03 * money)
        self.assertIn("83 of the seats are so new that their use is expected later", self._lines())

    def test_innocent_whose_new_licences_are_not_in_the_renewal_yet(self):
        self._months(*[(100, 92)] * 11, (200, 95))
        self.assertLess(self._seats()[0], 8)

    def test_innocent_in_steps(self):
        self._months(*[(100, 92)] * 10, (150, 94), (200, 96))
        self.renewal.seats = 200
        self.assertLess(self._seats()[0], 15)

    def test_cheat_seats_of_the_renewal_that_nobody_has_got(self):
        self._months(*[(100, 92)] * 12)
        self.renewal.seats = 200
        self.assertGreater(self._seats()[0], 30)

    def test_cheat_new_seats_do_not_excuse_idle_old_ones(self):
        self._months(*[(100, 20)] * 11, (200, 20))
        self.renewal.seats = 200
        self.assertGreater(self._seats()[0], 55)

    def test_cheat_half_a_year_later_they_are_idle(self):
        self._months(*[(100, 92)] * 6, *[(200, 95)] * 8)
        self.renewal.seats = 200
        self.assertGreater(self._seats()[0], 30)

    # People of two products ----------------------------------------------------------------------

    def _two(self, planner=95, reporter=5, **vals):
        self.customer.success_usage_ids.unlink()
        self._active(*[planner] * 12)
        self._months(*[(50, reporter)] * 12, product=self.reporter)
        return self._renewal(self.customer, product_id=False, seats=50, **vals)

    def test_a_renewal_without_product_reads_what_no_other_renews(self):
        whole = self._two()
        risk, seats, _money = self._seats(whole)
        self.assertGreater(risk, 60)
        self.assertLess(seats, 25)
        whole.product_id = self.reporter
        self.assertEqual(self._seats(whole)[0], risk, "as if it said so")

    def test_two_renewals_without_a_product_read_the_larger_number(self):
        self.renewal.product_id = False
        self.assertLess(self._seats(self._two(40, 45))[0], 10)

    def test_all_products_have_renewals_of_their_own(self):
        self._renewal(self.customer, product_id=self.reporter.id, seats=50)
        support = self._two()
        self._score()
        self.assertFalse(support.contraction_risk, "nothing is known of a contract of support")
        self.assertFalse(support.score_id.breakdown["seats"])

    def test_three_products_of_which_one_has_its_own_renewal(self):
        third = self.env["product.product"].create({"name": "Viewer"})
        whole = self._two(95, 45)
        self._months(*[(50, 2)] * 12, product=third)
        self.assertLess(self._seats(whole)[0], 10, "45 of 50")

    def test_the_users_of_one_product_are_unknown(self):
        whole = self._two(95, False)
        self._score()
        self.assertFalse(whole.score_id.breakdown["seats"])

    def test_a_product_and_its_successor_have_one_renewal(self):
        self.product.write(
            {"success_successor_id": self.reporter.id, "success_replaced_date": days(400)}
        )
        whole = self._two(False, 45)
        self._score()
        self.assertFalse(
            whole.score_id.breakdown["seats"], "the renewal of the former one reads both"
        )

    def test_cheat_a_renewal_that_ended_names_nothing(self):
        whole = self._two(95, 5)
        self.renewal.active = False
        self.assertLess(self._seats(whole)[0], 10)

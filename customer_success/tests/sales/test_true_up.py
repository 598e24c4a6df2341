from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, days
from ..scores.overuse_common import OveruseCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTrueUp(OveruseCase):
    """The true-up of use above the licences in money, as sales and the forecast show it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(cls.env, "test_seller", "sales_team.group_sale_salesman")
        cls.customer = cls._over(user_id=cls.seller.id)
        cls.term = cls.customer.success_renewal_ids

    def _seen(self, term=None, user=None):
        seen = self.env["customer.success.sales.renewal"].with_user(user or self.seller)
        return seen.browse((term or self.term).ids)

    def test_the_price_of_the_users_above_the_licences(self):
        # 50 users at 120 a seat and year; 100 days are left of the term.
        self.assertEqual(self.term.true_up, 6000)
        self.assertAlmostEqual(self.term.true_up_rest, 6000 * 100 / 365, 2)
        seen = self._seen()
        self.assertEqual((seen.users_over, seen.true_up), (50, 6000))
        self.assertAlmostEqual(seen.true_up_rest, 6000 * 100 / 365, 2)
        self.assertIn("True-up: $ 1,643.84 until the renewal, $ 6,000.00 a year", self._plain(seen))

    def _plain(self, seen):
        return seen.overuse_said.replace("\xa0", " ").replace("$1", "$ 1").replace("$6", "$ 6")

    def test_it_is_in_no_other_amount(self):
        self.assertEqual((self._seen().value, self.term.annual_value), (12000, 12000))
        self.term._open_leads()
        lead = self.term.lead_id.with_user(self.seller)
        self.assertEqual((lead.user_id, lead.expected_revenue), (self.seller, 12000))
        self.assertIn("50 are above the licences", lead.success_overuse_said)

    def test_the_forecast_adds_it_up_beside_the_value(self):
        other = self._over("Second", user_id=self.seller.id, active=110).success_renewal_ids
        (self.term | other).forecast = "committed"
        rows = self._seen(self.term | other)._read_group(
            [("id", "in", (self.term | other).ids)],
            ["forecast_effective"],
            ["value:sum", "true_up:sum", "users_over:sum"],
        )
        self.assertEqual(rows, [("committed", 24000, 7200, 60)])
        [(total,)] = (
            self.env["customer.success.renewal"]
            .with_user(self.csm)
            ._read_group([("id", "in", (self.term | other).ids)], [], ["true_up:sum"])
        )
        self.assertEqual(total, 7200)

    def test_the_forecast_by_quarter_has_it_beside_what_is_expected(self):
        forecast = self.env["customer.success.forecast"].with_user(self.manager)
        found = forecast._read(Domain("id", "=", self.term.id))
        quarter = next(one for one in found.quarters if one.start == date(2026, 7, 1))
        self.assertEqual((quarter.value, quarter.true_up), (12000, 6000))
        self.assertEqual(found.ahead.true_up, 6000)
        self.term.sudo().overuse_id = False
        without = forecast._read(Domain("id", "=", self.term.id))
        self.assertEqual(
            (found.ahead.total, found.ahead.low, found.ahead.high),
            (without.ahead.total, without.ahead.low, without.ahead.high),
        )
        self.assertEqual(without.ahead.true_up, 0)

    def test_another_currency(self):
        euro = self.env.ref("base.EUR") | self.env.ref("base.USD")
        foreign = (euro - self.company.currency_id)[:1]
        foreign.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": foreign.id,
                "company_id": self.company.id,
                "name": days(20),
                "rate": 0.5,
            }
        )
        customer = self._customer("Abroad", user_id=self.seller.id)
        term = self._renewal(customer, currency_id=foreign.id)
        self._months(customer, *[150] * 5)
        self._rescore(customer)
        self.assertEqual((term.true_up, term.currency_id), (6000, foreign), "as in the contract")
        self.assertEqual(self._seen(term).true_up, 12000, "as in the company")

    def test_add_ons_have_a_price_of_their_own(self):
        addon = self.env["product.product"].create({"name": "Add-on"})
        self._renewal(self.customer, 1000, main_id=self.term.id, product_id=addon.id, seats=10)
        self._months(self.customer, *[25] * 5, licensed=10, product_id=addon.id)
        self._rescore(self.customer)
        found = {line.product_id: line.true_up for line in self.customer.success_overuse_ids}
        self.assertEqual(found, {self.product: 6000, addon: 1500})

    def test_a_contract_that_ends_by_notice_has_no_true_up_at_the_renewal(self):
        self.term.write({"notice_given_on": days(3), "notice_kind": "end"})
        self._rescore(self.customer)
        seen = self._seen()
        self.assertFalse(self.term.true_up or seen.true_up)
        self.assertAlmostEqual(seen.true_up_rest, 6000 * 100 / 365, 2)
        self.assertIn("of which notice was given", seen.overuse_said)

    def test_without_a_value_or_seats_there_is_no_price(self):
        for vals in ({"annual_value": 0}, {"seats": 0}):
            self.term.with_context(tracking_disable=True).write(vals)
            self._rescore(self.customer)
            line = self._told(self.customer)
            self.assertTrue(line)
            self.assertFalse(line.true_up or self._seen().true_up, vals)
            self.assertNotIn("True-up", line._say_all())

    def test_the_time_left_shrinks_without_a_night(self):
        with freeze_time(TODAY + timedelta(days=60)):
            self.env.invalidate_all()
            self.assertAlmostEqual(self.term.true_up_rest, 6000 * 40 / 365, 2)
            self.assertAlmostEqual(self._seen().true_up_rest, 6000 * 40 / 365, 2)
        with freeze_time(TODAY + timedelta(days=130)):
            self.env.invalidate_all()
            self.assertEqual((self.term.true_up_rest, self._seen().true_up_rest), (0, 0))

    def test_who_may_see_it(self):
        other = new_test_user(self.env, "test_other", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self._seen(user=other).read(["true_up"])
        with self.assertRaises(AccessError):
            self._seen().write({"true_up": 0})
        with self.assertRaises(AccessError):
            self.term.with_user(self.seller).read(["true_up"])

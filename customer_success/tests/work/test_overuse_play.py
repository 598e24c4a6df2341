from datetime import date, timedelta

from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, days
from ..scores.overuse_common import OveruseCase
from .plays_common import PlaysCase

LATER = TODAY + timedelta(days=200)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOverusePlay(OveruseCase, PlaysCase):
    """The playbook of use above the licences: who gets its steps, after how long, and how often."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(cls.env, "test_seller", "sales_team.group_sale_salesman")

    def test_it_tells_the_csm_and_the_salesperson_once(self):
        shipped = self.env.ref("customer_success.customer_success_play_overuse")
        shipped.write({"active": True, "date_start": TODAY})
        customer = self._over(user_id=self.seller.id)
        self.assertEqual(self._evaluate(customer), 1)
        self.assertEqual(
            self._reasons(shipped, customer),
            ["Planner: 150 users are active and 100 are licensed, since 11/01/2025"],
        )
        steps = self._start().activity_ids
        self.assertEqual(len(steps), 4)
        self.assertEqual(steps.user_id, self.csm | self.seller)
        offer = steps.filtered(lambda step: step.user_id == self.seller)
        self.assertIn("true-up", offer.summary)
        self.assertIn("150 users are active", offer.with_user(self.seller).note)
        mine = self.activities.with_user(self.csm).search(
            [("user_id", "=", self.csm.id), ("success_partner_id", "=", customer.id)]
        )
        self.assertEqual(len(mine), 3, "they are on My Day")
        for day in (1, 91, 400):
            with freeze_time(TODAY + timedelta(days=day)):
                self._rescore(customer)
                self.assertEqual(self._evaluate(customer), 0, day)

    def test_without_a_salesperson_of_the_company_the_csm_has_all_steps(self):
        shipped = self.env.ref("customer_success.customer_success_play_overuse")
        shipped.write({"active": True, "date_start": TODAY})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.seller.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        customer = self._over(user_id=self.seller.id, company_id=self.company.id)
        self._evaluate(customer)
        self.assertEqual(self._start().activity_ids.user_id, self.csm)

    def test_it_waits_for_its_days(self):
        for months, wait, runs in ((3, 90, 1), (3, 120, 0), (4, 120, 1), (1, 30, 1), (2, 90, 0)):
            with self.subTest(months=months, days=wait):
                customer = self._over(f"{months} months, {wait} days", months=months)
                play = self._play("overuse", days=wait)
                self._evaluate(customer)
                self.assertEqual(len(self._reasons(play, customer)), runs)
                play.active = False

    def test_a_further_time_above_the_licences_is_a_further_run(self):
        customer = self._over()
        play = self._play("overuse", cooldown_days=0)
        self.assertEqual(self._evaluate(customer), 1)
        self._months_after(customer, (6, 90), (7, 90), (8, 160), (9, 160), (10, 160))
        with freeze_time(date(2026, 11, 15)):
            self._rescore(customer)
            self.assertEqual(self._evaluate(customer), 1)
            self.assertEqual(self._evaluate(customer), 0)
        self.assertEqual(len(self._reasons(play, customer)), 2)

    def _months_after(self, customer, *months):
        with freeze_time(LATER):
            for month, active in months:
                self._usage(customer, active=active, when=date(2026, month, 1))

    def test_the_same_time_starts_nothing_again(self):
        customer = self._over()
        self._play("overuse", cooldown_days=0)
        self.assertEqual(self._evaluate(customer), 1)
        # Earlier months are delivered late, the contract is renewed, and gets a number.
        self.env["customer.success.usage"].search(
            [("partner_id", "=", customer.id), ("active_users", "=", 90)]
        ).active_users = 140
        self._rescore(customer)
        self.assertEqual(customer.success_overuse_ids.date_since, date(2025, 9, 1))
        self.assertEqual(self._evaluate(customer), 0, "earlier months of the same time")
        customer.success_renewal_ids.contract_number = "NEW-1"
        self._rescore(customer)
        self.assertEqual(self._evaluate(customer), 0, "it got a number")
        term = customer.success_renewal_ids
        term.write({"date_start": days(370), "date_renewal": days(5)})
        term.write({"outcome": "renewed"})
        self._rescore(customer)
        self.assertTrue(customer.success_overuse_ids)
        self.assertEqual(self._evaluate(customer), 0, "it was renewed")

    def test_a_playbook_that_is_switched_on_later_does_not_act_on_the_past(self):
        customer = self._over()
        with freeze_time(TODAY + timedelta(days=10)):
            play = self._play("overuse", date_start=TODAY + timedelta(days=10))
            self.assertEqual(self._evaluate(customer), 0)
            late = self._over("Loaded today")
            self.assertEqual(self._evaluate(late), 1, "its months were loaded after that")
            self.assertTrue(self._reasons(play, late))

    def test_innocents_start_nothing(self):
        self._play("overuse")
        peak = self._customer("Peak")
        self._renewal(peak)
        self._months(peak, 90, 90, 160)
        self._rescore(peak)
        buys = self._over("Buys")
        self.env["customer.success.renewal.amendment"].create(
            {
                "renewal_id": buys.success_renewal_ids.id,
                "date": TODAY + timedelta(days=7),
                "seats": 160,
                "annual_value": 19000,
            }
        )
        self._rescore(buys)
        self.assertEqual(self._evaluate(peak, buys), 0)

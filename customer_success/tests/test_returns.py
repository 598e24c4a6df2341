from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReturns(SuccessCase):
    """The cost of objectives beside the value that the customer confirmed (S28)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls.contact = cls._contact(cls.customer)
        cls.own = cls.company.currency_id
        cls.known, cls.unknown = cls.env["res.currency"].create(
            [{"name": name, "symbol": name} for name in ("QQA", "QQB")]
        )
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.known.id, "name": days(10), "rate": 2, "company_id": False}
        )

    def _objective(self, **vals):
        return (
            self.env["customer.success.objective"]
            .with_user(self.csm)
            .create(
                {
                    "name": "Orders the same day",
                    "partner_id": self.customer.id,
                    "confirmed_by_id": self.contact.id,
                    "evidence": "Mail of 3 May",
                    **vals,
                }
            )
        )

    def _confirmed(self, value=None, cost=None, **vals):
        vals.setdefault("state", "confirmed")
        if value is not None:
            vals["realised_value"] = value
        if cost is not None:
            vals["cost"] = cost
        return self._objective(**vals)

    def _customer_return(self):
        self.env.invalidate_all()
        return self.customer.with_user(self.csm).success_return_rate

    def _summary(self):
        self.env.invalidate_all()
        return str(self.customer.with_user(self.csm).success_objective_summary or "")

    def _total(self, *aggregates):
        objectives = self.env["customer.success.objective"].with_user(self.csm)
        own = [("partner_id", "=", self.customer.id)]
        return objectives._read_group(own, [], aggregates)[0]

    def test_s28_a_confirmed_value_beside_its_cost_is_a_return(self):
        objective = self._objective(realised_value=30000, cost=12000)
        self.assertIs(objective.return_rate, False)
        self.assertIn("until the customer confirms", objective.return_note)
        objective.action_confirm()
        self.assertEqual((objective.net_value, objective.return_rate), (18000, 150))
        self.assertFalse(objective.return_note)
        form = Form(objective)
        self.assertFalse(form._get_modifier("return_rate", "invisible"))
        self.assertEqual(self._customer_return(), 150)
        self.assertIn("a return of 150 %", self._summary())

    def test_s28_several_objectives_return_the_ratio_of_their_sums(self):
        self._confirmed(value=1100, cost=100)  # 1000 %
        self._confirmed(value=9000, cost=10000)  # -10 %
        self.assertEqual(self._customer_return(), 0)
        self.assertEqual(self._total("return_rate:avg"), (0,))

    def test_s28_currencies_are_added_up_at_their_rates(self):
        self._confirmed(value=1000, cost=500)
        self._confirmed(value=3000, cost=1000, currency_id=self.known.id)  # 1500 and 500
        self.assertEqual(self._customer_return(), 150)
        self.assertEqual(
            self._total("return_rate:avg", "cost:sum_currency", "confirmed_value:sum_currency"),
            (150, 1000, 2500),
        )

    def test_s28_a_missing_rate_is_said_and_never_1(self):
        self._confirmed(value=1000, cost=500)
        self._confirmed(value=1000, cost=500, currency_id=self.unknown.id)
        self.assertIs(self._customer_return(), False)
        self.assertIn("there is no exchange rate for QQB", self._summary())
        self.assertFalse(self._total("return_rate:avg")[0])

    def test_innocent_a_customer_in_another_currency_needs_no_rate(self):
        self._confirmed(value=1000, cost=500, currency_id=self.unknown.id)
        self.assertEqual(self._customer_return(), 100)
        self.assertIn("QQB", self._summary())

    def test_innocent_an_objective_without_a_cost_is_left_out(self):
        bare = self._confirmed(value=50000)
        self.assertIs(bare.return_rate, False)
        self.assertIn("the cost is missing", bare.return_note)
        self.assertIs(self._customer_return(), False, "unknown, not infinite")
        self.assertIn("their cost is unknown: 1", self._summary())
        self._confirmed(value=2000, cost=1000)
        self.assertEqual(self._customer_return(), 100)
        self.assertIn("their cost is unknown: 1", self._summary())

    def test_innocent_an_objective_met_without_money(self):
        objective = self._confirmed(cost=1000)
        self.assertIs(objective.realised_value, False)
        self.assertIs(objective.return_rate, False, "unknown, not a loss")
        self.assertIn("the realised value is missing", objective.return_note)
        self.assertEqual(objective.proof, "word")
        objective.realised_value = 0
        self.assertEqual(objective.return_rate, -100, "0 is a value that somebody entered")

    def test_cheat_a_cost_of_zero(self):
        for cost in (0, -5):
            with (
                self.subTest(cost=cost),
                self.assertRaisesRegex(UserError, "must be more than 0"),
                self.cr.savepoint(),
            ):
                self._confirmed(value=1000, cost=cost)

    def test_cheat_a_confirmation_before_go_live_counts_nowhere(self):
        self._confirmed(value=5000, cost=100, confirmed_date=days(300))
        self._confirmed(value=1000, cost=500)
        self.customer.success_go_live_date = days(200)
        early = self.env["customer.success.objective"].search(
            [("partner_id", "=", self.customer.id), ("proof", "=", "early")]
        )
        self.assertEqual(len(early), 1)
        self.assertIs(early.confirmed_value, False)
        self.assertIn("before go-live", early.return_note)
        self.assertEqual(self._customer_return(), 100)
        self.assertEqual(self._total("confirmed_value:sum"), (1000,))

    def test_cheat_one_objective_split_into_ten(self):
        whole = self._confirmed(value=10000, cost=5000)
        before = self._rescore(self.customer).health, self._customer_return()
        whole.with_user(self.manager).unlink()
        for _part in range(10):
            self._confirmed(value=1000, cost=500)
        self.assertEqual((self._rescore(self.customer).health, self._customer_return()), before)

    def test_cheat_a_baseline_that_is_the_actual_figure(self):
        """Progress from a baseline that was measured already is the progress since then, so nothing is won."""
        objective = self._objective(baseline=50, target=80, unit="%", actual=50)
        self.assertEqual(objective.progress, 0)
        with self.assertRaisesRegex(UserError, "did not reach its target"), self.cr.savepoint():
            objective.action_confirm()
        objective.write({"shortfall_reason": "They like it", "state": "confirmed"})
        self.assertEqual(objective.proof, "below")

    def test_the_kind_of_proof_is_found_and_grouped(self):
        met = self._objective(baseline=20, target=80, unit="%", actual=85)
        below = self._objective(baseline=20, target=80, unit="%", actual=50, shortfall_reason="So")
        word, still_open = self._objective(), self._objective()
        (met | below | word).action_confirm()
        groups = self.env["customer.success.objective"]._read_group(
            [("partner_id", "=", self.customer.id)], ["proof"], ["id:recordset"]
        )
        found = dict(groups)
        self.assertEqual(
            [found[proof] for proof in ("met", "below", "word", False)],
            [met, below, word, still_open],
        )

    def test_others_do_not_read_costs(self):
        objective = self._confirmed(value=1000, cost=500)
        for user in (self.sales, self.env.ref("base.public_user")):
            with self.subTest(user=user.login):
                self.assertFalse(objective.with_user(user).has_access("read"))
                with self.assertRaises(UserError):
                    self.customer.with_user(user).read(["success_return_rate"])
        stranger = self._customer("Other", success_user_id=self.lead_csm.id)
        other = (
            self._confirmed(cost=500)
            .sudo()
            .copy({"partner_id": stranger.id, "confirmed_by_id": False, "state": "open"})
        )
        self.assertFalse(other.with_user(self.csm).has_access("read"))
        self.assertFalse(stranger.with_user(self.csm)._success_returns())

    def test_many_customers_take_as_many_queries_as_one(self):
        self._confirmed(value=1000, cost=500)
        customers = self.customer | self._customer("B") | self._customer("C")
        customers = customers.with_user(self.csm)
        customers.mapped("success_return_rate")

        def read(some):
            self.env.invalidate_all()
            some.mapped("success_return_rate")

        with self.assertQueryCount(9):
            read(customers[:1])
        with self.assertQueryCount(9):
            read(customers)

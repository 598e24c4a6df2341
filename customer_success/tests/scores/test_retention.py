from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, SuccessCase, days

END_2025 = {"date_start": date(2024, 12, 31), "date_renewal": date(2025, 12, 31)}
END_2026 = {"date_start": date(2025, 3, 1), "date_renewal": date(2026, 3, 1)}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRetention(SuccessCase):
    """The retention of five customers, computed by hand in thousands.

    A to C started in 2024 and decided in 2025, D and E a year later:

    ====  ==========  ======  =======  =====  ======  ====================
    who   outcome     before  renewed  kept   gained  customer lost
    ====  ==========  ======  =======  =====  ======  ====================
    A     renewed         10       10     10       0
    B     contracted      20       15     15       0
    C     churned         10        0      0       0  yes
    2024                  40       25     25       0  1 of 3
    D     expanded        40       60     40      20
    E     churned          5        0      0       0  no: has Analytics
    E     renewed         15       15     15       0
    2025                  60       75     55      20  0 of 2
    all                  100      100     80      20  1 of 5
    ====  ==========  ======  =======  =====  ======  ====================

    Gross: 2024 25/40 = 62.5 %, 2025 55/60 = 91.7 %, all 80 %. Net: 62.5 %, 75/60 = 125 %, all 100 %. The mean
    of the six rows' gross retention would be 62.5 %, and of the two cohorts' 77.1 %: neither is right.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.retention = cls.env["customer.success.retention"]
        cls.analytics = cls.env["product.product"].create({"name": "Analytics"})
        cls.reason = cls.env["customer.success.renewal.reason"].create(
            {"name": "Bought by another", "outcome": "churned"}
        )
        cls.customers = {name: cls._customer(f"Customer {name}") for name in "ABCDE"}
        cls.terms = {
            "A": cls._ended("A", 10, "renewed", 10),
            "B": cls._ended("B", 20, "contracted", 15),
            "C": cls._ended("C", 10, "churned", reason_id=cls.reason.id),
            "D": cls._ended("D", 40, "expanded", 60, **END_2026),
            "E": cls._ended("E", 5, "churned", **END_2026),
            "E2": cls._ended("E", 15, "renewed", 15, product_id=cls.analytics.id, **END_2026),
        }
        cls.domain = [("partner_id", "in", [c.id for c in cls.customers.values()])]

    @classmethod
    def _ended(cls, name, before, outcome, after=0, **vals):
        values = {**END_2025, "outcome": outcome, "renewed_value": 1000 * after, **vals}
        values.setdefault("date_outcome", values["date_renewal"])
        if outcome in ("contracted", "expanded"):
            values["renewed_seats"] = 90 if outcome == "contracted" else 120
        return cls._renewal(cls.customers[name], value=1000 * before, **values)

    def _row(self, term):
        self.env.flush_all()
        self.retention.invalidate_model()
        return self.retention.search([("id", "=", term.id)])

    def _ratios(self, groupby=(), user=None, domain=None):
        """Return ``{group: (gross, net, logo churn)}``."""
        groups = self.retention.with_user(user or self.manager)._read_group(
            domain or self.domain,
            groupby,
            ["gross_retention:avg", "net_retention:avg", "logo_churn:avg"],
        )
        return {group[:-3]: group[-3:] for group in groups}

    # -- ratios of sums -----------------------------------------------------------------------

    def test_a_groups_ratio_is_that_of_its_sums(self):
        self.assertEqual(self._ratios(), {(): (80.0, 100.0, 20.0)})

    def test_by_cohort(self):
        found = {
            group[0].year: ratios for group, ratios in self._ratios(["cohort_date:year"]).items()
        }
        self.assertEqual(found, {2024: (62.5, 62.5, 33.3), 2025: (91.7, 125.0, 0.0)})

    def test_by_cohort_and_year_of_decision(self):
        found = {
            (cohort.year, decided.year): ratios
            for (cohort, decided), ratios in self._ratios(["cohort_date:year", "date:year"]).items()
        }
        self.assertEqual(
            found, {(2024, 2025): (62.5, 62.5, 33.3), (2025, 2026): (91.7, 125.0, 0.0)}
        )

    def test_by_product_csm_and_reason(self):
        by_product = self._ratios(["product_id"])
        # Planner: 10 + 15 + 0 + 40 + 0 kept of 85, 85 renewed; C and E left it, and C left altogether: 1 of 5.
        self.assertEqual(by_product[(self.product,)], (76.5, 100.0, 20.0))
        self.assertEqual(by_product[(self.analytics,)], (100.0, 100.0, 0.0))
        self.assertEqual(self._ratios(["user_id"]), {(self.csm,): (80.0, 100.0, 20.0)})
        self.assertEqual(self._ratios(["reason_id"])[(self.reason,)], (0.0, 0.0, 100.0))

    def test_the_screens_get_the_same_ratios(self):
        rows = self.retention.with_user(self.manager).formatted_read_group(
            self.domain,
            ["cohort_date:year"],
            ["gross_retention:avg", "net_retention:avg", "logo_churn:avg", "value_before:sum"],
            order="gross_retention:avg desc",
        )
        self.assertEqual([row["gross_retention:avg"] for row in rows], [91.7, 62.5])
        self.assertEqual([row["value_before:sum"] for row in rows], [60000, 40000])

    def test_gross_retention_never_exceeds_100_and_net_may(self):
        row = self._row(self.terms["D"])
        self.assertEqual((row.gross_retention, row.net_retention), (100.0, 150.0))
        self.assertEqual((row.value_kept, row.value_gained), (40000, 20000))
        self.assertEqual(self._ratios(["outcome"])[("expanded",)][:2], (100.0, 150.0))

    def test_losses_and_gains_add_up(self):
        [totals] = self.retention._read_group(
            self.domain,
            [],
            [
                f"value_{name}:sum"
                for name in ("before", "churned", "contracted", "gained", "renewed", "kept")
            ],
        )
        self.assertEqual(totals, (100000, 15000, 5000, 20000, 100000, 80000))

    # -- customers ----------------------------------------------------------------------------

    def test_leaving_a_product_is_not_leaving(self):
        self.assertEqual(self._row(self.terms["C"]).loss, "customer")
        self.assertEqual(self._row(self.terms["E"]).loss, "product")
        self.assertEqual(self._row(self.terms["B"]).loss, "shrunk")
        self.assertFalse(self._row(self.terms["A"]).loss)

    def test_who_ends_two_products_on_one_day_is_gone_once(self):
        customer = self._customer("Both")
        terms = [
            self._renewal(
                customer, outcome="churned", date_outcome=days(9), product_id=product.id, **END_2026
            )
            for product in (self.product, self.analytics)
        ]
        self.assertEqual([self._row(term).customers_lost for term in terms], [0, 1])
        [(lost, share)] = self.retention._read_group(
            [("partner_id", "=", customer.id)], [], ["customers_lost:sum", "logo_churn:avg"]
        )
        self.assertEqual((lost, share), (1, 100.0))

    def test_who_leaves_by_one_product_after_the_other_is_gone_with_the_last(self):
        customer = self._customer("Slowly")
        first = self._renewal(
            customer, outcome="churned", date_outcome=date(2025, 12, 1), **END_2025
        )
        last = self._renewal(
            customer,
            outcome="churned",
            date_outcome=date(2026, 2, 1),
            product_id=self.analytics.id,
            **END_2026,
        )
        self.assertEqual(self._row(first).loss, "product")
        self.assertEqual(self._row(last).loss, "customer")

    def test_who_comes_back_after_a_year_had_left(self):
        customer = self._customer("Returning")
        left = self._renewal(customer, outcome="churned", date_outcome=date(2025, 1, 1),
                             date_start=date(2024, 1, 1), date_renewal=date(2025, 1, 1))  # fmt: skip
        self._renewal(customer, date_start=date(2026, 1, 1), date_renewal=date(2027, 1, 1))
        self.assertEqual(self._row(left).loss, "customer")

    def test_who_goes_on_with_another_product_never_left(self):
        customer = self._customer("Switching")
        left = self._renewal(
            customer, outcome="churned", date_outcome=date(2025, 12, 1), **END_2025
        )
        self._renewal(
            customer,
            product_id=self.analytics.id,
            date_start=date(2026, 1, 15),
            date_renewal=date(2027, 1, 15),
        )
        self.assertEqual(self._row(left).loss, "product")

    def test_the_cohort_is_the_earliest_of_first_term_and_go_live(self):
        self.assertEqual(self._row(self.terms["A"]).cohort_date, date(2024, 12, 31))
        self.customers["A"].success_go_live_date = date(2023, 5, 1)
        row = self._row(self.terms["A"])
        self.assertEqual(row.cohort_date, date(2023, 5, 1))
        self.assertEqual(row.years, 3)

    # -- undecided terms and unknown values --------------------------------------------------------

    def test_what_is_due_and_not_decided_stands_apart(self):
        overdue = self._renewal(self.customers["A"], value=7000, date_start=days(400),
                                date_renewal=days(3), product_id=self.analytics.id)  # fmt: skip
        ahead = self._renewal(self.customers["B"], product_id=self.analytics.id)
        row = self._row(overdue)
        self.assertEqual((row.outcome, row.value_undecided), ("undecided", 7000))
        for name in ("value_before", "value_contracted", "gross_retention", "logo_churn", "gap"):
            self.assertFalse(row[name], name)
        self.assertFalse(self._row(ahead))
        self.assertEqual(self._ratios(), {(): (80.0, 100.0, 20.0)})

    def test_money_is_at_the_rate_of_the_day_of_decision(self):
        foreign = self._currency({"2025-01-01": 0.5, "2026-01-01": 0.8})
        term = self._ended("A", 10, "contracted", 5, currency_id=foreign.id, product_id=False)
        row = self._row(term)
        self.assertEqual(row.currency_id, self.company.currency_id)
        self.assertAlmostEqual(row.value_before, 20000)
        self.assertAlmostEqual(row.value_contracted, 10000)
        self.assertFalse(row.missing)

    def test_without_a_rate_nothing_is_counted_and_it_says_so(self):
        foreign = self._currency({"2026-06-01": 0.5})
        term = self._ended("A", 10, "churned", currency_id=foreign.id, product_id=False)
        row = self._row(term)
        self.assertEqual(row.missing, "rate")
        [values] = self.retention._read_group(
            [("id", "=", term.id)],
            [],
            [f"value_{name}:max" for name in ("before", "renewed", "kept", "churned")],
        )
        self.assertEqual(set(values), {False})
        self.assertEqual(self._ratios()[()][:2], (80.0, 100.0))

    def test_a_contraction_without_its_value_is_unknown(self):
        term = self.terms["B"]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET renewed_value = 0 WHERE id = %s", [term.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self._row(term).missing, "value")
        # Without B: kept 65, renewed 85 of 80.
        self.assertEqual(self._ratios()[()][:2], (81.3, 106.3))

    def _currency(self, rates):
        currency = self.env["res.currency"].create({"name": "QQA", "symbol": "q"})
        for day, rate in rates.items():
            self.env["res.currency.rate"].create(
                {"currency_id": currency.id, "name": day, "rate": rate, "company_id": False}
            )
        return currency

    def test_ratios_of_two_currencies_are_of_one_currency(self):
        """Abroad, 10,000 Q of 20,000 Q are kept; today 1 unit of ours is 0.5 Q: 20,000 of 40,000. All: 100 of 140."""
        foreign = self._currency({"2025-01-01": 0.5})
        abroad = self._abroad(foreign)
        self.assertEqual(self._both(abroad)[()][:2], (71.4, 85.7))

    def test_ratios_of_two_currencies_without_a_rate_are_unknown(self):
        abroad = self._abroad(self._currency({"2027-01-01": 0.5}))
        self.assertEqual(self._both(abroad)[()][:2], (False, False))
        found = self._both(abroad, ["currency_id"])
        self.assertEqual(found[(self.company.currency_id,)][:2], (80.0, 100.0))

    def _abroad(self, currency):
        other = self.env["res.company"].create({"name": "Abroad", "currency_id": currency.id})
        self.manager.write({"company_ids": [(4, other.id)]})
        self._ended(
            "A",
            20,
            "contracted",
            10,
            company_id=other.id,
            currency_id=currency.id,
            product_id=False,
        )
        return other

    def _both(self, other, groupby=()):
        retention = self.retention.with_user(self.manager).with_context(
            allowed_company_ids=[self.company.id, other.id]
        )
        groups = retention._read_group(
            self.domain, groupby, ["gross_retention:avg", "net_retention:avg"]
        )
        return {group[:-2]: group[-2:] for group in groups}

    # -- expected and actual churn ----------------------------------------------------------------

    def _checkpoint(self, name, horizon, risk, when=None):
        term = self.terms[name]
        return self.env["customer.success.checkpoint"].create(
            {
                "renewal_id": term.id,
                "horizon": horizon,
                "date": when
                or term.date_renewal.replace(month=2 if term == self.terms["D"] else 1),
                "machine_risk": risk,
            }
        )

    def test_the_forecast_is_that_of_90_days_before_else_the_nearest(self):
        for horizon, risk in ((180, 10), (90, 55), (30, 90)):
            self._checkpoint("C", horizon, risk, date(2025, 10, 1))
        self._checkpoint("A", 180, 12, date(2025, 7, 1))
        self._checkpoint("A", 30, 15, date(2025, 12, 1))
        self._checkpoint("B", 90, 5, date(2026, 2, 1))  # taken after the decision
        self.assertEqual(self._row(self.terms["C"]).predicted_risk, 55)
        self.assertEqual(self._row(self.terms["C"]).risk_band, "high")
        self.assertEqual(self._row(self.terms["C"]).risk_decile, "5")
        self.assertEqual(self._row(self.terms["A"]).predicted_risk, 15)
        self.assertIs(self._row(self.terms["B"]).predicted_risk, False)
        self.assertIs(self._row(self.terms["B"]).actual_left, False)

    def test_a_calibration_table_by_tenth(self):
        """Step 6 has C (60, left), E (64, left) and A (65, stayed): expected 63, actual 66.7, difference 3.7."""
        for name, risk in (("A", 65), ("C", 60), ("E", 64), ("D", 3), ("E2", 100)):
            self._checkpoint(name, 90, risk, date(2025, 10, 1))
        groups = self.retention.with_user(self.manager)._read_group(
            [*self.domain, ("predicted_risk", "!=", False)],
            ["risk_decile"],
            [
                "__count",
                "predicted_risk:avg",
                "actual_left:avg",
                "gap:avg",
                "expected_lost:sum",
                "actual_lost:sum",
            ],
        )
        table = {decile: [round(value, 1) for value in values] for decile, *values in groups}
        self.assertEqual(
            table,
            {
                # Expected are 6,500 + 6,000 + 3,200; lost are 10,000 of C and 5,000 of E.
                "6": [3, 63.0, 66.7, 3.7, 15700, 15000],
                "0": [1, 3.0, 0.0, -3.0, 1200, 0],
                "9": [1, 100.0, 0.0, -100.0, 15000, 0],
            },
        )

    # -- access -----------------------------------------------------------------------------------

    def test_a_csm_sees_own_customers_and_a_manager_all(self):
        self.customers["B"].success_user_id = self.lead_csm
        self.customers["C"].success_user_id = False
        mine = self.retention.with_user(self.csm).search(self.domain).partner_id
        self.assertIn(self.customers["A"], mine)
        self.assertIn(self.customers["C"], mine)
        self.assertNotIn(self.customers["B"], mine)
        self.assertEqual(len(self.retention.with_user(self.manager).search(self.domain)), 6)
        # Without B: kept 65 of 80.
        self.assertEqual(self._ratios(user=self.csm)[()][0], 81.3)

    def test_salespeople_and_portal_users_see_nothing(self):
        contact = self._contact(self.customers["A"])
        contact.email = "ada@example.com"
        portal = new_test_user(
            self.env, "retention_portal", "base.group_portal", partner_id=contact.id
        )
        for user in (self.sales, portal):
            with self.assertRaises(AccessError):
                self.retention.with_user(user).search(self.domain)
            with self.assertRaises(AccessError):
                self._ratios(user=user)

    def test_another_companys_terms_are_not_counted(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._ended("A", 90, "churned", company_id=other.id, product_id=False)
        self.assertEqual(self._ratios(), {(): (80.0, 100.0, 20.0)})

    def test_nobody_writes_it(self):
        for user in (self.csm, self.manager):
            row = self._row(self.terms["A"]).with_user(user)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(row.has_access(operation))

    def test_a_row_opens_its_renewal(self):
        action = self._row(self.terms["A"]).with_user(self.csm).action_open_renewal()
        self.assertEqual(
            (action["res_model"], action["res_id"]),
            ("customer.success.renewal", self.terms["A"].id),
        )

    def test_an_archived_term_is_not_counted_and_an_archived_customer_is(self):
        self.customers["C"].active = False
        self.assertEqual(self._ratios(), {(): (80.0, 100.0, 20.0)})
        self.terms["C"].active = False
        self.assertEqual(self._ratios()[()][2], 0.0)

from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, SuccessCase

COLUMNS = (
    "at_start",
    "new_value",
    "expansion",
    "contraction",
    "lost",
    "come_back",
    "currency_change",
    "at_end",
)
THIS_MONTH = date(2026, 6, 1)


class RevenueCase(SuccessCase):
    """Helpers for recurring revenue; terms are given as ``(start, end, value, outcome, renewed value)``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bridge = cls.env["customer.success.revenue.bridge"]
        cls.years = cls.env["customer.success.revenue.retention"]
        cls.analytics = cls.env["product.product"].create({"name": "Analytics"})

    @classmethod
    def _term(cls, customer, start, end, value, outcome="pending", renewed=None, **vals):
        if outcome != "pending":
            vals = {"outcome": outcome, "date_outcome": min(date.fromisoformat(end), TODAY), **vals}
        if renewed is not None:
            vals["renewed_value"] = renewed
        if outcome in ("expanded", "contracted"):
            vals["renewed_seats"] = 120 if outcome == "expanded" else 90
        term = cls._renewal(customer, value=value, date_start=start, date_renewal=end, **vals)
        return term

    @classmethod
    def _chain(cls, customer, *terms, **vals):
        """Record terms that follow each other, as ``(start, end, value, outcome)``, and return them."""
        made = cls.env["customer.success.renewal"]
        for start, end, value, outcome, *more in terms:
            generated = made.next_ids.filtered("is_generated")[:1]
            if generated:
                generated.sudo().unlink()
            made |= cls._term(customer, start, end, value, outcome, *more, **vals)
        return made

    def _flush(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def _months(self, customers, user=None, domain=()):
        """Return ``{"2026-06": {column: amount that is not 0}}`` of the months with any revenue."""
        self._flush()
        rows = self.bridge.with_user(user or self.manager)._read_group(
            [("partner_id", "in", customers.ids), *domain],
            ["month:month"],
            [f"{name}:sum" for name in COLUMNS],
        )
        return {
            f"{month:%Y-%m}": {name: float(value) for name, value in zip(COLUMNS, values) if value}
            for month, *values in rows
        }

    def _moves(self, customers, **more):
        """Return the changes of each month with any, without what stands."""
        found = {
            month: {name: v for name, v in row.items() if name not in ("at_start", "at_end")}
            for month, row in self._months(customers, **more).items()
        }
        return {month: row for month, row in found.items() if row}

    def _year(self, customers, month=THIS_MONTH, user=None, groupby=()):
        """Return base, kept, renewed, gross and net retention of the twelve months until the end of a month."""
        self._flush()
        rows = self.years.with_user(user or self.manager)._read_group(
            [("partner_id", "in", customers.ids), ("month", "=", str(month))],
            groupby,
            [
                "base:sum",
                "kept:sum",
                "renewed:sum",
                "gross_retention:avg",
                "net_retention:avg",
            ],
        )
        return {row[:-5]: row[-5:] for row in rows} if groupby else rows[0]


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenue(RevenueCase):
    """Recurring revenue by month and over twelve months, worked out by hand; today is 15 June 2026."""

    # -- worked examples --------------------------------------------------------------------------

    def test_a_term_of_three_years_stands_each_month_and_each_year(self):
        """36,000 for three years are 12,000 a year: new in January 2024, nothing else until it is renewed at 13,000 in 2027.

        Retention by renewals counts it once, when it is up for renewal. Retention of revenue counts it in each twelve
        months: 12,000 of 12,000 are kept.
        """
        customer = self._customer("Three Years")
        self._term(customer, "2024-01-01", "2026-12-31", 12000)
        found = self._months(customer)
        self.assertEqual(found.pop("2024-01"), {"new_value": 12000, "at_end": 12000})
        self.assertEqual(len(found), 29)  # February 2024 to June 2026
        for month in self._each(found):
            self.assertEqual(found[month], {"at_start": 12000, "at_end": 12000}, month)
        self.assertEqual(self._year(customer), (12000, 12000, 12000, 100.0, 100.0))
        self.assertEqual(
            self._year(customer, date(2025, 3, 1)), (12000, 12000, 12000, 100.0, 100.0)
        )
        # In 2024 nothing stood at the start: it was new, and the ratio is unknown.
        self.assertEqual(self._year(customer, date(2024, 12, 1)), (0, 0, 0, False, False))

    def test_a_renewal_at_the_same_value_is_no_change(self):
        customer = self._customer("Steady")
        self._chain(
            customer,
            ("2024-03-01", "2025-03-01", 10000, "renewed"),
            ("2025-03-01", "2026-03-01", 10000, "renewed"),
            ("2026-03-01", "2027-03-01", 10000, "pending"),
        )
        self.assertEqual(self._moves(customer), {"2024-03": {"new_value": 10000}})

    def test_expansion_contraction_and_loss_at_renewals(self):
        customer = self._customer("Ups and Downs")
        self._chain(
            customer,
            ("2023-01-01", "2023-12-31", 10000, "expanded", 15000),
            ("2024-01-01", "2024-12-31", 15000, "contracted", 12000),
            ("2025-01-01", "2025-12-31", 12000, "churned"),
        )
        self.assertEqual(
            self._moves(customer),
            {
                "2023-01": {"new_value": 10000},
                "2024-01": {"expansion": 5000},
                "2025-01": {"contraction": -3000},
                "2026-01": {"lost": -12000},
            },
        )
        # From December 2023 to December 2024: 10,000 became 15,000.
        self.assertEqual(
            self._year(customer, date(2024, 12, 1)), (10000, 10000, 15000, 100.0, 150.0)
        )
        # From January 2024 to January 2025: 15,000 became 12,000.
        self.assertEqual(self._year(customer, date(2025, 1, 1)), (15000, 12000, 12000, 80.0, 80.0))
        self.assertEqual(self._year(customer), (12000, 0, 0, 0.0, 0.0))

    def test_the_ratio_of_a_group_is_that_of_its_sums(self):
        """A: 10,000 kept; B: 40,000 became 20,000; C: 10,000 became 30,000. Kept 40,000 of 60,000, renewed 60,000."""
        customers = self.env["res.partner"]
        for name, before, after in (("A", 10, 10), ("B", 40, 20), ("C", 10, 30)):
            customers |= (customer := self._customer(name))
            outcome = (
                "renewed" if before == after else "expanded" if after > before else "contracted"
            )
            self._chain(
                customer,
                ("2025-01-01", "2026-01-01", 1000 * before, outcome, 1000 * after),
                ("2026-01-01", "2027-01-01", 1000 * after, "pending"),
            )
        self.assertEqual(self._year(customers), (60000, 40000, 60000, 66.7, 100.0))
        by_customer = self._year(customers, groupby=["partner_id"])
        self.assertEqual([row[3:] for row in by_customer.values()],
                         [(100.0, 100.0), (50.0, 50.0), (100.0, 300.0)])  # fmt: skip

    # -- customers and products -------------------------------------------------------------------

    def test_who_comes_back_after_months_is_not_new_and_had_been_lost(self):
        customer = self._customer("Returning")
        self._term(customer, "2024-01-01", "2025-06-30", 10000, "churned")
        self._term(customer, "2026-02-01", "2027-01-31", 12000)
        self.assertEqual(
            self._moves(customer),
            {
                "2024-01": {"new_value": 10000},
                "2025-07": {"lost": -10000},
                "2026-02": {"come_back": 12000},
            },
        )
        # A year ago it stood, it stands again, and it had left in between.
        self.assertEqual(self._year(customer), (10000, 0, 0, 0.0, 0.0))

    def test_one_more_product_is_expansion_and_one_less_contraction(self):
        customer = self._customer("Two Products")
        self._term(customer, "2025-01-01", "2027-01-01", 10000)
        self._term(
            customer, "2025-05-01", "2026-05-01", 4000, "churned", product_id=self.analytics.id
        )
        self.assertEqual(
            self._moves(customer),
            {
                "2025-01": {"new_value": 10000},
                "2025-05": {"expansion": 4000},
                "2026-05": {"contraction": -4000},
            },
        )
        self.assertEqual(self._year(customer)[3:], (71.4, 71.4))
        by_product = self._year(customer, groupby=["product_id"])
        self.assertEqual(by_product[(self.analytics,)], (4000, 0, 0, 0.0, 0.0))

    def test_several_terms_of_one_product_count_together(self):
        """Two sites without a named product in common: one ends in June 2025 and the other takes over its seats."""
        customer = self._customer("Two Sites")
        self._term(customer, "2024-01-01", "2025-06-30", 8000, "churned", product_id=False)
        self._term(customer, "2024-07-01", "2025-06-30", 4000, "expanded", 11000, product_id=False)
        moves = self._moves(customer)
        self.assertEqual(moves["2024-07"], {"expansion": 4000})
        self.assertEqual(moves["2025-07"], {"contraction": -1000})

    def test_a_change_to_the_successor_is_neither_lost_nor_new(self):
        self.product.success_successor_id = self.analytics
        customer = self._customer("Changed Over")
        self._term(customer, "2024-01-01", "2025-12-31", 10000, "churned")
        self._term(customer, "2026-01-01", "2026-12-31", 11000, product_id=self.analytics.id)
        self.assertEqual(
            self._moves(customer), {"2024-01": {"new_value": 10000}, "2026-01": {"expansion": 1000}}
        )
        by_product = self._year(customer, groupby=["product_id"])
        self.assertEqual(by_product, {(self.analytics,): (10000, 10000, 11000, 100.0, 110.0)})

    # -- gaps, late decisions, odd terms ------------------------------------------------------------

    def test_a_gap_of_a_few_days_is_no_loss(self):
        customer = self._customer("Signed Late")
        self._term(customer, "2025-01-01", "2025-12-20", 10000, "churned")
        self._term(customer, "2026-01-15", "2027-01-14", 9000)
        self.assertEqual(
            self._moves(customer),
            {"2025-01": {"new_value": 10000}, "2026-01": {"contraction": -1000}},
        )

    def test_a_renewal_that_was_signed_two_months_late_is_no_loss(self):
        customer = self._customer("Signed Later")
        self._chain(
            customer,
            ("2025-01-01", "2025-12-31", 10000, "renewed"),
            ("2026-03-01", "2027-02-28", 10000, "pending"),
        )
        self.assertEqual(self._moves(customer), {"2025-01": {"new_value": 10000}})

    def test_the_next_term_may_begin_on_the_last_day(self):
        """On 31 December both terms run, and only one counts."""
        customer = self._customer("One Day Twice")
        self._term(customer, "2024-12-31", "2025-12-31", 10000, "churned", end_is_last_day=True)
        self._term(customer, "2025-12-31", "2026-12-31", 10000)
        self.assertEqual(self._moves(customer), {"2024-12": {"new_value": 10000}})

    def test_a_term_past_its_end_counts_on_for_92_days_and_then_as_lost(self):
        waiting = self._customer("Waiting")
        self._term(waiting, "2025-04-01", "2026-03-31", 10000)
        given_up = self._customer("Never Decided")
        self._term(given_up, "2025-03-01", "2026-02-28", 5000)
        self.assertEqual(self._moves(waiting), {"2025-04": {"new_value": 10000}})
        # From 1 March on 92 days: until the end of May.
        self.assertEqual(self._moves(given_up)["2026-06"], {"lost": -5000})
        rows = self.bridge.with_user(self.manager).search(
            [("partner_id", "in", (waiting | given_up).ids), ("month", "=", "2026-06-01")]
        )
        self.assertEqual(
            {(row.partner_id, row.kind, row.is_undecided) for row in rows},
            {(waiting, "standing", True), (given_up, "standing", True), (given_up, "lost", True)},
        )
        self.assertEqual(self._year(waiting), (10000, 10000, 10000, 100.0, 100.0))
        # When it is decided, the loss moves to the month in which the term ended.
        waiting.success_user_id = self.csm
        self.env["customer.success.renewal"].search(
            [("partner_id", "=", waiting.id)]
        ).outcome = "churned"
        self.assertEqual(
            self._moves(waiting), {"2025-04": {"new_value": 10000}, "2026-04": {"lost": -10000}}
        )

    def test_a_renewal_without_a_next_term_counts_for_one_more_term(self):
        customer = self._customer("Recorded Afterwards")
        term = self._term(customer, "2022-01-01", "2022-12-31", 10000, "expanded", 12000)
        self.assertFalse(term.next_ids)
        self.assertEqual(
            self._moves(customer),
            {
                "2022-01": {"new_value": 10000},
                "2023-01": {"expansion": 2000},
                "2024-01": {"lost": -12000},
            },
        )

    def test_a_term_of_value_0_is_no_revenue(self):
        customer = self._customer("Pilot First")
        self._chain(
            customer,
            ("2025-01-01", "2025-06-30", 0, "expanded", 10000),
            ("2025-07-01", "2026-06-30", 10000, "pending"),
        )
        self.assertEqual(self._moves(customer), {"2025-07": {"new_value": 10000}})

    def test_a_churn_counts_when_the_term_ends_not_when_it_is_decided(self):
        customer = self._customer("Gave Notice")
        self._term(customer, "2025-08-01", "2026-07-31", 10000, "churned")
        self.assertEqual(self._moves(customer), {"2025-08": {"new_value": 10000}})

    def test_a_lower_value_that_waits_for_a_manager_does_not_count_yet(self):
        customer = self._customer("Lowered")
        term = self._term(customer, "2025-01-01", "2026-12-31", 10000)
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET create_date = '2025-01-01' WHERE id = %s",
            [term.id],
        )
        self.env.invalidate_all()
        term.with_user(self.csm).write({"annual_value": 1000, "value_reason": "They pay less now"})
        self.assertEqual(self._months(customer)["2026-06"]["at_end"], 10000)

    # -- currencies ----------------------------------------------------------------------------------

    def _currency(self, rates, name="QQA"):
        currency = self.env["res.currency"].create({"name": name, "symbol": "q"})
        for day, rate in rates.items():
            self.env["res.currency.rate"].create(
                {"currency_id": currency.id, "name": day, "rate": rate, "company_id": False}
            )
        return currency

    def test_rates_change_the_currency_line_only(self):
        """1,000 Q are 2,000 until March 2026, and 2,500 from 10 March on."""
        foreign = self._currency({"2025-01-01": 0.5, "2026-03-10": 0.4})
        customer = self._customer("Abroad")
        self._term(customer, "2025-02-01", "2027-01-31", 1000, currency_id=foreign.id)
        self.assertEqual(
            self._moves(customer),
            {"2025-02": {"new_value": 2000}, "2026-03": {"currency_change": 500}},
        )
        # At the rates of the end, 2,500 of 2,500 are kept.
        self.assertEqual(self._year(customer), (2500, 2500, 2500, 100.0, 100.0))

    def test_another_currency_at_renewal_is_neither_lost_nor_new(self):
        """1,000 Q, 2,500 on 31 March, go on as 2,500 of ours: the rate changed 500, and nothing else did."""
        foreign = self._currency({"2025-01-01": 0.5, "2026-03-10": 0.4})
        customer = self._customer("Other Currency")
        self._chain(
            customer,
            ("2025-03-16", "2026-03-15", 1000, "churned"),
            currency_id=foreign.id,
        )
        self._term(customer, "2026-03-16", "2027-03-15", 2500)
        self.assertEqual(
            self._moves(customer),
            {"2025-03": {"new_value": 2000}, "2026-03": {"currency_change": 500}},
        )
        self.assertEqual(self._year(customer), (2500, 2500, 2500, 100.0, 100.0))

    def test_without_a_rate_nothing_is_counted_and_it_says_so(self):
        foreign = self._currency({"2026-03-10": 0.5})
        customer = self._customer("No Rate")
        self._term(customer, "2025-02-01", "2027-01-31", 1000, currency_id=foreign.id)
        months = self._months(customer)
        self.assertNotIn("2026-02", months)
        # It comes in by the rate, not as new revenue.
        self.assertEqual(months["2026-03"], {"currency_change": 2000, "at_end": 2000})
        rows = self.bridge.search([("partner_id", "=", customer.id), ("missing", "=", "rate")])
        self.assertEqual(max(rows.mapped("month")), date(2026, 2, 1))

    # -- groups of several months -------------------------------------------------------------------

    def test_a_year_begins_with_its_first_month_and_ends_with_its_last(self):
        customer = self._customer("Years")
        self._chain(
            customer,
            ("2025-03-01", "2026-03-01", 10000, "expanded", 12000),
            ("2026-03-01", "2027-03-01", 12000, "pending"),
        )
        self._flush()
        domain = [("partner_id", "=", customer.id)]
        specs = ["at_start:sum", "new_value:sum", "expansion:sum", "at_end:sum"]
        bridge = self.bridge.with_user(self.manager)
        self.assertEqual(
            bridge._read_group(domain, ["month:year"], specs),
            [(date(2025, 1, 1), 0, 10000, 0, 10000), (date(2026, 1, 1), 10000, 0, 2000, 12000)],
        )
        in_2026 = [*domain, ("month", ">=", "2026-02-01")]
        total = [(10000, 0, 2000, 12000)]
        self.assertEqual(bridge._read_group(in_2026, [], specs), total)
        sets = bridge._read_grouping_sets(in_2026, [[], ["product_id"], ["month:month"]], specs)
        self.assertEqual(sets[:2], [total, [(self.product, *total[0])]])
        self.assertEqual(len(sets[2]), 5)

    def test_what_was_lost_before_the_last_month_is_not_at_the_end(self):
        stays, leaves = self._customer("Stays"), self._customer("Leaves")
        self._term(stays, "2025-01-01", "2027-01-01", 10000)
        self._term(leaves, "2025-01-01", "2026-01-01", 4000, "churned")
        self._flush()
        rows = self.bridge.with_user(self.manager)._read_group(
            [("partner_id", "in", (stays | leaves).ids), ("month", ">=", "2025-07-01")],
            ["partner_id"],
            ["at_start:sum", "lost:sum", "at_end:sum"],
        )
        self.assertEqual(rows, [(stays, 10000, 0, 10000), (leaves, 4000, -4000, 0)])
        # The twelve months of several months overlap: the last ones count.
        [row] = self.years.with_user(self.manager)._read_group(
            [("partner_id", "in", (stays | leaves).ids)], [], ["base:sum", "gross_retention:avg"]
        )
        self.assertEqual(row, (14000, 71.4))

    # -- access and actions ---------------------------------------------------------------------------

    def test_a_csm_sees_own_customers_and_a_manager_all(self):
        mine, other, nobodys = (self._customer(name) for name in ("Mine", "Other", "Nobody's"))
        other.success_user_id, nobodys.success_user_id = self.lead_csm, False
        for customer in (mine, other, nobodys):
            self._term(customer, "2025-01-01", "2027-01-01", 1000)
        everybody = mine | other | nobodys
        self.assertEqual(self._months(everybody, self.csm)["2026-06"]["at_end"], 2000)
        self.assertEqual(self._months(everybody, self.lead_csm)["2026-06"]["at_end"], 3000)
        self.assertEqual(self._months(everybody)["2026-06"]["at_end"], 3000)
        self.assertEqual(self._year(everybody, user=self.csm)[0], 2000)

    def test_salespeople_and_portal_users_see_nothing(self):
        customer = self._customer("Closed")
        self._term(customer, "2025-01-01", "2027-01-01", 1000)
        contact = self._contact(customer)
        contact.email = "ada@example.com"
        portal = new_test_user(
            self.env, "revenue_portal", "base.group_portal", partner_id=contact.id
        )
        for user in (self.sales, portal):
            for model in (self.bridge, self.years):
                with self.assertRaises(AccessError):
                    model.with_user(user).search([("partner_id", "=", customer.id)])

    def test_another_companys_terms_are_not_counted(self):
        customer = self._customer("Two Companies")
        other = self.env["res.company"].create({"name": "Other"})
        self._term(customer, "2025-01-01", "2027-01-01", 1000)
        self._term(customer, "2025-01-01", "2027-01-01", 500, company_id=other.id)
        self.assertEqual(self._months(customer)["2026-06"]["at_end"], 1000)

    def test_archived_customers_stay_and_those_no_longer_followed_too(self):
        customer = self._customer("Archived")
        term = self._term(customer, "2025-01-01", "2026-01-01", 1000, "churned")
        customer.active = False
        self.assertEqual(self._moves(customer)["2026-01"], {"lost": -1000})
        customer.write({"active": True, "success_stage_id": False})
        self.assertEqual(self._moves(customer)["2026-01"], {"lost": -1000})
        term.active = False
        self.assertEqual(self._months(customer), {})

    def test_a_row_opens_its_term(self):
        customer = self._customer("Opened")
        term = self._term(customer, "2025-01-01", "2027-01-01", 1000)
        self._flush()
        for model in (self.bridge, self.years):
            row = model.with_user(self.csm).search([("partner_id", "=", customer.id)], limit=1)
            self.assertEqual(row.renewal_id, term)
            action = row.action_open_renewal()
            self.assertEqual(
                (action["res_model"], action["res_id"]), ("customer.success.renewal", term.id)
            )
            for operation in ("write", "create", "unlink"):
                self.assertFalse(row.has_access(operation))

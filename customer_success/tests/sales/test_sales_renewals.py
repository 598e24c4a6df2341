from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import format_date

from ...models.scores.customer_success_renewal_forecast import SUGGESTED
from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSalesRenewals(SuccessCase):
    """The renewals that sales sees, with which data, and the forecast that it sets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = new_test_user(cls.env, "test_own", "sales_team.group_sale_salesman")
        cls.other = new_test_user(cls.env, "test_other", "sales_team.group_sale_salesman")
        cls.mine = cls._customer("Mine", user_id=cls.own.id)
        cls.others = cls._customer("Others", user_id=cls.other.id)
        cls.nobodys = cls._customer("Nobodys")
        customers = cls.mine | cls.others | cls.nobodys
        for customer in customers:
            cls._usage(customer, active=2)
            cls._barrier(customer, "3")
        cls.renewal = cls._renewal(cls.mine, date_start=days(60), date_renewal=days(30))
        cls.others_renewal = cls._renewal(cls.others)
        cls.nobodys_renewal = cls._renewal(cls.nobodys)
        cls.unknown = cls._renewal(cls.mine, 500, date_renewal=days(-300), product_id=False)
        cls._rescore(customers)
        cls.unknown.score_id = False

    def _seen(self, user, domain=(), **kwargs):
        renewals = self.env["customer.success.sales.renewal"].with_user(user)
        return renewals.search([("id", "in", self._all().ids), *domain], **kwargs)

    def _all(self):
        return self.renewal | self.others_renewal | self.nobodys_renewal | self.unknown

    def _as_sales(self, renewals, user=None):
        seen = self.env["customer.success.sales.renewal"].with_user(user or self.own)
        return seen.browse(renewals.ids)

    # ------------------------------------------------------------------------------------------
    # Renewals of a salesperson
    # ------------------------------------------------------------------------------------------

    def test_salespeople_see_renewals_of_their_own_customers_and_of_nobodys(self):
        self.assertEqual(
            set(self._seen(self.own).ids),
            set((self.renewal | self.unknown | self.nobodys_renewal).ids),
        )
        with self.assertRaises(AccessError):
            self._as_sales(self.others_renewal).read(["annual_value"])

    def test_who_has_an_opportunity_with_a_customer_sees_its_renewals(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Upsell",
                "partner_id": self._contact(self.others).id,
                "user_id": self.own.id,
            }
        )
        self.assertIn(self.others_renewal.id, self._seen(self.own).ids)
        self.assertTrue(self._as_sales(self.others_renewal).is_mine)
        lead.active = False
        self.assertNotIn(self.others_renewal.id, self._seen(self.own).ids)

    def test_the_salesperson_is_the_opportunitys_else_the_customers(self):
        seen = self._as_sales(self.renewal, self.sales)
        self.assertEqual(seen.user_id, self.own)
        self.renewal.lead_id = self.env["crm.lead"].create(
            {"name": "Renewal", "partner_id": self.mine.id, "user_id": self.other.id}
        )
        seen.invalidate_recordset()
        self.assertEqual(seen.user_id, self.other)

    def test_salespeople_for_all_documents_see_all_of_their_companies(self):
        self.assertEqual(set(self._seen(self.sales).ids), set(self._all().ids))
        stranger = self._salesperson_elsewhere()
        self.assertFalse(self._seen(stranger))
        with self.assertRaises(AccessError):
            self._as_sales(self.renewal, stranger).read(["name"])

    def _salesperson_elsewhere(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        return new_test_user(
            self.env,
            "test_elsewhere",
            "sales_team.group_sale_salesman_all_leads",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_nobody_else_reads_or_writes_them(self):
        portal = new_test_user(self.env, "test_portal", "base.group_portal")
        employee = new_test_user(self.env, "test_employee", "base.group_user")
        for user in (portal, employee, self.csm):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._seen(user)
                with self.assertRaises(AccessError):
                    self._as_sales(self.renewal, user).write({"forecast_effective": "committed"})

    # ------------------------------------------------------------------------------------------
    # Reasons, not notes
    # ------------------------------------------------------------------------------------------

    def test_reasons_are_read_and_the_renewal_itself_is_not(self):
        note = "They are looking at a rival."
        self.renewal.message_post(body=note)
        seen = self._as_sales(self.renewal)
        self.assertEqual(len(seen.reasons.split(", ")), 3)
        self.assertIn("2 of 100 licensed users are active", str(seen.explanation))
        own = self.renewal.with_user(self.own)
        for read in (
            lambda: own.read(["annual_value"]),
            lambda: own.search([]),
            lambda: own.message_ids.read(["body"]),
            lambda: own.write({"forecast": "committed"}),
            lambda: own.message_post(body=note),
        ):
            with self.assertRaises(AccessError):
                read()
        messages = self.env["mail.message"].with_user(self.own)
        self.assertFalse(messages.search([("id", "in", self.renewal.message_ids.ids)]))
        activity = self.renewal.activity_schedule("mail.mail_activity_data_todo", note="Secret")
        self.assertFalse(
            self.env["mail.activity"].with_user(self.own).search([("id", "=", activity.id)])
        )

    def test_s85_sales_sees_who_may_not_renew_and_why(self):
        safe = self._customer("Safe", user_id=self.own.id)
        self._usage(safe, active=95)
        calm = self._renewal(safe)
        self._rescore(safe)
        [seen] = self._as_sales(self.renewal)
        [other] = self._as_sales(calm)
        self.assertGreater(seen.churn_risk, 65)
        self.assertLess(other.churn_risk, seen.churn_risk)
        self.assertIn("licensed users are active", str(seen.explanation))
        self.assertIn("Barriers", seen.reasons)
        self.assertGreater(seen.value_at_risk, 0)
        mine = self.env["customer.success.sales.renewal"].with_user(self.own)
        risky = mine.search([("risk_band", "in", ["high", "critical"])])
        self.assertIn(seen, risky)
        self.assertNotIn(other, risky)

    def test_s86_fewer_seats_at_renewal_are_a_risk_apart_from_churn(self):
        """100 seats bought and 40 used: fewer are expected, whatever the churn risk; full use expects no less."""
        cut, full = (
            self._customer("Cutting", user_id=self.own.id),
            self._customer("Full", user_id=self.own.id),
        )
        self._usage(cut, active=40)
        self._usage(full, active=99)
        renewals = self._renewal(cut) | self._renewal(full)
        self._rescore(cut | full)
        less, same = self._as_sales(renewals)
        self.assertEqual((less.seats, same.seats), (100, 100))
        self.assertLess(less.expected_seats, 80)
        self.assertGreater(less.contraction_risk, same.contraction_risk)
        self.assertEqual(same.expected_seats, 100)
        self.assertNotEqual(less.contraction_risk, less.churn_risk)
        term = renewals[0].with_user(self.csm)
        term.write({"outcome": "contracted", "renewed_seats": 45, "renewed_value": 5400})
        self.assertEqual(term.outcome, "contracted")
        [row] = (
            self.env["customer.success.retention"]
            .with_user(self.manager)
            .search([("renewal_id", "=", term.id)])
        )
        self.assertEqual(row.outcome, "contracted")

    def test_sales_reads_until_when_a_term_runs(self):
        for is_last, words in (
            (
                True,
                f"Runs to and including {self._said(self.renewal.date_renewal)}, the renewal date.",
            ),
            (False, f"The next term begins on {self._said(self.renewal.date_renewal)}."),
        ):
            self.renewal.end_is_last_day = is_last
            seen = self._as_sales(self.renewal)
            seen.invalidate_recordset()
            self.assertIn(words, seen.term_text)

    def _said(self, day):
        return format_date(self.env(user=self.sales), day)

    def test_sales_reads_a_known_list_of_fields(self):
        """Salespeople can read every new field of this model: add fields deliberately."""
        fields = self.env["customer.success.sales.renewal"]._fields
        self.assertEqual(
            set(fields) - {"id", "display_name"},
            {
                "annual_value", "auto_renew", "buyer_id", "churn_risk", "company_id", "contract_currency_id",
                "contract_number", "contraction_risk", "currency_id", "date_decision", "date_notice",
                "date_renewal", "date_start", "expected_seats", "explanation", "forecast", "forecast_effective",
                "forecast_suggested", "is_mine", "lead_id", "name", "notice_given_on", "notice_kind",
                "notice_said", "outcome", "over_since", "overuse_said", "partner_id", "product_id",
                "rate_missing", "reasons", "risk_band", "risk_range", "seats", "success_stage_id",
                "success_user_id", "term_text", "true_up", "true_up_rest", "user_id", "users_over", "value",
                "value_at_risk",
            },
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------
    # Forecast
    # ------------------------------------------------------------------------------------------

    def test_the_risk_suggests_until_a_person_judges(self):
        self.assertEqual(self.renewal.risk_band, "critical")
        seen = self._as_sales(self.renewal)
        self.assertEqual(
            (seen.forecast, seen.forecast_suggested, seen.forecast_effective),
            (False, "at_risk", "at_risk"),
        )
        seen.web_save({"forecast_effective": "committed"}, {"forecast_effective": {}})
        self.assertEqual(
            (seen.forecast, seen.forecast_suggested, seen.forecast_effective),
            ("committed", "at_risk", "committed"),
        )
        self.assertEqual(self.renewal.forecast_effective, "committed")
        seen.write({"forecast_effective": False})
        self.assertEqual((seen.forecast, seen.forecast_effective), (False, "at_risk"))
        self.assertFalse(self._as_sales(self.unknown).forecast_effective)

    def test_a_csm_judges_on_the_renewal(self):
        renewal = self.renewal.with_user(self.csm)
        renewal.forecast_effective = "best_case"
        self.assertEqual((renewal.forecast, renewal.forecast_suggested), ("best_case", "at_risk"))

    def test_the_judgement_is_tracked(self):
        self.env.cr.flush()  # what is created in this transaction is not tracked in it
        seen = self._as_sales(self.renewal)
        seen.with_context(tracking_disable=False).write({"forecast_effective": "best_case"})
        self.env.cr.flush()
        self.renewal.invalidate_recordset()
        tracked = self.renewal.message_ids.tracking_value_ids
        self.assertIn("Best Case", tracked.mapped("new_value_char"))
        self.assertEqual(tracked.mail_message_id.author_id, self.own.partner_id)

    def test_nothing_but_the_forecast_is_written(self):
        seen = self._as_sales(self.renewal)
        for vals in (
            {"annual_value": 1},
            {"partner_id": self.others.id},
            {"forecast": "committed"},
            {"forecast_effective": "committed", "value": 1},
            {},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                seen.write(vals)
        with self.assertRaises(AccessError):
            seen.create({"name": "New"})
        with self.assertRaises(AccessError):
            seen.unlink()
        with self.assertRaises(AccessError):
            self._as_sales(self.others_renewal).write({"forecast_effective": "committed"})
        with self.assertRaises(ValueError):
            seen.write({"forecast_effective": "hopeful"})

    def test_a_forecast_ends_with_the_outcome(self):
        self.renewal.forecast = "best_case"
        self.renewal.outcome = "churned"
        with self.assertRaisesRegex(UserError, "has ended"):
            self._as_sales(self.renewal).write({"forecast_effective": "at_risk"})
        self.renewal.write({"forecast": "best_case"})
        self.assertEqual(self.renewal.forecast_effective, "best_case")

    def test_forecasts_are_searched_sorted_and_grouped_in_sql(self):
        self.nobodys_renewal.forecast = "committed"
        renewals = self.env["customer.success.renewal"].with_user(self.lead_csm)
        domain = [("id", "in", self._all().ids)]
        for model in (renewals, self._seen(self.sales)):
            with self.subTest(model=model._name):
                groups = dict(model._read_group(domain, ["forecast_effective"], ["__count"]))
                expected = {}
                for renewal in self._all():
                    forecast = renewal.forecast or SUGGESTED.get(renewal.risk_band) or False
                    expected[forecast] = expected.get(forecast, 0) + 1
                self.assertEqual(groups, expected)
                for forecast, count in expected.items():
                    found = model.search([*domain, ("forecast_effective", "=", forecast)])
                    self.assertEqual(len(found), count, forecast)
                    rest = model.search([*domain, ("forecast_effective", "!=", forecast)])
                    self.assertEqual(len(rest), 4 - count, forecast)
                self.assertEqual(len(model.search(domain, order="forecast_effective")), 4)

    def test_the_board_shows_every_forecast(self):
        cards = self._seen(self.own).with_context(read_group_expand=True)
        board = cards.web_read_group(
            [("id", "in", self.renewal.ids)],
            ["forecast_effective"],
            ["value:sum"],
            auto_unfold=True,
            unfold_read_specification={},
        )
        self.assertEqual(
            [group["forecast_effective"] for group in board["groups"]],
            ["committed", "best_case", "at_risk"],
        )

    def test_the_unknown_risk_comes_last(self):
        renewals = self.env["customer.success.renewal"].with_user(self.lead_csm)
        for model in (renewals, self.env["customer.success.sales.renewal"].with_user(self.sales)):
            for field in ("churn_risk", "risk_band", "value_at_risk"):
                for direction in ("asc", "desc"):
                    with self.subTest(model=model._name, field=field, direction=direction):
                        found = model.search(
                            [("id", "in", self._all().ids)], order=f"{field} {direction}"
                        )
                        self.assertEqual(found[-1].id, self.unknown.id)

    # ------------------------------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------------------------------

    def test_amounts_add_up_in_the_currency_of_the_company_one_works_in(self):
        foreign = self.env["res.currency"].create({"name": "ZZZ", "symbol": "Z"})
        self.env["res.currency.rate"].create(
            {"currency_id": foreign.id, "name": days(100), "rate": 4}
        )
        self.renewal.currency_id = foreign
        seen = self._as_sales(self.renewal)
        self.assertEqual((seen.annual_value, seen.value), (12000, 3000))
        self.assertEqual(seen.currency_id, self.company.currency_id)
        [[total]] = self._seen(self.sales)._read_group(
            [("id", "in", (self.renewal | self.others_renewal).ids)], [], ["value:sum"]
        )
        self.assertEqual(total, 15000)

    def test_without_a_rate_an_amount_is_in_no_total(self):
        self.renewal.currency_id = self.env["res.currency"].create({"name": "ZZZ", "symbol": "Z"})
        seen = self._as_sales(self.renewal)
        self.assertTrue(seen.rate_missing)
        self.assertFalse(seen.value)
        [[total]] = self._seen(self.sales)._read_group(
            [("id", "in", (self.renewal | self.others_renewal).ids)], [], ["value:sum"]
        )
        self.assertEqual(total, 12000)

    def test_a_few_queries_however_many_cards(self):
        customers = self.env["res.partner"]
        for number in range(45):
            customer = self._customer(f"Customer {number}", user_id=self.own.id)
            customers |= customer
            self._renewal(customer)
        self._rescore(customers)
        ids = customers.success_renewal_ids.ids
        specification = {name: {} for name in ("name", "value", "churn_risk", "reasons")}

        def queries(number):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._seen(self.own).web_search_read([("id", "in", ids[:number])], specification)
            return self.env.cr.sql_log_count - before

        queries(2)  # warm the caches of names and rights
        self.assertEqual(queries(5), queries(45))

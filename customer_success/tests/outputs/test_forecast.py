from datetime import date

from odoo.fields import Domain
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, days
from .workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForecast(WorkbookCase):
    """The expected revenue by quarter: one event a main term, one currency, the same in dashboard and workbook."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["customer.success.renewal"].search([("outcome", "=", "pending")]).active = False
        cls.chf = cls.env.ref("base.CHF")
        cls.chf.active = True
        cls.chf.rate_ids.unlink()
        cls.safe = cls._customer("Safe", user_id=cls.sales.id)
        cls._usage(cls.safe, active=90)
        cls.shaky = cls._customer("Shaky", success_user_id=cls.lead_csm.id, user_id=cls.sales.id)
        cls._usage(cls.shaky, active=5)
        cls._barrier(cls.shaky, "3")
        cls.now = cls._renewal(cls.safe, 10000, date_renewal=date(2026, 6, 30))
        cls.next = cls._renewal(cls.shaky, 40000, date_renewal=date(2026, 8, 15))
        cls.overdue = cls._renewal(
            cls._customer("Overdue"), 3000, date_start=days(400), date_renewal=days(40)
        )
        cls.far = cls._renewal(cls._customer("Far"), 90000, date_renewal=date(2027, 4, 1))
        cls.terms = cls.now | cls.next | cls.overdue | cls.far
        cls._rescore(cls.terms.partner_id)

    def _read(self, user=None, domain=None):
        model = self.env["customer.success.forecast"].with_user(user or self.manager)
        domain = Domain.TRUE if domain is None else domain
        return model._read(domain, domain)

    def _expect(self, *terms):
        """Return what is expected of terms without contraction and expansion."""
        return sum(term.annual_value * (1 - term.churn_risk / 100) for term in terms)

    def test_the_quarters_are_those_around_today(self):
        found = self._read()
        starts = [str(quarter.start) for quarter in found.quarters]
        self.assertEqual(starts[0], "2025-04-01")
        self.assertEqual(starts[4:], ["2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01"])
        self.assertEqual([quarter.count for quarter in found.quarters], [None] * 4 + [2, 1, 0, 0])
        self.assertEqual(found.quarters[4].value, 13000, "what is overdue counts today")
        self.assertEqual(found.ahead.value, 53000, "what is further away is not looked at")

    def test_what_is_expected_is_value_times_probability(self):
        found = self._read()
        for quarter, terms in (
            (found.quarters[4], self.now | self.overdue),
            (found.quarters[5], self.next),
        ):
            lost = sum(term.annual_value * term.churn_risk / 100 for term in terms)
            self.assertAlmostEqual(quarter.lost, lost, places=2)
            shrunk = sum(
                term.annual_value
                * (1 - term.churn_risk / 100)
                * (1 - term.expected_seats / term.seats)
                for term in terms
                if term.expected_seats
            )
            self.assertAlmostEqual(quarter.shrunk, shrunk, places=1)
            grown = sum(term.annual_value * term.expansion_likelihood / 100 * 0.2 for term in terms)
            self.assertAlmostEqual(quarter.grown, grown, delta=1)
            self.assertAlmostEqual(
                quarter.total,
                quarter.value - quarter.lost - quarter.shrunk + quarter.grown,
                places=2,
            )
            self.assertLessEqual(quarter.low, quarter.total)
            self.assertLessEqual(quarter.total, quarter.high)

    def test_the_pipeline_and_the_forecast_agree(self):
        """Prorated, the opportunities of renewals are their value less the expected loss to churn."""
        pending = self.now | self.next
        pending._open_leads()
        found = self._read(domain=Domain("partner_id", "in", pending.partner_id.ids))
        self.assertEqual(found.ahead.leads, 2)
        self.assertEqual(found.ahead.revenue, 50000)
        self.assertAlmostEqual(found.ahead.said, found.ahead.value - found.ahead.lost, places=2)
        self.assertAlmostEqual(
            found.ahead.said, sum(pending.lead_id.mapped("prorated_revenue")), places=2
        )

    def test_a_salesperson_lifts_what_salespeople_say_and_nothing_else(self):
        self.next._open_leads()
        before = self._read()
        lead = self.next.lead_id.with_user(self.sales)
        lead.write({"probability": 90, "expected_revenue": 50000})
        self.next.with_user(self.sales).sudo().forecast = "committed"
        after = self._read()
        self.assertEqual(after.quarters[5].said, 45000)
        self.assertGreater(after.quarters[5].said, before.quarters[5].said)
        for name in ("value", "lost", "total", "low", "high"):
            self.assertEqual(getattr(after.ahead, name), getattr(before.ahead, name))

    def test_a_main_term_and_its_add_ons_are_one_event(self):
        support = self.env["product.product"].create({"name": "Support"})
        addon = self._renewal(
            self.safe, 2000, product_id=support.id, main_id=self.now.id, date_start=days(100)
        )
        self._rescore(self.safe)
        self.now._open_leads()
        found = self._read(domain=Domain("partner_id", "=", self.safe.id)).quarters[4]
        self.assertEqual((found.count, found.value), (1, 12000))
        self.assertAlmostEqual(found.lost, 12000 * self.now.churn_risk / 100, places=2)
        self.assertAlmostEqual(found.said, found.value - found.lost, places=2)
        addon.write({"notice_given_on": TODAY, "notice_kind": "end"})
        self._rescore(self.safe)
        found = self._read(domain=Domain("partner_id", "=", self.safe.id)).quarters[4]
        self.assertEqual(found.value, 10000, "the add-on that ends brings nothing")

    def test_a_notice_decides(self):
        self.next.write({"notice_given_on": TODAY, "notice_kind": "end"})
        self._rescore(self.shaky)
        found = self._read().quarters[5]
        self.assertEqual(found.value, 40000)
        self.assertLess(found.total, 500)
        self.assertLess(found.low, 1)

    def test_a_notice_that_reduces_leaves_what_stays(self):
        self.now.write(
            {
                "notice_given_on": TODAY,
                "notice_kind": "reduce",
                "notice_value": 6000,
                "notice_seats": 60,
            }
        )
        self._rescore(self.safe)
        found = self._read(domain=Domain("partner_id", "=", self.safe.id)).quarters[4]
        self.assertEqual((found.value, found.shrunk, found.grown), (6000, 0, 0))

    def test_an_amendment_ahead_counts(self):
        self.env["customer.success.renewal.amendment"].with_user(self.csm).create(
            {
                "renewal_id": self.now.id,
                "date": days(-10),
                "annual_value": 15000,
                "seats": 150,
                "reason": "Another site",
            }
        )
        self.now._open_leads()
        found = self._read(domain=Domain("partner_id", "=", self.safe.id)).quarters[4]
        self.assertEqual((found.value, found.revenue), (15000, 15000))

    def test_a_missing_rate_is_said_and_never_one(self):
        self.next.write({"currency_id": self.chf.id})
        self._rescore(self.shaky)
        found = self._read()
        self.assertEqual((found.missing, found.left_out), (["CHF"], 1))
        self.assertEqual(found.ahead.value, 13000)
        self.assertIn("CHF", self._hint(self.manager))
        self.chf.rate_ids = [(0, 0, {"name": days(10), "rate": 2.0, "company_id": self.company.id})]
        found = self._read()
        self.assertEqual((found.missing, found.left_out), ([], 0))
        self.assertEqual(found.ahead.value, 33000, "two francs are one of ours")

    def test_an_unknown_risk_is_no_risk_of_zero(self):
        fresh = self._renewal(self._customer("Fresh"), 7000, date_renewal=date(2026, 9, 1))
        found = self._read()
        self.assertEqual((found.unknown, found.ahead.value), (1, 53000))
        self.assertTrue(fresh)
        self.assertIn("churn risk is unknown: 1", self._hint(self.manager))

    def test_what_came_stands_in_its_quarter(self):
        renewal = self._renewal(
            self._customer("Came"), 5000, date_start=days(500), date_renewal=date(2026, 2, 20)
        )
        renewal.write(
            {
                "outcome": "expanded",
                "renewed_value": 6000,
                "renewed_seats": 120,
                "date_outcome": date(2026, 2, 10),
            }
        )
        found = self._read(domain=Domain("partner_id", "=", renewal.partner_id.id))
        quarter = found.quarters[3]
        self.assertEqual(
            (quarter.start, quarter.decided, quarter.came), (date(2026, 1, 1), 5000, 6000)
        )
        self.assertIsNone(quarter.total)

    def test_expansions_that_were_seen_say_how_much_they_add(self):
        model = self.env["customer.success.forecast"]
        self.assertAlmostEqual(model._growth(), 0.2)
        for number in range(10):
            self._renewal(
                self._customer(f"Grew {number}"),
                1000,
                date_start=days(500),
                date_renewal=days(135),
            ).write(
                {
                    "outcome": "expanded",
                    "renewed_value": 9000 if number == 0 else 1600,
                    "renewed_seats": 160,
                    "date_outcome": days(140),
                }
            )
        self.env.flush_all()
        self.assertAlmostEqual(model._growth(), (2 + 1.0 + 9 * 0.6) / 20)

    def test_the_less_was_learned_the_wider_the_interval(self):
        model = self.env["customer.success.forecast"]
        experts = model._common_sd()
        self.assertGreater(
            experts, 0.9, "nothing was learned: the base rate may be three times as high"
        )
        version = self.env["customer.success.risk.version"].create(
            {
                "number": 7,
                "state": "retired",
                "coefficients": {"base": -2.0},
                "spread": {"places": {"base": [0, [], "line"]}, "matrix": [[0.04]]},
            }
        )
        wide = self._read().ahead
        version.sudo()._take()
        self.assertAlmostEqual(model._common_sd(), (0.3**2 + 0.04) ** 0.5)
        narrow = self._read().ahead
        self.assertLessEqual(narrow.high - narrow.low, wide.high - wide.low)

    def test_it_is_the_same_each_time_and_takes_a_few_queries(self):
        first = self._read()
        self.assertEqual(self._read(), first)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self._read()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 7)

    # ------------------------------------------------------------------------------------------
    # Who sees what, and where
    # ------------------------------------------------------------------------------------------

    def _chart(self, user, **vals):
        content = self.env["customer.success.dashboard"].with_user(user).create(vals).content
        [chart] = [c for c in content["charts"] if "what is expected" in c["title"]]
        return chart

    def _hint(self, user):
        return self._chart(user)["hint"]

    def test_a_csm_sees_the_own_book(self):
        found = self._read(self.csm)
        self.assertEqual((found.ahead.count, found.ahead.value), (2, 13000))
        self.assertEqual(self._read(self.lead_csm).ahead.value, 53000)

    def test_another_company_sees_nothing_of_it(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "test_elsewhere",
            "customer_success.group_success_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        there = self._renewal(
            self._customer("There"), 8000, company_id=company.id, date_renewal=date(2026, 9, 1)
        )
        self._rescore(there.partner_id)
        found = self._read(stranger)
        self.assertEqual((found.ahead.count, found.ahead.value), (1, 8000))
        self.assertEqual(self._read().ahead.value, 53000)

    def test_the_workbook_agrees_with_the_dashboard_to_the_cent(self):
        (self.now | self.next)._open_leads()
        for user in (self.manager, self.lead_csm):
            self.lead_csm.group_ids |= self.env.ref("base.group_allow_export")
            chart = self._chart(user)
            domain = self.env["res.partner"].with_user(user)._get_success_customer_domain()
            book = self._book(user, domain, ["forecast"], values=True)
            lines = self._lines(book["Forecast"])
            self.assertEqual([line["Quarter"].value for line in lines], chart["labels"])
            for series, heading in (
                ("Expected", "Expected"),
                ("Came", "Decided: came, with expansion"),
                ("Salespeople say", "Salespeople say, by probability"),
            ):
                [shown] = [s["data"] for s in chart["series"] if s["label"] == series]
                with self.subTest(user=user.login, series=series):
                    self.assertEqual(shown, [line[heading].value for line in lines])
                    self.assertTrue(any(shown))
            [limits] = [s["data"] for s in chart["series"] if "4 of 5" in s["label"]]
            for line, pair in zip(lines[4:], limits[4:]):
                low, high = line["Expected, in 4 of 5 cases from"], line["to"]
                self.assertEqual([low.value, high.value], pair)

    def test_a_click_opens_the_renewals_of_the_quarter(self):
        chart = self._chart(self.manager)
        [expected] = [s for s in chart["series"] if s["label"] == "Expected"]
        counts = [
            self.env[action["model"]].with_user(self.manager).search_count(Domain(action["domain"]))
            for action in expected["actions"][4:]
        ]
        self.assertEqual(counts, [2, 1, 0, 0])

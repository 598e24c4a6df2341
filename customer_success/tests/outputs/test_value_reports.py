from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from ...report.tiles import read
from ..common import TODAY, days
from .brief_common import BriefCase
from .workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestValueReports(WorkbookCase):
    """The proof of results, their cost and their return in the workbook and in the figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.env["customer.success.objective"].search(
            [("partner_id", "=", cls.risky.id)]
        )
        cls.first.cost = 2000
        contact = cls.first.confirmed_by_id
        cls.early = cls.first.copy(
            {
                "name": "Too early",
                "state": "confirmed",
                "evidence": "Said at the kick-off",
                "confirmed_by_id": contact.id,
                "confirmed_date": days(400),
                "realised_value": 70000,
                "cost": 10,
            }
        )
        cls.below = cls.first.copy(
            {
                "name": "Nearly there",
                "unit": "%",
                "baseline": 0,
                "target": 100,
                "actual": 90,
                "evidence": "Their list",
                "shortfall_reason": "The last site follows",
                "confirmed_by_id": contact.id,
                "realised_value": 400,
                "cost": False,
            }
        )
        cls.below.state = "confirmed"
        cls.risky.success_go_live_date = days(300)

    def _figure(self, user):
        def scope(model):
            return Domain("partner_id", "in", self.customers.ids)

        return read(self.env(user=user), ["value_realised"], scope, TODAY)["value_realised"]

    def test_s28_the_workbook_shows_cost_return_and_the_proof_of_each_result(self):
        sheet = self._book(self.csm, sheets=["objectives"], values=True)["Objectives"]
        shown = ("Kind of proof", "Evidence", "Reason below target", "Cost", "Return")
        lines = {
            line["Objective"].value: [line[name].value for name in shown]
            for line in self._lines(sheet)
        }
        self.assertEqual(
            lines["Orders on the day"],
            ["Without a Measure", "Their monthly report", None, 2000, 1.5],
        )
        self.assertEqual(
            lines["Too early"], ["Confirmed before Go-Live", "Said at the kick-off", None, 10, None]
        )
        self.assertEqual(
            lines["Nearly there"],
            ["Measured, below Target", "Their list", "The last site follows", None, None],
        )

    def test_s43_the_workbook_has_what_each_side_contributes_by_term(self):
        self.first.write(
            {
                "our_contribution": "We train the night shift",
                "customer_contribution": "They free two hours",
                "horizon": "long",
            }
        )
        sheet = self._book(self.csm, sheets=["objectives"], values=True)["Objectives"]
        [line] = [line for line in self._lines(sheet) if line["Objective"].value == self.first.name]
        self.assertEqual(
            [
                line[name].value
                for name in ("Horizon", "What we contribute", "What the customer contributes")
            ],
            ["Long-term", "We train the night shift", "They free two hours"],
        )

    def test_s29_a_confirmation_before_go_live_is_in_no_sum_of_confirmed_value(self):
        self.assertTrue(self.early.is_early)
        self.assertEqual(self._figure(self.csm), {self.euro: 5400})
        book = self._book(self.csm, values=True)
        total = self._totals(book["Objectives"])["Total in EUR"]
        self.assertEqual(total["Value confirmed"].value, 5400)
        summary = {row[0]: row[1] for row in book["Summary"].iter_rows(max_col=2, values_only=True)}
        self.assertEqual(summary["Value that customers confirmed, EUR"], 5400)
        lines = {line["Objective"].value: line for line in self._lines(book["Objectives"])}
        self.assertIsNone(lines["Too early"]["Value confirmed"].value)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestValueInBriefs(BriefCase):
    """The cost of an objective is ours, unless the CSM shows it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.renewal = cls._renewal(cls.customer, date_start=days(265), date_renewal=days(-100))
        cls.result = cls._confirmed("Orders the same day", realised_value=30000, cost=12000)
        cls._confirmed("Fewer calls", realised_value=500)

    def test_s28_the_renewal_brief_says_what_the_results_of_the_term_returned(self):
        text = self._text("renewal_brief", self.renewal)
        code = self.company.currency_id.name
        self.assertIn(f"cost 12,000 {code}, return 150 %", text)
        self.assertIn(f"cost 12,000 {code}, confirmed 30,000 {code}, return 150 %", text)
        self.assertIn("left out, as their cost is unknown: 1", text)
        self.assertIn(f"Confirmed in money: 30,500 {code}", text)

    def test_the_customer_reads_the_cost_only_if_it_is_shown(self):
        reports = (("customer_brief", self.customer), ("renewal_brief_customer", self.renewal))
        for change, is_seen in (
            ({}, False),
            ({"is_shared": True}, False),
            ({"is_cost_shared": True}, True),
            ({"is_shared": False}, False),
            ({"is_shared": True}, False),
        ):
            self.result.with_user(self.csm).write(change)
            for report, record in reports:
                with self.subTest(report=report, change=change):
                    text = self._text(report, record)
                    self.assertIn("Orders the same day", text)
                    seen = [word for word in ("cost 12,000", "return 150 %") if word in text]
                    self.assertEqual(len(seen), 2 if is_seen else 0)

    def test_s43_the_customer_reads_its_own_part_and_ours_if_the_objective_is_shared(self):
        goal = self._objective(
            "Fewer lists",
            date_due=days(-40),
            horizon="medium",
            our_contribution="We clean up the lists",
            customer_contribution="The shift leads decide",
        )
        text = self._text("renewal_brief", self.renewal)
        self.assertIn("Medium-term, we contribute: We clean up the lists", text)
        self.assertIn("The customer contributes: The shift leads decide", text)
        self.assertIn("Terms without a goal: Long-term", text)
        self.assertNotIn("We clean up", self._text("customer_brief", self.customer))
        goal.is_shared = True
        text = self._text("customer_brief", self.customer)
        self.assertIn("Medium-term, we contribute: We clean up the lists", text)
        self.assertIn("You contribute: The shift leads decide", text)
        self.assertNotIn("Terms without", text)

    def test_a_result_from_before_go_live_is_marked_and_has_no_value(self):
        self.customer.success_go_live_date = days(10)
        text = self._text("renewal_brief", self.renewal)
        self.assertIn("Confirmed before go-live, so it does not count", text)
        self.assertNotIn("30,000", text)
        self.assertNotIn("Confirmed in money", text)
        self.assertNotIn("30,000", self._text("customer_brief", self.customer))

from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time, tagged

from ...models.scores import customer_success_explanation_change
from ...scoring.shown import whole
from ..common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestExplanation(SuccessCase):
    """The explanation of a score: its lines, the helpful actions, the changes and the history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.explain = cls.env["customer.success.explanation"]
        cls.history = cls.env["customer.success.score.history"]
        cls.customer = cls._customer(success_go_live_date=days(800))

    def _scored_on(self, day, active=None):
        """Score as of a day, with new use if ``active`` is given, else with one more barrier."""
        with freeze_time(day):
            if active:
                self._usage(self.customer, when=day, active=active)
            else:
                self._barrier(self.customer, "1", date_opened=day)
            self._rescore(self.customer)

    def test_authority_comes_before_removal_and_says_what_it_is_worth(self):
        self._leave_out("progress", "plan")
        barrier = self._barrier(self.customer, "3")
        renewal = self._renewal(self.customer)
        self._rescore(self.customer)
        said = self.explain._helpful(self.customer)[0]
        self.assertIn(f"Get the authority to remove “{barrier.display_name}”", said)
        self.assertIn(f"churn risk from {renewal.churn_risk:.1f} % to", said)
        self.assertIn("and have the customer remove it", said)
        self.assertIn("(large effort, by us and the customer)", said)
        barrier.write({"authority": "granted"})
        said = self.explain._helpful(self.customer)[0]
        self.assertIn("Have the customer remove the barrier “", said)
        self.assertIn("(large effort, by the customer)", said)

    def test_what_is_promised_is_what_the_score_becomes(self):
        barrier = self._barrier(self.customer, "3")
        renewal = self._renewal(self.customer)
        self._usage(self.customer, active=30)
        self._rescore(self.customer)
        said = self.explain._helpful(self.customer, renewal, limit=9)
        [promise] = [line for line in said if "Get the authority" in line]
        barrier.write({"authority": "granted", "state": "removed"})
        self._rescore(self.customer)
        self.assertIn(f"to {renewal.churn_risk:.1f} % (", promise)

    def test_reasons_levers_and_score_are_of_one_moment_or_say_so(self):
        barrier = self._barrier(self.customer, "3")
        self._usage(self.customer)
        renewal = self._renewal(self.customer)
        self._rescore(self.customer)
        customer = self.customer.with_user(self.csm)
        self.assertNotIn("Facts changed", str(customer.success_explanation))
        self.assertNotIn("Facts changed", str(renewal.with_user(self.csm).explanation))
        barrier.with_user(self.csm).write({"authority": "granted"})
        self.env.invalidate_all()
        for text in (customer.success_explanation, renewal.with_user(self.csm).explanation):
            self.assertIn("Facts changed after this score was calculated", text)
        said = str(customer.success_explanation)
        self._rescore(self.customer)
        self.env.invalidate_all()
        self.assertIn(f"the health score is {customer.success_health:.1f}", said)
        self.assertIn(f"the churn risk is {whole(renewal.churn_risk)} %", said)
        self.assertNotIn("Facts changed", str(customer.success_explanation))

    def test_without_a_renewal_health_is_what_can_be_won(self):
        self._usage(self.customer)
        self._barrier(self.customer, "3", authority="granted")
        self._rescore(self.customer)
        said = self.explain._helpful(self.customer)[0]
        self.assertRegex(said, r"health from \d+\.\d to \d+\.\d \(")

    def test_a_customer_of_whom_nothing_is_known_is_promised_nothing(self):
        stranger = self._customer("New", stage="sustained_use")
        self.assertEqual(self.explain._helpful(stranger), [])

    def test_facts_that_cannot_be_scored_do_not_close_the_form(self):
        self._renewal(self.customer)
        self._rescore(self.customer)
        for broken in ("levers", "gather"):
            self.customer.invalidate_recordset()
            with (
                patch.object(customer_success_explanation_change, broken, side_effect=ValueError),
                self.assertLogs("odoo.addons.customer_success", "WARNING"),
            ):
                self.assertIn("Churn risk", self.customer.with_user(self.csm).success_explanation)

    def test_a_renewal_that_just_ended_is_compared_with_nothing(self):
        renewal = self._renewal(self.customer)
        self._scored_on(days(10), active=80)
        self._barrier(self.customer, "3", date_opened=days(3))
        score = self._rescore(self.customer)
        renewal.outcome = "renewed"
        self.assertIsNone(self.explain._changes(score)["risk"])

    def test_each_renewal_has_its_own_explanation_with_facts(self):
        self._usage(self.customer, active=33)
        renewal = self._renewal(self.customer)
        self._rescore(self.customer)
        html = str(renewal.with_user(self.csm).explanation)
        self.assertIn("33 of 100 licensed users are active", html)
        self.assertIn("Term of 12 months", html)
        self.assertIn(f"{whole(renewal.churn_risk)} %", html)

    def test_the_lines_of_what_changed_add_up_to_the_change(self):
        self._renewal(self.customer)
        self._scored_on(days(20), active=80)
        self._barrier(self.customer, "3", date_opened=days(3))
        score = self._rescore(self.customer)
        changes = self.explain._changes(score)
        for kind, now in (("risk", score.renewal_risk), ("health", score.health)):
            moved = changes[kind]
            now = whole(now) if kind == "risk" else now
            self.assertEqual(moved["now"], now)
            self.assertAlmostEqual(
                sum(line["points"] for line in moved["lines"]), now - moved["before"], places=6
            )
            self.assertEqual(moved["lines"][0]["code"], "barriers")
        renewal = self.customer.success_renewal_ids
        for html in (self.customer.success_explanation, renewal.explanation):
            self.assertIn("Changes since", str(html))

    def test_nothing_to_compare_with_says_nothing(self):
        self._renewal(self.customer)
        score = self._rescore(self.customer)
        self.assertIsNone(self.explain._changes(score))
        self.assertNotIn("Changes since", str(self.customer.success_explanation))

    def test_another_renewal_is_not_compared_with_the_one_before(self):
        first = self._renewal(self.customer)
        self._scored_on(days(10), active=80)
        first.write({"outcome": "churned"})
        self._renewal(self.customer, date_start=days(-101), date_renewal=days(-300))
        changes = self.explain._changes(self._rescore(self.customer))
        self.assertTrue(changes["other_renewal"])
        self.assertIsNone(changes["risk"])

    def test_as_of_a_day_shows_what_held_that_evening(self):
        self._scored_on(days(70), active=80)
        self._scored_on(days(40))
        self._scored_on(TODAY)
        other = self._customer("Later")
        self._usage(other)
        self._rescore(other)

        def held(day):
            rows = self.history.with_user(self.csm).search([("as_of", "=", day)])
            return {row.partner_id: row.date for row in rows}

        self.assertEqual(held(days(71)), {})
        self.assertEqual(held(days(70)), {self.customer: days(70)})
        self.assertEqual(held(days(41)), {self.customer: days(70)})
        self.assertEqual(held(TODAY), {self.customer: TODAY, other: TODAY})
        self.assertEqual(held("today -30d"), {self.customer: days(40)})

    def test_as_of_shows_nobody_elses_customers(self):
        self._scored_on(days(40), active=80)
        self.customer.success_user_id = self.lead_csm
        self.assertFalse(self.history.with_user(self.csm).search([("as_of", "=", TODAY)]))

    def test_the_chart_goes_from_the_first_score_to_today(self):
        self._scored_on(days(70), active=80)
        self._scored_on(days(40))
        points = self.customer.with_user(self.csm).success_history_chart
        self.assertEqual(
            [point[0] for point in points],
            [str(day) for day in (days(70), days(40), fields.Date.today())],
        )
        self.assertEqual(points[-1][1:], points[-2][1:])
        self.assertIsNone(points[0][2])

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, days
from .risk_common import RiskCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestRiskVersions(RiskCase):
    """The risk model learns from renewals that ended, and takes a version only if it is better.

    Managers have the last word.
    """

    def test_too_few_outcomes_teach_nothing(self):
        self._end(19, left=lambda n: n % 2, found=lambda n: {"use": -1.0})
        self.assertFalse(self.versions._learn())
        self.assertEqual(self.experts.state, "in_force")
        leaving, _shrinking = self.versions._cases()
        self.assertEqual((len(leaving), sum(case.happened for case in leaving)), (19, 9))

    def test_what_did_better_on_later_outcomes_is_taken(self):
        self._use_decides()
        version = self.versions._learn()
        self.assertEqual((version.state, self.experts.state), ("in_force", "retired"))
        self.assertEqual((version.number, version.outcomes, version.held_back), (1, 80, 20))
        self.assertLess(version.log_loss, version.standing_log_loss)
        self.assertLess(self.factors["use"].learned, -0.65)
        self.assertTrue(self.factors["use"].is_learned)
        # A factor that was in no checkpoint keeps its prior.
        self.assertAlmostEqual(self.factors["overdue"].learned, 0.8, places=3)

    def test_the_scores_follow_what_was_learned(self):
        customer = self._customer()
        self._usage(customer, active=10)
        renewal = self._renewal(customer)
        self._rescore(customer)
        before = renewal.churn_risk
        self._use_decides()
        self.versions._learn()
        self._rescore(customer)
        self.assertGreater(renewal.churn_risk, before)
        lines = renewal.score_id.breakdown["lines"]
        self.assertAlmostEqual(sum(lines.values()), renewal.churn_risk, places=6)

    def test_without_a_new_outcome_there_is_no_new_version(self):
        self._use_decides()
        self.versions._cron_learn()
        count = self.versions.search_count([])
        self.versions._cron_learn()
        self.assertEqual(self.versions.search_count([]), count)

    def test_what_does_worse_is_kept_and_not_taken(self):
        """In the first 60 renewals almost everybody leaves; in the latest 20 nobody does."""
        self._end(60, left=lambda n: n % 6 != 0, found=lambda n: {"plan": 0.0})
        self._end(20, left=lambda n: False, found=lambda n: {"plan": 0.0})
        version = self.versions._learn()
        self.assertEqual(version.state, "refused")
        self.assertGreater(version.log_loss, version.standing_log_loss)
        self.assertEqual(self.experts.state, "in_force")
        self.assertFalse(self.factors["base"].is_learned)
        self.assertIn("no better", version.reason)

    def test_the_quality_is_shown_for_each_segment(self):
        segments = self.env["customer.success.segment"]
        large = segments.create({"name": "Large", "domain": "[('name', '=like', '%7')]"})
        small = segments.create({"name": "Small", "domain": "[('name', '=like', '%8')]"})
        self._use_decides()
        held = self.env["customer.success.renewal"].search([("outcome", "!=", "pending")])
        for number, renewal in enumerate(held):
            renewal.partner_id.success_segment_id = (large, small, segments)[number % 3]
        self.env.flush_all()
        version = self.versions._learn()
        lines = {line["key"]: line for line in version.evaluation["groups"]["segment"]}
        self.assertEqual(set(lines), {large.id, small.id, None})
        self.assertEqual(sum(line["count"] for line in lines.values()), version.held_back)
        fresh = version.evaluation["fresh"]
        happened = sum(line["count"] * line["actual"] / 100 for line in lines.values())
        self.assertAlmostEqual(happened, fresh["happened"], delta=0.1)
        brier = sum(line["count"] * line["brier"] for line in lines.values()) / version.held_back
        self.assertAlmostEqual(brier, fresh["brier"], places=6)
        report = str(version.with_user(self.manager).report)
        for text in ("By Segment", "Large", "Small", "No segment", "too few to judge"):
            self.assertIn(text, report)
        large.unlink()
        version.invalidate_recordset(["report"])
        self.assertIn("you may not see", str(version.with_user(self.manager).report))

    def test_a_renewal_counts_once_however_often_it_was_seen(self):
        self._end(
            60, left=lambda n: n % 2, found=lambda n: {"use": -1.0 * n % 2}, horizons=(180, 90, 30)
        )
        leaving, _shrinking = self.versions._cases()
        self.assertEqual(len(leaving), 180)
        self.assertAlmostEqual(sum(case.weight for case in leaving), 60)
        self.assertEqual(self.versions._learn().outcomes, 60)

    def test_nothing_from_the_day_of_the_decision_on_is_used(self):
        renewal = self._renewal(self._customer(), date_start=days(400), date_renewal=days(35))
        self._checkpoints(renewal, {"use": 1.0}, (180, 0), days(35))
        renewal.write({"outcome": "renewed", "date_outcome": days(35)})
        leaving, _shrinking = self.versions._cases()
        self.assertEqual([case.renewal for case in leaving], [renewal.id])
        self.assertEqual(leaving[0].weight, 1.0)

    def test_a_contract_from_month_to_month_says_once_a_year_that_they_stay(self):
        start = days(35 + 365)
        weights = []
        for number in range(13):
            end = start + timedelta(28)
            renewal = self._renewal(
                self._customer(f"Month {number}"), date_start=start, date_renewal=end
            )
            self._checkpoints(renewal, {"use": 1.0}, (30,), end)
            renewal.write(
                {"outcome": "churned" if number == 12 else "renewed", "date_outcome": end}
            )
            start = end
        leaving, _shrinking = self.versions._cases()
        weights = [case.weight for case in leaving]
        self.assertEqual(len(weights), 13)
        self.assertAlmostEqual(sum(weights[:-1]), 1)
        self.assertEqual((weights[-1], leaving[-1].happened), (1, True))

    def test_pending_and_archived_renewals_teach_nothing(self):
        pending = self._renewal(self._customer())
        self._checkpoints(pending, {"use": 1.0}, (180,), TODAY)
        self._end(1, left=lambda n: True, found=lambda n: {})
        self.env["customer.success.renewal"].search([("outcome", "=", "churned")]).active = False
        self.assertEqual(self.versions._cases(), ([], []))

    def test_who_cuts_seats_is_learned_apart(self):
        for index in range(80):
            decided = days(400 - index)
            idle = 0.8 if index % 2 else 0.0
            # Experts expect seven in ten of these to cut seats; here it is half.
            fewer = index % 4 == 1
            renewal = self._renewal(
                self._customer(f"Seats {index}"),
                date_start=decided - timedelta(365),
                date_renewal=decided,
            )
            seats = {"bought": 100, "used": 100 * (1 - idle)}
            self._checkpoints(renewal, {"use": 0.0}, (90,), decided, seats)
            ended = {"outcome": "renewed"}
            if index % 5 == 0:
                ended = {"outcome": "churned"}
            elif fewer:
                ended = {"outcome": "contracted", "renewed_seats": 30, "renewed_value": 4000}
            renewal.write({**ended, "date_outcome": decided})
        version = self.versions._learn()
        self.assertIn("idle", version.coefficients)
        self.assertNotAlmostEqual(version.coefficients["shrink"], -3.0, places=2)
        self.assertGreaterEqual(version.coefficients["idle"], 0)

    def test_a_manager_pins_a_version_and_lets_it_go(self):
        self._use_decides()
        learned = self.versions._learn()
        self.experts.with_user(self.manager).action_pin()
        self.assertEqual((self.experts.state, learned.state), ("in_force", "retired"))
        self.assertFalse(self.factors["use"].is_learned)
        # A version that is learned meanwhile is kept, but not taken.
        self._end(20, left=lambda n: n % 2 == 1, found=lambda n: {"use": -1.5 if n % 2 else 1.5})
        later = self.versions._learn()
        self.assertEqual(later.state, "refused")
        self.assertIn("pinned", later.reason)
        self.experts.with_user(self.manager).action_unpin()
        learned.with_user(self.manager).action_pin()
        self.assertEqual(learned.state, "in_force")
        self.assertTrue(self.factors["use"].is_learned)

    def test_nobody_else_sees_or_pins_versions(self):
        for user in (self.csm, self.lead_csm, self.sales):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.experts.with_user(user).action_pin()
                with self.assertRaises(AccessError):
                    self.experts.with_user(user).read(["reason"])
        with self.assertRaises(AccessError):
            self.experts.with_user(self.manager).write({"reason": "mine"})
        with self.assertRaises(AccessError):
            self.experts.with_user(self.manager).unlink()

    def test_an_archived_factor_is_left_out_and_keeps_its_name_in_what_was_learned(self):
        self._use_decides()
        version = self.versions._learn()
        self.factors["plan"].active = False
        self.assertIn(self.factors["plan"].name, str(version.with_user(self.manager).report))
        self._end(1, left=lambda n: True, found=lambda n: {"plan": 1.0})
        self.assertNotIn("plan", self.versions._learn().coefficients)

    def test_a_factor_that_counts_no_more_is_neither_learned_nor_in_the_comparison(self):
        self._use_decides()
        first = self.versions._learn()
        before = self.factors["use"]._priors()
        self.factors["use"].weight = 0
        self.assertEqual(before.keys() - self.factors["use"]._priors().keys(), {"use"})
        self.assertIn("use", first._before(before))
        self.assertNotIn("use", first._before(self.factors["use"]._priors()))
        self._end(1, left=lambda n: True, found=lambda n: {"plan": 1.0})
        second = self.versions._learn()
        self.assertNotIn("use", second.coefficients)
        # Without "use", nothing is left of what the first version had learned.
        self.assertGreater(second.standing_log_loss, first.log_loss + 0.05)

    def test_what_is_missing_in_a_checkpoint_is_left_out(self):
        for index, seats in enumerate(({"bought": 100}, {"used": 5}, {}, {"bought": 0, "used": 0})):
            decided = days(50 - index)
            renewal = self._renewal(
                self._customer(f"Partly {index}"),
                date_start=decided - timedelta(365),
                date_renewal=decided,
            )
            self._checkpoints(renewal, {"use": 1.0}, (90,), decided, seats)
            renewal.write({"outcome": "renewed", "date_outcome": decided})
        leaving, shrinking = self.versions._cases()
        self.assertEqual((len(leaving), shrinking), (4, []))

    def test_the_report_compares_with_the_one_before_and_the_experts(self):
        self._use_decides()
        report = str(self.versions._learn().with_user(self.manager).report)
        for words in (
            "This version",
            "The version in force before",
            "The priors of experts",
            "AUC",
        ):
            self.assertIn(words, report)
        self.assertIn("Mean Slopes", str(self.experts.with_user(self.manager).report))

from datetime import timedelta
from unittest.mock import patch

from psycopg2 import DataError, IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ..common import TODAY, SuccessCase, days

GAP = "customer_success.mail_activity_type_view_gap"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCheckpoints(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checkpoints = cls.env["customer.success.checkpoint"]
        cls.customer = cls._customer("Risky")
        cls._usage(cls.customer, active=2)
        cls._barrier(cls.customer, "3")

    def _due_in(self, number, customer=None, **vals):
        return self._renewal(
            customer or self.customer, date_start=days(200), date_renewal=days(-number), **vals
        )

    def _run(self):
        """Run the scheduled action without commits; return the numbers of processed records at each commit."""
        commits = []
        with patch.object(
            type(self.env["ir.cron"]),
            "_commit_progress",
            lambda cron, processed=0, **kwargs: commits.append(processed) or 1.0,
        ):
            self.checkpoints._cron_checkpoints()
        return commits

    def _horizons(self, renewal):
        return sorted(renewal.checkpoint_ids.mapped("horizon"), reverse=True)

    # ------------------------------------------------------------------------------------------
    # The days of checkpoints
    # ------------------------------------------------------------------------------------------

    def test_a_renewal_that_cannot_be_frozen_costs_no_other_its_checkpoint(self):
        bad = self._due_in(20, self._customer("Bad"))
        others = self._due_in(20) | self._due_in(25, self._customer("Good"))
        freeze = type(self.scores)._freeze

        def broken(scores, partners):
            if bad.partner_id in partners:
                raise DataError("numeric field overflow")
            return freeze(scores, partners)

        with (
            patch.object(type(self.scores), "_freeze", broken),
            self.assertLogs("odoo.addons.customer_success", "WARNING") as log,
        ):
            self._run()
        self.assertEqual(len(others.checkpoint_ids), 2)
        self.assertFalse(bad.checkpoint_ids)
        self.assertIn(f"renewal {bad.id} at 30 days", log.output[0])
        self._run()
        self.assertTrue(bad.checkpoint_ids, "the next run tries it again")

    def test_three_checkpoints_on_the_way_to_a_renewal(self):
        renewal = self._due_in(181)
        seen = []
        for left in (181, 180, 179, 91, 90, 31, 30, 1, 0, -1):
            with freeze_time(renewal.date_renewal - timedelta(days=left)):
                self._run()
                self._run()
            seen.append(len(renewal.checkpoint_ids))
        self.assertEqual(seen, [0, 1, 1, 1, 2, 2, 3, 3, 3, 3])
        self.assertEqual(
            [str(c.date) for c in renewal.checkpoint_ids.sorted("horizon", reverse=True)],
            ["2026-06-16", "2026-09-14", "2026-11-13"],
        )

    def test_recorded_late_only_the_nearest_is_taken(self):
        late, later, over = self._due_in(100), None, None
        later = self._due_in(20, self._customer("Later"))
        over = self._renewal(self._customer("Over"), date_start=days(370), date_renewal=days(5))
        self._run()
        self.assertEqual(self._horizons(late), [180])
        self.assertEqual(self._horizons(later), [30])
        self.assertFalse(over.checkpoint_ids)

    def test_a_job_that_was_down_makes_nothing_up(self):
        renewal = self._due_in(200)
        with freeze_time(renewal.date_renewal - timedelta(days=80)):
            self._run()
            self.assertEqual(self._horizons(renewal), [90])
            self.assertEqual(str(renewal.checkpoint_ids.date), "2026-10-13")

    def test_none_after_the_decision_and_none_of_what_is_archived(self):
        decided, archived = self._due_in(80), self._due_in(80, self._customer("Gone"))
        stopped = self._due_in(80, self._customer("Stopped"))
        decided.outcome = "renewed"
        archived.active = False
        stopped.partner_id.success_stage_id = False
        self._run()
        self.assertFalse((decided | archived | stopped).checkpoint_ids)

    def test_distances_are_settings(self):
        with Form(self.env["res.config.settings"].with_user(self._admin())) as form:
            form.success_checkpoint_days_1 = 120
            form.success_checkpoint_days_2 = 60
        form.record.execute()
        renewal, near = self._due_in(120), self._due_in(60, self._customer("Near"))
        self._due_in(121, self._customer("Far"))
        self._run()
        self.assertEqual(self._horizons(renewal), [120])
        self.assertEqual(self._horizons(near), [60])
        for wrong in ({"success_checkpoint_days_1": 60}, {"success_checkpoint_days_3": 0}):
            with self.subTest(wrong=wrong), self.assertRaises(ValidationError):
                self.env["res.config.settings"].create({"success_checkpoint_days_2": 60, **wrong})
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"success_renewal_lead_days": 0})

    def _admin(self):
        self.manager.group_ids += self.env.ref("base.group_system")
        return self.manager

    # ------------------------------------------------------------------------------------------
    # The content of checkpoints
    # ------------------------------------------------------------------------------------------

    def test_it_freezes_what_both_knew_that_day(self):
        renewal = self._due_in(90)
        self.customer.with_user(self.csm).success_sentiment = "confident"
        self._rescore(self.customer)
        self._run()
        checkpoint = renewal.checkpoint_ids
        self.assertEqual(checkpoint.machine_risk, renewal.churn_risk)
        self.assertEqual(checkpoint.risk_band, renewal.risk_band)
        self.assertEqual(checkpoint.contraction_risk, renewal.contraction_risk)
        self.assertEqual(checkpoint.value_at_risk, renewal.value_at_risk)
        self.assertEqual((checkpoint.csm_view, checkpoint.csm_view_date), ("confident", TODAY))
        known = {"lines", "seats", "found", "factors", "unknown", "health", "confidence"}
        self.assertLessEqual(known, checkpoint.breakdown.keys())
        risk = checkpoint.machine_risk
        self.customer.success_barrier_ids.state = "removed"
        self.customer.with_user(self.csm).success_sentiment = "worried"
        self._rescore(self.customer)
        self.assertLess(renewal.churn_risk, risk)
        self.assertEqual((checkpoint.machine_risk, checkpoint.csm_view), (risk, "confident"))
        renewal.with_user(self.csm).outcome = "churned"
        self.assertEqual(
            checkpoint.machine_risk, risk, "the checkpoint stays when the score is deleted"
        )

    def test_nobody_changes_what_is_frozen(self):
        self._due_in(90)
        self._run()
        checkpoint = self.customer.success_renewal_ids.checkpoint_ids
        for user in (self.csm, self.lead_csm, self.manager, self.env.ref("base.user_root")):
            for vals in (
                {"machine_risk": 1},
                {"csm_view": "worried"},
                {"breakdown": {}},
                {"horizon": 7, "action_plan": "x"},
                {"date": days(3)},
                {"is_gap": False},
            ):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    checkpoint.with_user(user).write(vals)
        for user in (self.csm, self.manager):
            self.assertFalse(checkpoint.with_user(user).has_access("unlink"))
            self.assertFalse(checkpoint.with_user(user).has_access("create"))
        checkpoint.with_user(self.csm).action_plan = "Talk to the sponsor"
        self.customer.success_user_id = self.lead_csm
        with self.assertRaises(AccessError):
            checkpoint.with_user(self.csm).action_plan = "Not mine"
        with self.assertRaises(UserError):
            self.customer.success_renewal_ids.with_user(self.manager).unlink()

    def test_one_checkpoint_at_each_distance(self):
        renewal = self._due_in(90)
        self.checkpoints._take([(renewal.id, 90)])
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.checkpoints._take([(renewal.id, 90)])

    def test_a_customer_that_cannot_be_scored_has_one_with_the_risk_unknown(self):
        renewal = self._due_in(90)
        scores = type(self.env["customer.success.score"])
        with patch.object(scores, "_freeze", lambda self, partners: {}):
            self._run()
        self.assertIs(renewal.checkpoint_ids.machine_risk, False)
        self.assertFalse(renewal.checkpoint_ids.is_gap)

    def test_batches_are_committed_one_by_one(self):
        for number in range(5):
            self._due_in(90, self._customer(f"C{number}"))
        with patch(
            "odoo.addons.customer_success.models.scores.customer_success_checkpoint.BATCH", 2
        ):
            self.assertEqual(self._run(), [0, 2, 2, 1])
        self.assertEqual(self._run(), [0])

    # ------------------------------------------------------------------------------------------
    # Differences of the churn risk and the CSM's view
    # ------------------------------------------------------------------------------------------

    def _gap(self):
        renewal = self._due_in(90)
        self.customer.with_user(self.csm).success_sentiment = "confident"
        self._rescore(self.customer)
        self._run()
        return renewal

    def test_a_gap_asks_the_csm_for_an_action_plan_once(self):
        renewal = self._gap()
        self.assertIn(renewal.checkpoint_ids.risk_band, ("high", "critical"))
        self.assertTrue(renewal.checkpoint_ids.is_gap)
        self.assertTrue(self.customer.success_view_gap, "the customer has the same rule")
        todo = renewal.activity_ids
        self.assertEqual(todo.activity_type_id, self.env.ref(GAP))
        self.assertEqual(todo.user_id, self.csm)
        self.assertIn("confident", str(todo.note))
        self.assertTrue(renewal.with_user(self.csm).needs_action_plan)
        mine = self.env["customer.success.renewal"].with_user(self.csm)
        self.assertEqual(mine.search([("needs_action_plan", "=", True)]), renewal)
        with freeze_time(renewal.date_renewal - timedelta(days=30)):
            self._run()
        self.assertEqual(len(renewal.checkpoint_ids), 2)
        self.assertEqual(renewal.activity_ids, todo, "the CSM is asked only once")

    def test_the_action_plan_settles_it(self):
        renewal = self._gap()
        renewal.checkpoint_ids.with_user(self.csm).action_plan = "Meet the sponsor on Monday"
        self.assertFalse(renewal.needs_action_plan)
        self.assertFalse(renewal.activity_ids)
        self.assertNotIn(renewal, renewal.search([("needs_action_plan", "=", True)]))
        self.assertIn("Meet the sponsor", " ".join(renewal.message_ids.mapped("body")))

    def test_without_a_csm_a_manager_is_asked(self):
        self.customer.success_user_id = False
        self.customer.success_sentiment = "confident"
        renewal = self._due_in(90)
        self._run()
        manager = self.env["res.users"]._success_managers(renewal.company_id)[:1]
        self.assertEqual(renewal.activity_ids.user_id, manager)

    def test_who_agrees_is_left_alone(self):
        self.customer.with_user(self.csm).success_sentiment = "worried"
        renewal = self._due_in(90)
        self._run()
        self.assertFalse(renewal.checkpoint_ids.is_gap)
        self.assertFalse(renewal.activity_ids)

    def test_who_was_right_is_counted_when_it_ends(self):
        renewal = self._gap()
        pivot = self.checkpoints.with_user(self.csm)
        self.assertFalse(renewal.checkpoint_ids.verdict)
        renewal.with_user(self.csm).outcome = "churned"
        self.assertEqual(
            pivot._read_group([("verdict", "!=", False)], ["verdict", "horizon"], ["__count"]),
            [("machine", 90, 1)],
        )
        groups = pivot._read_group([], ["outcome"], ["__count"])
        self.assertEqual(groups, [("churned", 1)])
        renewal.with_user(self.csm).action_reopen()
        self.assertFalse(renewal.checkpoint_ids.verdict)

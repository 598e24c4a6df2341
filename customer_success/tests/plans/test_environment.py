from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ...models.plans.customer_success_plan_content import MEASURES
from ..common import TODAY, days
from .test_plan_gaps import PlanCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestEnvironment(PlanCase):
    """The environment of a customer changes the days expected in a stage, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stages["prepare"].expected_days = 60
        cls.stages["effective_use"].expected_days = 60

    def _say(self, customer):
        self._rescore(customer.sudo())
        customer.invalidate_recordset()
        return str(customer.with_user(self.csm).success_explanation)

    def test_s62_a_complex_environment_takes_more_days_in_a_stage(self):
        plan = self._plan(self._customer("New", stage="prepare", success_stage_date=days(50)))
        customer = plan.partner_id.with_user(self.csm)
        self.assertEqual(customer.success_stage_expected_days, 60)
        plan.complexity_level = "many"
        self.assertEqual(customer.success_stage_expected_days, 90)
        plan.routine_fit = "anew"
        self.assertEqual(customer.success_stage_expected_days, 117)
        self.assertAlmostEqual(plan.completeness, 100 * 2 / 21, places=1)
        customer.sudo().success_stage_date = days(100)
        self.assertFalse(customer.success_is_stalled)
        self.assertNotIn(customer, self._stalled())
        self.assertFalse(self._evidence(customer)["over"])
        customer.sudo().success_stage_date = days(118)
        self.assertTrue(customer.success_is_stalled)
        self.assertIn(customer, self._stalled())
        self.assertEqual(self._evidence(customer)["over"], 1)
        self.assertIn(
            "The environment gives it 195 % of the days of its stage", self._say(customer)
        )

    def _evidence(self, customer):
        score = self._rescore(customer.sudo())
        lines = {line["code"]: line for line in score.breakdown["factors"]}
        return lines["progress"]["evidence"]

    def _stalled(self):
        return (
            self.env["res.partner"].with_user(self.csm).search([("success_is_stalled", "=", True)])
        )

    def test_s62_the_percentages_of_segment_and_environment_are_multiplied(self):
        segment = self.env["customer.success.segment"].create(
            {
                "name": "Large",
                "sequence": 1,
                "domain": "[('ref', '=like', 'L%')]",
                "expected_days": 200,
            }
        )
        customer = self._customer(ref="L1", stage="prepare").with_user(self.csm)
        self.assertEqual(customer.success_segment_id, segment)
        customer.success_complexity = "many"
        self.assertEqual(customer.success_stage_expected_days, 180)
        self._rescore(customer.sudo())
        for passed, stalled in ((180, False), (181, True)):
            customer.sudo().success_stage_date = days(passed)
            self.assertEqual(customer in self._stalled(), stalled)
            self.assertEqual(customer.success_is_stalled, stalled)

    def test_s62_neither_a_target_nor_an_area_of_change_depends_on_it(self):
        plan = self._plan()
        self._usage(self.customer, active=60)
        use = self._value("use")
        gaps = plan._gaps()
        for level in ("one", "many"):
            plan.complexity_level = level
            self.assertEqual(self._value("use"), use)
            self.assertTrue(set(MEASURES) <= plan._gaps().keys(), level)
        self.assertTrue(set(MEASURES) <= gaps.keys())

    def test_s62_claiming_complexity_too_late_does_not_make_a_customer_look_on_time(self):
        customer = self._customer(
            "Late", success_stage_date=days(80), success_go_live_date=days(100)
        ).with_user(self.csm)
        self._plan(customer, relies_on_mandate="no")
        health = self._rescore(customer.sudo()).health
        progress = self._value("progress", customer)
        customer.success_complexity = "many"
        self.assertTrue(customer.success_is_stalled)
        self.assertEqual(customer.success_stage_expected_days, 60)
        self.assertEqual(self._value("progress", customer), progress)
        self.assertLessEqual(self._rescore(customer.sudo()).health, health + 0.5)
        self.assertIn("changed to 150 % of the days after they had passed", self._say(customer))
        self.assertEqual(customer.success_environment_date, TODAY)
        # It counts from the next stage on.
        self.stages["sustained_use"].expected_days = 60
        customer.sudo().success_stage_id = self.stages["sustained_use"]
        self.assertEqual(customer.success_stage_expected_days, 90)
        move = customer.sudo().success_stage_move_ids.sorted("id")[-1:]
        self.assertEqual(move.percent, 100, "the stay before it was given no more days")
        self.assertGreater(self._evidence(customer)["before"], 0)

    def test_s62_the_change_is_tracked(self):
        customer = (
            self._customer("Tracked").with_user(self.csm).with_context(tracking_disable=False)
        )
        self.cr.precommit.run()
        customer.success_complexity = "many"
        self.cr.precommit.run()
        values = customer.sudo().message_ids.tracking_value_ids
        self.assertIn("success_complexity", values.field_id.mapped("name"))

    def test_stopping_and_following_again_wipes_nothing_out(self):
        customer = self._customer("Late", success_stage_date=days(100)).with_user(self.csm)
        self._plan(customer)
        before = self._evidence(customer)["over"]
        self.assertEqual(before, 40)
        stage = customer.success_stage_id
        customer.action_success_stop()
        customer.success_complexity = "many"
        customer.success_stage_id = stage
        self.assertGreater(self._evidence(customer)["before"], 0)

    def test_raising_it_step_by_step_after_the_days_passed_gives_nothing(self):
        customer = self._customer("Late", success_stage_date=days(100)).with_user(self.csm)
        for level in ("many", "one", "several", "many"):
            customer.success_complexity = level
            self.assertEqual(customer.success_stage_expected_days, 60)

    def test_an_honest_simple_answer_costs_nothing(self):
        customer = self._customer("Small", success_stage_date=days(60)).with_user(self.csm)
        customer.write({"success_complexity": "one", "success_routine_fit": "fits"})
        self.assertFalse(customer.success_is_stalled)
        self.assertNotIn("environment", self._say(customer))

    def test_only_the_team_says_it_and_only_the_system_counts(self):
        with self.assertRaises(AccessError):
            self.customer.with_user(self.sales).success_complexity = "many"
        self.customer.with_user(self.csm).write(
            {"success_stage_percent": 900, "success_environment_percent": 900}
        )
        self.assertEqual(self.customer.success_stage_percent, 0)

    def test_a_filter_and_a_group_find_complex_environments(self):
        self.customer.with_user(self.csm).success_complexity = "many"
        partners = self.env["res.partner"].with_user(self.csm)
        groups = partners._read_group(
            [("success_stage_id", "!=", False)], ["success_complexity"], ["__count"]
        )
        self.assertIn(("many", 1), groups)

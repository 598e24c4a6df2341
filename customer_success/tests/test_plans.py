from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestPlans(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()

    def _plan(self, **vals):
        return (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id, **vals})
        )

    def test_a_new_plan_starts_from_a_good_one(self):
        action = self.customer.with_user(self.csm).action_success_plan()
        form = Form(
            self.env["customer.success.plan"].with_user(self.csm).with_context(**action["context"])
        )
        plan = form.save()
        self.assertEqual(plan.partner_id, self.customer)
        self.assertTrue(plan.sustaining_plan and plan.success_definition)
        self.assertEqual(plan.completeness, 0, "a sentence with a blank in it is no answer yet")
        plan.success_definition = "Orders are entered on the day they come in"
        self.assertAlmostEqual(plan.completeness, 100 / 21, places=1)

    def test_a_template_fills_in_only_what_is_empty(self):
        template = self.env["customer.success.plan.template"].search([], limit=1)
        plan = self._plan(template_id=template.id, success_definition="Their own words")
        self.assertEqual(plan.success_definition, "Their own words")
        self.assertEqual(plan.upgrade_plan, template.upgrade_plan)

    def test_completeness_counts_what_is_answered(self):
        plan = self._plan()
        self.assertEqual(plan.completeness, 0)
        plan.relies_on_mandate = "no"
        plan.leaders_ask_users = "no"
        self.assertAlmostEqual(plan.completeness, 100 * 2 / 21, places=1)
        plan.project_on_time = "yes"
        self.assertAlmostEqual(plan.completeness, 100 * 2 / 21, places=1, msg="project data")

    def test_one_plan_is_active_and_its_predecessors_are_kept(self):
        first, second = (
            self._plan(success_definition="First"),
            self._plan(success_definition="Second", revision_reason="A new head of sales"),
        )
        first.action_activate()
        second.action_activate()
        self.assertEqual((first.state, second.state), ("replaced", "active"))
        self.assertEqual(self.customer.success_plan_id, second)
        self.assertEqual(first.success_definition, "First")
        with self.assertRaises(UserError):
            first.success_definition = "Rewritten"
        with self.assertRaises(ValidationError):
            second.action_activate()
        for vals in ({"state": "draft"}, {"state": "replaced", "success_definition": "x"}):
            for plan in (first, second):
                with self.subTest(**vals), self.assertRaises(UserError):
                    plan.write(vals)

    def test_two_active_plans_are_refused_by_the_database(self):
        self._plan().action_activate()
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self._plan(state="active")

    def test_a_revision_copies_the_content_into_a_draft(self):
        plan = self._plan(success_definition="First")
        plan.action_activate()
        draft = plan.browse(plan.action_revise()["res_id"])
        self.assertEqual((draft.state, draft.success_definition), ("draft", "First"))
        self.assertEqual(plan.state, "active")

    def test_the_review_is_an_activity_of_the_owner(self):
        plan = self._plan(next_review_date=TODAY + timedelta(days=30))
        self.assertFalse(plan.activity_ids)
        plan.action_activate()
        self.assertEqual(plan.activity_ids.user_id, self.csm)
        self.assertEqual(plan.activity_ids.date_deadline, TODAY + timedelta(days=30))
        plan.next_review_date = TODAY + timedelta(days=60)
        self.assertEqual(plan.activity_ids.date_deadline, TODAY + timedelta(days=60))
        self._plan(revision_reason="A new head of sales").action_activate()
        self.assertFalse(plan.activity_ids, "a plan that was replaced is reviewed no more")
        newest = self.customer.success_plan_id
        self.assertEqual(newest.next_review_date, TODAY + timedelta(days=90))
        self.assertTrue(newest.activity_ids)

    def test_a_plan_with_nothing_after_go_live_warns(self):
        plan = self._plan()
        plan.action_activate()
        self.assertTrue(plan.nothing_after_go_live)
        self.assertIn("Nothing is planned after go-live", self._attention())
        self.env["customer.success.change"].create(
            {"partner_id": self.customer.id, "name": "New people", "date": days(-90)}
        )
        self.assertFalse(plan.nothing_after_go_live)
        self.assertNotIn("Nothing is planned", self._attention())

    def test_a_sentence_with_a_blank_opens_no_gate(self):
        template = self.env["customer.success.plan.template"].search([], limit=1)
        plan = self._plan(template_id=template.id)
        plan.action_activate()
        self.assertTrue(plan.nothing_after_go_live)
        gates = self.customer._closed_success_gates(self.stages["sustained_use"])
        self.assertIn("sustaining_plan", gates)
        plan.sustaining_plan = "Once a quarter the head of sales looks at it with us"
        self.assertFalse(plan.nothing_after_go_live)
        gates = self.customer._closed_success_gates(self.stages["sustained_use"])
        self.assertNotIn("sustaining_plan", gates)

    def test_no_plan_and_a_mandate_are_risks_on_the_form(self):
        self.assertIn("no active success plan", self._attention())
        self._plan(relies_on_mandate="yes").action_activate()
        self.assertIn("mandate", self._attention())

    def _attention(self):
        self.customer.invalidate_recordset()
        return str(self.customer.with_user(self.csm).success_attention)

    def test_a_review_before_the_plan_is_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._plan(next_review_date=days(1))

    def test_plans_are_the_teams_own(self):
        plan = self._plan()
        other = self._customer("Other", success_user_id=self.lead_csm.id)
        others = self.env["customer.success.plan"].create({"partner_id": other.id})
        self.assertFalse(others.with_user(self.csm).has_access("read"))
        self.assertTrue(others.with_user(self.lead_csm).has_access("write"))
        self.assertFalse(plan.with_user(self.sales).has_access("read"))
        with self.assertRaises(AccessError):
            self.customer.with_user(self.sales).action_success_plan()
        self.assertFalse(plan.with_user(self.csm).has_access("unlink"))

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from ..common import TODAY, days
from .test_plan_gaps import PlanCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestPlanRevisions(PlanCase):
    """A revision says why it was made and what it changed."""

    def _draft(self, plan):
        return plan.browse(plan.action_revise()["res_id"])

    def test_s76_a_revision_says_what_changed_and_why(self):
        plan = self._plan(
            success_definition="Orders are entered on the day",
            capacity="1",
            upgrade_plan="Two drivers try each version",
            date=days(100),
        )
        draft = self._draft(plan)
        self.assertEqual(draft.revision_changes, "No answer was changed.")
        draft.write(
            {
                "capacity": "3",
                "success_definition": "Orders are entered within the hour",
                "upgrade_plan": False,
                "new_hire_plan": "A colleague shows them for a week",
            }
        )
        self.assertEqual(
            draft.revision_changes.splitlines(),
            [
                "Definition of Success: “Orders are entered on the day” became “Orders are entered within the hour”",
                "Capacity: from “1 - None” to “3 - Some”",
                "New Hires: added “A colleague shows them for a week”",
                "Upgrades: removed, was “Two drivers try each version”",
            ],
        )
        for reason in (False, " ", ".", "Because"):
            draft.revision_reason = reason
            with self.assertRaisesRegex(UserError, "why it is revised"):
                draft.action_activate()
        self.assertEqual(plan.state, "active", "a refused revision replaces nothing")
        draft.revision_reason = "The head of sales left in May"
        draft.action_activate()
        self.assertEqual((plan.state, draft.replaces_id), ("replaced", plan))
        self.assertIn("from “1 - None” to “3 - Some”", draft.revision_changes)

    def test_s76_the_last_revision_stands_on_the_customer_and_in_lists(self):
        self._plan(date=days(100))
        self._plan(revision_reason="The head of sales left in May")
        self.assertIn("Revised on 06/15/2026: The head of sales left in May", self._summary())
        customer = self.customer.with_user(self.csm)
        self.assertEqual(customer.success_plan_date, TODAY)
        self.assertEqual(customer.success_plan_reason, "The head of sales left in May")

    def test_the_first_plan_needs_no_reason(self):
        plan = self._plan(success_definition="Orders are entered on the day")
        self.assertEqual(plan.state, "active")
        self.assertFalse(plan.is_revision)
        self.assertFalse(plan.revision_changes)

    def test_a_form_asks_for_the_reason_of_a_revision(self):
        plan = self._plan()
        draft = self._draft(plan)
        with Form(draft) as form:
            form.revision_reason = "The head of sales left in May"
        draft.action_activate()
        self.assertEqual(draft.state, "active")

    def test_a_replaced_plan_keeps_how_complete_it_was(self):
        old = self._plan(sustaining_plan="Anna looks at it each quarter")
        complete = old.completeness
        self._plan(revision_reason="The head of sales left in May")
        self.customer.with_user(self.csm).success_go_live_date = days(1)
        self.customer.with_user(self.csm).success_complexity = "many"
        self.assertEqual(old.completeness, complete)

    def test_no_button_changes_a_replaced_plan(self):
        old = self._plan(sustaining_plan="Anna looks at it each quarter", leaders_reward_use="yes")
        self._plan(revision_reason="The head of sales left in May")
        for button in ("action_confirm_sustaining", "action_take_answers"):
            with self.assertRaisesRegex(UserError, "replaced plan can no longer be changed"):
                getattr(old, button)()

    def test_a_revision_keeps_the_age_of_what_it_copies(self):
        plan = self._plan(sustaining_plan="Anna looks at it each quarter", date=days(300))
        draft = self._draft(plan)
        draft.revision_reason = "A yearly look at it"
        draft.action_activate()
        self.assertEqual(draft.source_ids.date, days(300))
        self.assertTrue(draft.sustaining_asked_since, "copying it is not asking again")

from odoo.exceptions import AccessError
from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools import file_path

from ..common import TODAY, days
from .test_plan_gaps import PlanCase


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestPlanAnswers(PlanCase):
    """Conversations fill in the checks of a plan; what was set by hand is kept and marked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.question = cls.env.ref("customer_success.customer_success_question_rewards_leaders")
        cls.capacity = cls.env.ref("customer_success.customer_success_question_environment_load")

    def _say(self, signal="strength", question=None, **vals):
        return (
            self.env["customer.success.answer"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "question_id": (question or self.question).id,
                    "signal": signal,
                    "date": days(5),
                    **vals,
                }
            )
        )

    def _source(self, plan, name="leaders_reward_use"):
        return plan.source_ids.filtered(lambda source: source.question == name)

    def test_s21_an_answer_of_a_conversation_fills_in_the_leaders_check(self):
        plan = self._plan()
        before = self._value()
        talk = (
            self.env["customer.success.interaction"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id, "kind": "advisory", "date": days(3)})
        )
        talk.line_ids.filtered(lambda line: line.question_id == self.question).unlink()
        talk.write(
            {
                "line_ids": [
                    (0, 0, {"question_id": self.question.id, "answer": "Use", "signal": "strength"})
                ]
            }
        )
        talk.line_ids._become_answers()
        self.assertEqual(plan.leaders_reward_use, "yes")
        source = self._source(plan)
        self.assertEqual((source.origin, source.date), ("conversation", days(3)))
        self.assertEqual(source.answer_id.interaction_id, talk)
        self.assertGreater(self._value(), before)

    def test_s23_capability_takes_the_rating_of_the_newest_answer(self):
        plan = self._plan()
        self._say("blocker", self.capacity, date=days(40))
        self.assertEqual(plan.capacity, "1")
        self._say(None, self.capacity, rating="4", date=days(2))
        self.assertEqual(plan.capacity, "4")
        self._say("blocker", self.capacity, date=days(20))
        self.assertEqual(plan.capacity, "4", "an older answer does not replace a newer one")
        self.assertEqual(self._source(plan, "capacity").date, days(2))

    def test_the_newest_answer_wins_whoever_gave_it(self):
        plan = self._plan()
        ada, bob = self._contact(self.customer), self._contact(self.customer, "Bob")
        self._say("strength", contact_id=ada.id, date=days(9))
        self._say("concern", contact_id=bob.id, date=days(4))
        self.assertEqual(plan.leaders_reward_use, "no")
        self.assertEqual(self._source(plan).contact_id, bob)
        self._say("neutral", contact_id=ada.id, date=days(1), answer="It depends on the team")
        self.assertEqual(plan.leaders_reward_use, "no", "a neutral answer decides nothing")

    def test_a_new_plan_takes_what_was_said_before(self):
        self._say("concern", date=days(30))
        plan = self._plan(active=False)
        self.assertEqual(plan.leaders_reward_use, "no")
        self.assertEqual(self._source(plan).date, days(30))

    def test_what_was_set_by_hand_is_kept_and_marked(self):
        plan = self._plan(leaders_reward_use="yes")
        self.assertEqual(self._source(plan).origin, "hand")
        self._say("blocker")
        self.assertEqual(plan.leaders_reward_use, "yes")
        self.assertTrue(plan.differs)
        self.assertIn("A conversation on", self._attention())
        self.assertIn("Leaders Reward More than Go-Live: Yes", self._attention())
        plan.action_take_answers()
        self.assertEqual(plan.leaders_reward_use, "no")
        self.assertEqual(self._source(plan).origin, "conversation")
        self.assertFalse(plan.differs)
        self.assertNotIn("A conversation on", self._attention())

    def test_emptying_what_was_set_by_hand_gives_it_back(self):
        self._say("blocker")
        plan = self._plan()
        plan.leaders_reward_use = "yes"
        self.assertEqual(self._source(plan).origin, "hand")
        plan.leaders_reward_use = False
        self.assertEqual(plan.leaders_reward_use, "no")
        self.assertEqual(self._source(plan).origin, "conversation")

    def test_a_replaced_plan_takes_nothing(self):
        old = self._plan()
        self._plan(revision_reason="A new head of sales")
        self._say("strength")
        self.assertFalse(old.leaders_reward_use)

    # Ways to lift it without doing good

    def test_an_answer_that_is_deleted_lifts_nothing(self):
        plan = self._plan()
        before = self._value()
        answer = self._say("strength")
        self.assertGreater(self._value(), before)
        answer.sudo().unlink()
        self.assertFalse(plan.leaders_reward_use)
        self.assertEqual(self._value(), before)

    def test_a_corrected_answer_corrects_the_plan(self):
        plan = self._plan()
        answer = self._say("strength")
        answer._correct({"signal": "blocker"}, "I misheard")
        self.assertEqual(plan.leaders_reward_use, "no")

    def test_a_question_that_was_not_asked_fills_in_nothing(self):
        plan = self._plan()
        self._say(None, not_asked_reason="No time")
        self.assertFalse(plan.leaders_reward_use)

    def test_sources_are_the_systems_own(self):
        plan = self._plan(leaders_reward_use="yes")
        source = self._source(plan)
        for user in (self.csm, self.manager):
            with self.assertRaises(AccessError):
                source.with_user(user).origin = "conversation"
        others = self._customer("Other", success_user_id=self.lead_csm.id)
        theirs = self.env["customer.success.plan"].create(
            {"partner_id": others.id, "leaders_reward_use": "yes"}
        )
        self.assertFalse(theirs.source_ids.with_user(self.csm).has_access("read"))
        self.assertFalse(theirs.source_ids.with_user(self.sales).has_access("read"))
        self.assertTrue(theirs.source_ids.with_user(self.lead_csm).has_access("read"))

    # Plans from before this version

    def test_the_upgrade_dates_old_answers_and_links_the_questions(self):
        plan = self._plan(
            date=days(300), sustaining_plan="Anna looks at it each quarter", tools="2"
        )
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM customer_success_plan_source")
        self.env.cr.execute(
            "UPDATE customer_success_plan SET unanswered = NULL, completeness = 1, write_date = %s",
            [days(100)],
        )
        self.env.cr.execute("UPDATE customer_success_question SET plan_check = NULL")
        self.env.invalidate_all(flush=False)
        path = file_path("customer_success/migrations/19.0.2.0.0/post-plans.py")
        for _run in range(2):
            load_script(path, "post_plans").migrate(self.env.cr, "19.0.1.2.0")
            self.env.invalidate_all(flush=False)
            self.assertEqual(self.question.plan_check, "leaders_reward_use")
            self.assertEqual(
                {source.question: source.date for source in plan.source_ids},
                {"sustaining_plan": days(100), "tools": days(300)},
            )
            self.assertFalse(plan.sustaining_asked_since, "it was changed after go-live")
            self.assertAlmostEqual(plan.completeness, 100 * 2 / 21, places=1)

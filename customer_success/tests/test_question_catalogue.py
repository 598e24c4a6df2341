from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestQuestionCatalogue(SuccessCase):
    """Each topic of the catalogue is asked in conversations, and its answer moves score, advice and gaps."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("customer_success.known_enough", "0")
        cls._leave_out("use", "trend", "barriers", "progress", "value", "plan")
        cls.customer = cls._customer()
        cls.ada = cls._contact(cls.customer)

    def _prepared(self):
        """Return why each question is on the agenda of the CSM's next conversation."""
        lines = self.env["customer.success.interaction.line"].with_user(self.csm)
        due = lines._due_lines(self.customer.with_user(self.csm), self.ada.browse())
        return {command[2]["question_id"]: command[2]["why"] for command in due}

    def _say(self, question, date=TODAY, **said):
        """Log a conversation with this answer, as the CSM."""
        talk = (
            self.env["customer.success.interaction"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "contact_ids": self.ada.ids,
                    "date": date,
                    "line_ids": [Command.create({"question_id": question.id, **said})],
                }
            )
        )
        talk.action_log()
        self.customer.invalidate_recordset()
        return talk

    def _gaps(self, question, kind):
        return self.env["customer.success.missed"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("question_id", "=", question.id),
                ("kind", "=", kind),
            ]
        )

    def _assert_asked(self, topic):
        """Ask the first question of a topic: a worrying answer lowers the score and is followed by advice."""
        customer = self.customer.with_user(self.csm)
        question = self.questions.filtered(lambda one: one.topic == topic and not one.stage_ids)[:1]
        self.assertTrue(question, f"no question about {topic} for all stages")
        self.assertEqual(self._prepared()[question.id], "never")
        self.assertTrue(self._gaps(question, "never_asked"))
        before = customer.success_questions_fresh
        talk = self._say(question, signal="strength", answer="They know it by heart")
        self.assertEqual(customer.success_questions_fresh, before + 1)
        self.assertGreater(customer.success_coverage, 0)
        self.assertNotIn(question.id, self._prepared())
        self.assertFalse(self._gaps(question, "never_asked"))
        good = customer.success_health
        talk = self._say(question, signal="blocker", answer="Nobody knows")
        if question.dimension:
            self.assertLess(customer.success_health, good)
        self.assertIn("Concerns and blockers: 1", str(customer.success_explanation))
        self.assertEqual(talk.advice_ids.question_id, question, "a recommendation to decide on")
        self.assertEqual(self._prepared()[question.id], "concern")
        self.assertTrue(self._gaps(question, "no_action"))

    def test_s49_long_term_goals_are_asked(self):
        self._assert_asked("goals")

    def test_s50_where_they_are_struggling_is_asked(self):
        self._assert_asked("struggles")

    def test_s51_what_is_changing_in_their_environment_is_asked(self):
        self._assert_asked("environment")

    def test_s52_their_structure_and_hierarchy_are_asked(self):
        self._assert_asked("structure")

    def test_s53_what_they_value_is_asked(self):
        self._assert_asked("values")

    def test_s54_what_they_recognize_is_asked(self):
        self._assert_asked("recognition")

    def test_s55_what_they_reward_is_asked(self):
        self._assert_asked("rewards")

    def test_s56_their_processes_are_asked(self):
        self._assert_asked("processes")

    def test_s57_their_performance_expectations_are_asked(self):
        self._assert_asked("expectations")

    def test_s58_the_catalogue_is_the_managers_to_edit(self):
        self._say(self.questions[0], signal="strength")
        covered = self.customer.success_coverage
        vals = {"name": "Who trains the trainers?", "refresh_months": 6}
        catalogue = self.env["customer.success.question"]
        with self.assertRaises(AccessError):
            catalogue.with_user(self.csm).create(vals)
        question = catalogue.with_user(self.manager).create(vals)
        self.assertEqual(self._prepared()[question.id], "never")
        self._rescore(self.customer)
        self.assertLess(self.customer.success_coverage, covered, "one more is due")
        question.active = False
        self.assertNotIn(question.id, self._prepared())
        self._rescore(self.customer)
        self.assertEqual(self.customer.success_coverage, covered)

    def test_s59_what_was_never_asked_is_listed_and_the_coverage_says_how_much(self):
        customer = self.customer.with_user(self.csm)
        due = customer.success_questions_due
        unasked = self.env["customer.success.missed"].with_user(self.csm)
        unasked = unasked.search(
            [("partner_id", "=", customer.id), ("kind", "=", "never_asked")]
        ).question_id
        self.assertEqual(len(unasked), due)
        self.assertLessEqual(set(unasked.ids), set(self._prepared()))
        for question in unasked[:2]:
            self._say(question, signal="strength")
        self.assertAlmostEqual(customer.success_coverage, 200 / due, 1)
        uncovered = self.env["res.partner"].with_user(self.csm)
        self.assertIn(customer, uncovered.search([("success_coverage", "<", 50)]))

    def test_s60_why_it_was_not_asked_is_kept_and_covers_nothing(self):
        question = self.questions.filtered(lambda one: not one.stage_ids)[0]
        self._say(question, not_asked_reason="The works manager was called away")
        customer = self.customer.with_user(self.csm)
        self.assertEqual(customer.success_questions_fresh, 0)
        self.assertEqual(self._prepared()[question.id], "never", "it is asked next time")
        action = self.env.ref("customer_success.customer_success_answer_action_not_asked")
        listed = (
            self.env["customer.success.answer"]
            .with_user(self.csm)
            .search([("not_asked_reason", "!=", False), ("partner_id", "=", customer.id)])
        )
        self.assertIn("not_asked_reason", action.domain)
        self.assertEqual(listed.not_asked_reason, "The works manager was called away")
        self.assertEqual((listed.user_id, listed.date), (self.csm, TODAY))

    def test_s64_a_stale_answer_is_flagged_and_asked_again(self):
        customer = self.customer.with_user(self.csm)
        question = self.questions.filtered(lambda one: not one.stage_ids)[0]
        self._say(question, signal="strength", date=days(31 * question.refresh_months + 5))
        self.assertEqual((customer.success_questions_fresh, customer.success_coverage), (0, 0))
        self.assertEqual(customer.success_stale_answers, 1)
        self.assertIn(customer, customer.search([("success_stale_answers", ">", 0)]))
        self.assertEqual(self._prepared()[question.id], "stale")
        self.assertTrue(self._gaps(question, "stale"))
        self.assertIn("Stale answers: 1", str(customer.success_explanation))
        self._say(question, signal="strength")
        self.assertEqual((customer.success_questions_fresh, customer.success_stale_answers), (1, 0))
        self.assertFalse(self._gaps(question, "stale"))

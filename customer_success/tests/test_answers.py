from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestAnswers(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.question = cls.questions[0]

    def test_a_catalogue_over_nine_topics_ships_with_the_addon(self):
        topics = self.env["customer.success.topic"].search([("code", "!=", False)])
        self.assertEqual(len(topics), 9)
        shipped = self.questions.filtered(lambda question: question.get_external_id()[question.id])
        self.assertGreaterEqual(len(shipped), 40)
        self.assertEqual(shipped.topic_id, topics)
        for question in shipped:
            with self.subTest(question.name):
                for name in ("purpose", "strong_answer", "worrying_answer"):
                    self.assertTrue(question[name])
                self.assertIn("concern", question.recommendation_ids.mapped("signal"))
        for stage in self.stages.values():
            customer = self._customer(stage.name, success_stage_id=stage.id)
            due = customer._success_due_questions()
            self.assertTrue(12 <= len(due) <= 22, (stage.name, len(due)))

    def test_a_newer_answer_supersedes_and_the_old_one_stays(self):
        old = self._answer(self.customer, self.question, "concern", date=days(20))
        new = self._answer(self.customer, self.question, "strength", date=days(1))
        self.assertTrue(new.is_current)
        self.assertFalse(old.is_current)
        self.assertEqual(old.signal, "concern")

    def test_an_answer_that_arrives_late_supersedes_nothing(self):
        current = self._answer(self.customer, self.question, date=days(1))
        late = self._answer(self.customer, self.question, date=days(20))
        self.assertTrue(current.is_current)
        self.assertFalse(late.is_current)

    def test_each_contact_has_a_current_answer(self):
        by_ada = self._answer(self.customer, contact_id=self._contact(self.customer, "Ada").id)
        by_ben = self._answer(self.customer, contact_id=self._contact(self.customer, "Ben").id)
        self.assertTrue(by_ada.is_current and by_ben.is_current)

    def test_deleting_the_newest_makes_the_one_before_current_again(self):
        old = self._answer(self.customer, date=days(20))
        new = self._answer(self.customer, date=days(1))
        new.sudo().unlink()  # only the system can
        self.assertTrue(old.is_current)

    def test_a_question_that_was_not_asked_is_no_answer(self):
        answer = self._answer(self.customer)
        skipped = self._answer(self.customer, signal=False, not_asked_reason="No time", date=TODAY)
        self.assertTrue(answer.is_current)
        self.assertFalse(skipped.is_current)
        self.assertEqual(self.customer.success_questions_fresh, 1)

    @mute_logger("odoo.sql_db")
    def test_an_answer_says_something_or_why_not(self):
        with self.assertRaisesRegex(IntegrityError, "check_said"), self.cr.savepoint():
            self._answer(self.customer, signal=False)

    def test_an_answer_stays_as_given_after_its_day(self):
        answer = self._answer(self.customer).with_user(self.csm)
        self.env.cr.execute("UPDATE customer_success_answer SET create_date = %s", [days(1)])
        answer.invalidate_recordset()
        with self.assertRaises(UserError):
            answer.answer = "Other words"
        with self.assertRaises(AccessError):
            answer.unlink()

    def test_an_answer_may_be_corrected_on_its_day(self):
        with freeze_time(TODAY):
            answer = self._answer(self.customer)
            self.env.cr.execute(
                "UPDATE customer_success_answer SET create_date = %s", [f"{TODAY} 08:00:00"]
            )
            answer.invalidate_recordset()
            answer.with_user(self.csm).answer = "In their words"
        self.assertEqual(answer.answer, "In their words")

    def test_an_answer_cannot_come_from_the_future_or_a_stranger(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._answer(self.customer, date=days(-1))
        stranger = self._contact(self._customer("Other"), "Eve")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._answer(self.customer, contact_id=stranger.id)

    def test_stale_is_from_the_day_after_it_is_due_again(self):
        self.question.refresh_months = 6
        answer = self._answer(self.customer, date="2026-01-15")
        answers = self.env["customer.success.answer"]
        for today, stale in (("2026-07-15", False), ("2026-07-16", True)):
            with freeze_time(today):
                answer.invalidate_recordset()
                self.assertEqual(answer.is_stale, stale)
                self.assertEqual(answer in answers.search([("is_stale", "=", True)]), stale)
                self.assertEqual(answer in answers.search([("is_stale", "=", False)]), not stale)

    def test_stale_is_of_the_readers_day(self):
        """The question is due again on 15 July; 00:30 UTC on the 16th is still the 15th in one of the zones."""
        self.question.refresh_months = 6
        answer = self._answer(self.customer, date="2026-01-15")
        with freeze_time("2026-07-16 00:30:00"):
            for zone, stale in (
                ("America/New_York", False),
                ("Europe/Brussels", True),
                ("Asia/Tokyo", True),
            ):
                theirs = answer.with_context(tz=zone)
                theirs.invalidate_recordset()
                with self.subTest(zone):
                    self.assertEqual(theirs.is_stale, stale)
                    found = theirs.search([("is_stale", "=", True)])
                    self.assertEqual(answer in found, stale)

    def test_a_correction_after_a_day_needs_a_reason_and_is_kept(self):
        answer = self._answer(self.customer, self.question, "neutral", answer="Yes").with_user(
            self.csm
        )
        with freeze_time("2099-01-01"):
            with self.assertRaises(UserError):
                answer.answer = "No"
            with self.assertRaisesRegex(UserError, "Enter the reason"):
                answer._correct({"answer": "No"}, "  ")
            wizard = self.env["customer.success.correction"].with_user(self.csm)
            wizard = wizard.with_context(default_answer_id=answer.id)
            with Form(wizard) as form:
                self.assertEqual(form.answer, "Yes")
                form.answer = "No"
                form.signal = "concern"
                form.reason = "I misheard"
            form.record.action_correct()
        self.assertEqual((answer.answer, answer.signal), ("No", "concern"))
        edit = answer.edit_ids
        self.assertEqual(
            (edit.answer, edit.signal, edit.reason, edit.user_id),
            ("Yes", "neutral", "I misheard", self.csm),
        )
        self.assertTrue(answer.advice_ids, "a concern now, it has its recommendations")
        for user in (self.csm, self.manager):
            self.assertFalse(edit.with_user(user).has_access("write"))

    def test_script_and_a_hundred_thousand_characters_are_text(self):
        text = "<script>alert(1)</script>" + "x" * 100_000
        self.question.dimension = "willing"
        answer = self._answer(self.customer, self.question, answer=text)
        self.assertEqual(answer.answer, text)
        html = str(self.customer.with_user(self.csm).success_readiness)
        self.assertIn("&lt;script&gt;", html)
        self.assertNotIn("<script>", html)

    def test_a_question_with_answers_is_archived_not_deleted(self):
        self._answer(self.customer, self.question)
        with self.assertRaisesRegex(UserError, "Archive the question"):
            self.question.with_user(self.manager).unlink()
        self.question.with_user(self.manager).active = False
        self.assertTrue(self.question.exists())
        other = self.env["customer.success.question"].create({"name": "Never asked"})
        other.with_user(self.manager).unlink()

    def test_questions_are_due_in_their_stages(self):
        self.questions.stage_ids = False
        self.questions[:3].stage_ids = self.stages["discover"]
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.success_questions_due, len(self.questions) - 3)
        other = self._customer("Other", "discover")
        self.assertEqual(other.success_questions_due, len(self.questions))

    def test_counting_questions_takes_no_query_a_customer(self):
        customers = self.customer | self._customer("B") | self._customer("C")
        customers.invalidate_recordset()
        self._queries(customers)  # warms the caches
        self.env.invalidate_all()
        one = self._queries(self.customer)
        self.env.invalidate_all()
        self.assertEqual(self._queries(customers), one)

    def _queries(self, customers):
        before = self.env.cr.sql_log_count
        customers.mapped("success_questions_fresh")
        return self.env.cr.sql_log_count - before

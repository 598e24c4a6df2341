from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
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

    def test_nine_topics_ship_with_the_addon(self):
        topics = self.questions._fields["topic"].get_values(self.env)
        self.assertEqual(len(topics), 9)
        self.assertEqual(set(self.questions.mapped("topic")), set(topics))

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
        new.with_user(self.manager).unlink()
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

    def test_questions_are_due_in_their_stages(self):
        self.questions[:3].stage_ids = self.stages["discover"]
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.success_questions_due, len(self.questions) - 3)
        self.customer.success_stage_id = self.stages["discover"]
        self.assertEqual(self.customer.success_questions_due, len(self.questions))

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

from types import SimpleNamespace

from odoo.tests import freeze_time, tagged

from ...report.workbook.sheet_questions import Questions
from ...scoring.asked import GRACE_DAYS
from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestGraceOfQuestions(SuccessCase):
    """Questions of a stage count after a time in which to ask them: entering a stage earns and costs nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["customer.success.stage"].search([]).write(
            {
                "gate_success_definition": False,
                "gate_sustaining_plan": False,
                "gate_coverage": 0,
                "gate_no_critical_barrier": False,
            }
        )
        cls.customer = cls._customer(stage="discover", success_stage_date=days(200))
        cls.due = cls.customer._success_due_questions()
        for question in cls.due[:4]:
            cls._answer(cls.customer, question, "strength")
        cls.answered = cls.due[:4]

    def _seen(self):
        """Return what the score, the form and the Questions sheet say of the questions that are due."""
        self._rescore(self.customer)
        self.customer.invalidate_recordset()
        customer = self.customer.with_user(self.csm)
        lines = self.customer.success_score_id.breakdown["factors"]
        [advisor] = [line for line in lines if line["code"] == "advisor"]
        due, fresh = customer.success_questions_due, customer.success_questions_fresh
        self.assertAlmostEqual(customer.success_coverage, 100 * fresh / due, 1)
        gaps = self.env["customer.success.missed"].search(
            [("partner_id", "=", self.customer.id), ("kind", "=", "never_asked")]
        )
        self.assertEqual(len(gaps), due - fresh)
        return advisor["value"], due, fresh

    def _enter(self, name, ago=0):
        """Enter a stage today as the CSM, or some days ago."""
        stage = self.stages[name].id
        if ago:
            self.customer.write({"success_stage_id": stage, "success_stage_date": days(ago)})
        else:
            self.customer.with_user(self.csm).success_stage_id = stage

    def test_entering_a_stage_moves_neither_the_factor_nor_the_coverage(self):
        before = self._seen()
        for name in ("prepare", "go_live", "first_use", "effective_use", "sustained_use"):
            with self.subTest(stage=name):
                self._enter(name)
                self.assertEqual(self._seen(), before, "not even by hurrying through them")
        agenda = self.customer._success_due_questions()
        self.assertNotEqual(agenda, self.due, "what to ask from today on is that of the new stage")

    def test_the_questions_of_a_stage_count_after_a_time_to_ask_them(self):
        before = self._seen()
        self._enter("prepare", ago=GRACE_DAYS - 1)
        self.assertEqual(self._seen(), before)
        self._enter("go_live", ago=0)
        self.assertEqual(self._seen(), before)
        moves = self.customer.success_stage_move_ids.filtered(
            lambda move: move.stage_id == self.stages["prepare"]
        )
        moves.sudo().date = days(GRACE_DAYS)
        due = self.env["customer.success.question"].search([])._due_in(self.stages["prepare"])
        self.assertEqual(self._seen()[1:], (len(due), len(due & self.answered)))

    def test_an_answer_in_time_counts_once_its_stage_counts(self):
        self._enter("prepare", ago=GRACE_DAYS - 1)
        asked = self.customer._success_due_questions() - self.due
        self.assertTrue(asked)
        for question in asked:
            self._answer(self.customer, question, "strength")
        self.assertEqual(self._seen()[1:], (len(self.due), 4))
        self.customer.success_stage_move_ids.sudo()[0].date = days(GRACE_DAYS)
        due = self.customer._success_due_questions()
        self.assertEqual(self._seen()[1:], (len(due), len((self.answered | asked) & due)))

    def test_the_questions_sheet_counts_the_same_questions(self):
        self._enter("prepare")
        sheet = Questions(self._book())
        rows = {row[0]: row[3:5] for row in sheet.make_rows()}
        only_new = self.customer._success_due_questions() - self.due
        self.assertEqual({rows[question.name] for question in only_new}, {(0, 0)})
        self.assertEqual({rows[question.name] for question in self.answered}, {(1, 1)})

    def _book(self):
        env = self.env(user=self.manager)
        book = SimpleNamespace(env=env, today=TODAY, customers=self.customer.ids, months=0)
        book.claim_name = str
        return book

    def test_a_new_customer_is_asked_the_questions_of_its_first_stage(self):
        new = self._customer("New", "prepare", success_stage_date=TODAY)
        self.assertEqual(new.success_questions_due, len(new._success_due_questions()))

    def test_stopping_and_following_again_changes_no_questions(self):
        before = self._seen()
        self.customer.with_user(self.csm).action_success_stop()
        self.customer.with_user(self.csm).success_stage_id = self.stages["discover"]
        self.assertEqual(self._seen(), before)

from odoo.exceptions import RedirectWarning
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import file_path

from .common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestAnswersOfGone(SuccessCase):
    """Answers of people who have left are history: they stay readable, and count nowhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.ada = cls._contact(cls.customer, "Ada")
        cls.ben = cls._contact(cls.customer, "Ben")
        cls.other = cls._customer("Other")
        due = cls.customer._success_due_questions()
        cls.question = due.filtered(lambda question: question.dimension == "willing")[0]
        cls.by_ada = cls._answer(cls.customer, cls.question, "blocker", contact_id=cls.ada.id)
        cls.by_ben = cls._answer(cls.customer, cls.question, "strength", contact_id=cls.ben.id)

    def _line(self, customer=None):
        score = self._rescore(customer or self.customer)
        lines = {line["code"]: line for line in score.breakdown["factors"]}
        return lines.get("advisor")

    def _willing(self):
        customer = self.customer.with_user(self.csm)
        customer.invalidate_recordset()
        people = {
            line["contact"] and line["contact"].name: line["dimensions"]["willing"]
            for line in customer._success_readiness()
        }
        return {name: (line["value"], line["before"]) for name, line in people.items()}

    def _requested(self):
        requests = self.env["customer.success.score.request"]
        requests.flush_model()
        return requests.search([]).partner_id

    def _covered(self):
        customer = self.customer.with_user(self.csm)
        customer.invalidate_recordset()
        return customer.success_questions_fresh

    # -- innocents ------------------------------------------------------------------------------

    def test_willing_is_of_those_who_are_there(self):
        evidence = self._line()["evidence"]
        self.assertEqual((evidence["willing"], evidence["worrying"]), (50, 1))
        self.assertEqual(set(self._willing()), {None, "Ada", "Ben"})
        self.ada.with_user(self.sales).active = False
        evidence = self._line()["evidence"]
        self.assertEqual((evidence["willing"], evidence["worrying"]), (100, 0))
        self.assertEqual(evidence["fresh"], 1)
        self.assertEqual(self._willing(), {None: (5, None), "Ben": (5, None)})

    def test_an_answer_without_a_contact_still_counts(self):
        self._answer(self.customer, self.question, "neutral")
        self.ada.active = self.ben.active = False
        self.assertEqual(self._line()["evidence"]["willing"], 60)
        self.assertEqual(self._covered(), 1)

    def test_a_contact_who_moves_within_the_customer_has_not_left(self):
        self.env["customer.success.score.request"].search([]).unlink()
        site = self.env["res.partner"].create(
            {"name": "Site", "parent_id": self.customer.id, "type": "other"}
        )
        self.ada.parent_id = site
        self.assertTrue(self.by_ada.is_current)
        self.assertFalse(self.by_ada.is_gone)
        self.assertFalse(self._requested())

    def test_the_answer_stays_readable_and_says_that_the_person_left(self):
        self.ada.active = False
        answers = self.env["customer.success.answer"].with_user(self.csm)
        self.assertEqual(answers.search([("is_gone", "=", True)]), self.by_ada)
        self.assertIn(self.by_ben, answers.search([("is_gone", "=", False)]))
        answer = self.by_ada.with_user(self.csm)
        self.assertTrue(answer.is_gone)
        self.assertEqual((answer.signal, answer.answer), ("blocker", "They said so"))
        self.assertFalse(answer.is_current)

    # -- cheats ---------------------------------------------------------------------------------

    def test_a_question_that_only_a_leaver_answered_is_due_again(self):
        self.by_ben.sudo().unlink()
        self.assertEqual(self._covered(), 1)
        self.ada.active = False
        self.assertEqual(self._covered(), 0)
        self.assertIsNone(self._line())
        form = Form(
            self.env["customer.success.interaction"]
            .with_user(self.csm)
            .with_context(default_partner_id=self.customer.id)
        )
        [line] = [
            line for line in form.line_ids._records if line["question_id"] == self.question.id
        ]
        self.assertEqual((line["why"], line["last_answer_id"]), ("gone", self.by_ada.id))
        gaps = self.env["customer.success.missed"].with_user(self.manager)
        found = [("partner_id", "=", self.customer.id), ("question_id", "=", self.question.id)]
        self.assertEqual(gaps.search(found).mapped("kind"), ["gone"])

    def test_a_blocker_of_a_leaver_asks_for_no_action(self):
        gaps = self.env["customer.success.missed"].with_user(self.manager)
        found = [("answer_id", "=", self.by_ada.id), ("kind", "=", "no_action")]
        self.assertTrue(gaps.search(found))
        self.ada.active = False
        self.assertFalse(gaps.search(found))
        self.assertFalse(self.customer.with_user(self.csm).success_answer_ids & self.by_ada)

    def test_the_coverage_that_a_gate_asks_for_needs_answers_of_people_who_are_there(self):
        target = self.stages["sustained_use"]
        target.gate_coverage = 100
        for question in self.customer._success_due_questions() - self.question:
            self._answer(self.customer, question)
        customer = self.customer.with_user(self.csm)
        self.assertNotIn("coverage", customer._success_closed_gates(target))
        (self.ada | self.ben).active = False
        self.assertIn("coverage", customer._success_closed_gates(target))

    def test_an_older_answer_of_a_leaver_does_not_come_back(self):
        old = self._answer(
            self.customer, self.question, "strength", contact_id=self.ada.id, date=days(20)
        )
        self.ada.active = False
        self.assertFalse(old.is_current or self.by_ada.is_current)
        late = self._answer(self.customer, self.question, contact_id=self.ada.id, date=days(1))
        self.assertFalse(late.is_current)

    def test_a_contact_who_moves_with_a_department_has_left(self):
        unit = self._contact(self.customer, "Unit")
        self.ada.parent_id = unit
        unit.parent_id = self.other
        self.assertTrue(self.by_ada.is_gone)
        self.assertFalse(self.by_ada.is_current)
        self.assertEqual(self._line()["evidence"]["willing"], 100)

    # -- a new score, and back ------------------------------------------------------------------

    def test_leaving_asks_for_a_new_score_and_coming_back_restores(self):
        requests = self.env["customer.success.score.request"]
        for left, back in (
            ({"active": False}, {"active": True}),
            ({"parent_id": self.other.id}, {"parent_id": self.customer.id}),
        ):
            for vals, willing in ((left, 100), (back, 50)):
                with self.subTest(vals):
                    requests.search([]).unlink()
                    self.ada.with_user(self.sales).write(vals)
                    self.assertIn(self.customer, self._requested())
                    self.assertEqual(self._line()["evidence"]["willing"], willing)

    def test_a_check_that_a_leaver_filled_in_takes_the_next_answer(self):
        question = self.env.ref("customer_success.customer_success_question_rewards_leaders")
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id})
        )
        plan.action_activate()
        self._answer(self.customer, question, "blocker", contact_id=self.ben.id, date=days(9))
        self._answer(self.customer, question, "strength", contact_id=self.ada.id)
        self.assertEqual(plan.leaders_reward_use, "yes")
        self.ada.active = False
        self.assertEqual(plan.leaders_reward_use, "no")
        self.ben.active = False
        self.assertFalse(plan.leaders_reward_use)
        self.ada.active = True
        self.assertEqual(plan.leaders_reward_use, "yes")

    def test_the_upgrade_makes_answers_of_people_who_left_history(self):
        self.ada.active = False
        self.by_ada.sudo().is_current = True
        self.env.flush_all()
        path = file_path("customer_success/migrations/19.0.2.0.0/post-answers.py")
        load_script(path, "post_answers").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertFalse(self.by_ada.is_current)
        self.assertTrue(self.by_ben.is_current)

    # -- leaving is visible, silence is no answer -------------------------------------------------

    def test_archiving_who_said_a_blocker_asks_and_is_told(self):
        ada = self.ada.with_user(self.csm)
        with self.assertRaisesRegex(RedirectWarning, "concerns or blockers"):
            ada.action_archive()
        ada.with_context(success_pending_confirmed=True).action_archive()
        self.assertFalse(ada.active)
        self.assertIn("no longer count: 1", str(self.customer.message_ids.mapped("body")))

    def test_archiving_without_the_question_is_told_as_well(self):
        for vals in ({"active": False}, {"parent_id": self.other.id}):
            with self.subTest(vals=vals):
                ada = self._contact(self.customer, "Ada II")
                self._answer(self.customer, self.question, "concern", contact_id=ada.id)
                ada.with_user(self.csm).write(vals)
                body = str(self.customer.message_ids[0].body)
                self.assertIn("Ada II", body)
                self.assertIn("no longer count: 1", body)

    def test_innocents_leave_without_a_question(self):
        before = self.customer.message_ids
        self.ben.with_user(self.csm).action_archive()
        self._contact(self.customer, "Cy").with_user(self.csm).action_archive()
        self.ada.with_user(self.csm).write({"name": "Ada Lovelace", "parent_id": self.customer.id})
        self.assertEqual(self.customer.message_ids, before)

    def _aged(self, answers, day):
        self.env.flush_all()
        self.cr.execute(
            "UPDATE customer_success_answer SET date = %s WHERE id = ANY(%s)", [day, answers.ids]
        )
        self.env.invalidate_all()

    def test_a_blocker_that_grows_stale_reads_no_better(self):
        fresh = self._line()["value"]
        for answers in (self.by_ada, self.by_ada | self.by_ben):
            self._aged(answers, days(800))
            line = self._line()
            self.assertLessEqual(line["value"], fresh)
            self.assertEqual(line["evidence"]["worrying"], 1)
            self.assertLessEqual(line["evidence"]["willing"], 50)
        self.assertEqual(self._willing()[None][0], 1)

    def test_others_that_worried_count_until_asked_again(self):
        for signal, rating in (
            ("concern", False),
            ("neutral", "1"),
            ("concern", "2"),
            (False, "2"),
            ("blocker", False),
        ):
            with self.subTest(signal=signal, rating=rating):
                customer = self._customer("Stale")
                ada = self._contact(customer)
                answer = self._answer(
                    customer, self.question, signal, rating=rating, contact_id=ada.id
                )
                self._answer(customer, self.question, "strength")
                fresh = self._line(customer)["value"]
                self._aged(answer, days(800))
                self.assertLessEqual(self._line(customer)["value"], fresh)
                self._answer(customer, self.question, "strength", contact_id=ada.id)
                self.assertGreater(self._line(customer)["value"], fresh, "asked again")

    def test_innocent_a_stale_strength_is_unknown(self):
        self.by_ada.sudo().unlink()
        self._aged(self.by_ben, days(800))
        evidence = self._line()["evidence"]
        self.assertEqual((evidence.get("willing"), evidence["worrying"]), (None, 0))

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAdvice(SuccessCase):
    """Advice is proposed for worrying answers; its decision and its effect are recorded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.question = cls.env["customer.success.question"].create({"name": "Will it last?"})
        plan = cls.env["mail.activity.plan"].create(
            {"name": "Two steps", "res_model": "res.partner"}
        )
        for summary, delay in (("First", 1), ("Second", 7)):
            cls.env["mail.activity.plan.template"].create(
                {
                    "plan_id": plan.id,
                    "summary": summary,
                    "delay_count": delay,
                    "delay_from": "after_plan_date",
                    "responsible_type": "on_demand",
                }
            )
        cls.recommendations = cls.env["customer.success.recommendation"].create(
            [
                {"question_id": cls.question.id, **vals}
                for vals in (
                    {"name": "Talk", "kind": "activity", "activity_plan_id": plan.id},
                    {"name": "Remove it", "kind": "barrier", "barrier_area": "leadership"},
                    {"name": "Write it down", "kind": "plan", "plan_field": "sustaining_plan"},
                    {"name": "At once", "kind": "activity", "signal": "blocker"},
                )
            ]
        )

    def _worry(self, signal="concern", **vals):
        return self._answer(self.customer, self.question, signal, **vals)

    def _of(self, answer, recommendation):
        return answer.advice_ids.filtered(
            lambda advice: advice.recommendation_id == recommendation
        ).with_user(self.csm)

    def test_a_worrying_answer_proposes_its_recommendations(self):
        self.assertEqual(self._worry().advice_ids.recommendation_id, self.recommendations[:3])
        blocker = self._worry("blocker", date=days(1))
        self.assertEqual(blocker.advice_ids.recommendation_id, self.recommendations)
        self.assertFalse(self._worry("strength", date=days(0)).advice_ids)

    def test_accepted_activities_start_for_the_csm(self):
        advice = self._of(self._worry(), self.recommendations[0])
        advice.action_accept()
        self.assertEqual((advice.state, advice.user_id), ("accepted", self.csm))
        steps = self.customer.activity_ids.sorted("date_deadline")
        self.assertEqual(steps.mapped("summary"), ["First", "Second"])
        self.assertEqual(steps.mapped("date_deadline"), [days(-1), days(-7)])
        self.assertEqual(steps.user_id, self.csm)
        with self.assertRaisesRegex(UserError, "already been decided"):
            advice.action_accept()

    def test_a_recommendation_without_a_plan_is_one_activity(self):
        advice = self._of(self._worry("blocker"), self.recommendations[3])
        advice.action_accept()
        self.assertEqual(self.customer.activity_ids.summary, "At once")

    def test_a_barrier_comes_with_its_area_and_origin(self):
        answer = self._worry("blocker", answer="The director forbids it")
        advice = self._of(answer, self.recommendations[1])
        action = advice.action_accept()
        self.assertEqual(advice.state, "proposed", "only once the barrier is there")
        barriers = self.env["customer.success.barrier"].with_user(self.csm)
        barrier = Form(barriers.with_context(**action["context"])).save()
        self.assertEqual((barrier.area, barrier.severity), ("leadership", "2"))
        self.assertEqual((barrier.answer_id, barrier.evidence), (answer, "The director forbids it"))
        self.assertEqual((advice.state, advice.barrier_ids), ("accepted", barrier))

    def test_a_change_to_the_plan_is_asked_of_its_owner(self):
        plan = self.env["customer.success.plan"].create({"partner_id": self.customer.id})
        plan.action_activate()
        advice = self._of(self._worry(), self.recommendations[2])
        action = advice.action_accept()
        self.assertEqual(action["res_id"], plan.id)
        self.assertIn("Write it down", plan.activity_ids.mapped("summary"))

    def test_declining_needs_a_reason(self):
        advice = self._of(self._worry(), self.recommendations[0])
        action = advice.action_decline()
        wizards = self.env["customer.success.decline"].with_user(self.csm)
        with self.assertRaises(AssertionError):
            Form(wizards.with_context(**action["context"])).save()
        with Form(wizards.with_context(**action["context"])) as form:
            form.reason = "They know"
        form.record.action_decline()
        self.assertEqual((advice.state, advice.reason), ("declined", "They know"))

    def test_what_the_next_answer_says_is_noted(self):
        first = self._worry("blocker", date=days(30))
        accepted = self._of(first, self.recommendations[0])
        accepted.action_accept()
        second = self._worry("concern", date=days(20))
        self.assertEqual((accepted.effect, accepted.next_answer_id), ("better", second))
        lapsed = self._of(first, self.recommendations[1])
        self.assertEqual(lapsed.state, "lapsed")
        third = self._worry("blocker", date=days(10))
        self.assertEqual(self._of(second, self.recommendations[0]).effect, "worse")
        self.assertEqual(accepted.next_answer_id, second, "the next one, not the last")
        self._worry("blocker", date=days(1))
        self.assertEqual(self._of(third, self.recommendations[0]).effect, "same")

    def test_a_next_answer_that_is_mended_is_looked_at_again(self):
        first = self._worry("concern", date=days(9))
        advice = self._of(first, self.recommendations[0])
        following = self._worry("concern", date=days(0)).with_user(self.csm)
        self.assertEqual(advice.effect, "same")
        following._correct({"signal": "strength"}, "Misheard")
        self.assertEqual(advice.effect, "better")

    def test_an_answer_that_arrives_late_is_no_next_one(self):
        advice = self._of(self._worry(date=days(10)), self.recommendations[0])
        self._worry("strength", date=days(20))
        self.assertFalse(advice.next_answer_id)
        self.assertEqual(advice.state, "proposed")

    def test_only_who_follows_the_customer_decides(self):
        self.customer.success_user_id = self.lead_csm
        advice = self._of(self._worry(), self.recommendations[0])
        for user in (self.csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                advice.with_user(user).action_accept()
            with self.assertRaises(AccessError):
                advice.with_user(user).write({"state": "accepted"})
        advice.with_user(self.lead_csm).action_accept()

    # -- service gaps ---------------------------------------------------------------------------

    def _gaps(self, user=None, **found):
        gaps = self.env["customer.success.missed"].with_user(user or self.manager)
        return gaps.search(
            [("partner_id", "=", self.customer.id), ("question_id", "=", self.question.id)]
        )

    def test_what_was_missed(self):
        self.assertEqual(self._gaps().kind, "never_asked")
        answer = self._worry(date=days(3))
        self.assertEqual(self._gaps().kind, "no_action")
        self._of(answer, self.recommendations[0])._decide("declined", "No")
        self.assertEqual(set(self._gaps().mapped("kind")), {"no_action", "declined"})
        self._of(answer, self.recommendations[2]).action_accept()
        self.assertEqual(self._gaps().kind, "declined")
        with freeze_time("2028-01-01"):
            self.assertEqual(set(self._gaps().mapped("kind")), {"declined", "stale"})

    def test_s63_an_answer_leads_to_an_action_that_is_followed_to_its_end(self):
        """From the answer to advice, its steps, and what the next answer says; declining is followed as well."""
        answer = self._worry()
        advice = self._of(answer, self.recommendations[0])
        self.assertEqual(advice.state, "proposed")
        advice.action_accept()
        self.assertEqual(self.customer.activity_ids.user_id, self.csm)
        for step in self.customer.activity_ids:
            step.with_user(self.csm).action_feedback(feedback="Done")
        self._worry("strength", date=days(0))
        self.assertEqual((advice.state, advice.effect), ("accepted", "better"))
        self.assertFalse(self._gaps().filtered(lambda gap: gap.kind == "no_action"))

    def test_s64_an_answer_grows_stale_and_is_due_again(self):
        self.question.refresh_months = 6
        self._worry("strength", date=days(170))
        seen = self.customer.with_user(self.csm)
        self.assertNotIn(self.question, self._stale_questions(seen))
        with freeze_time(days(-30)):
            self.env.invalidate_all()
            self.assertIn(self.question, self._stale_questions(seen))
            self._rescore(self.customer)
            self.assertEqual(seen.success_stale_answers, 1)
            self.assertIn("stale", self._gaps().mapped("kind"))
            self._worry("strength", date=days(-30))
            self.assertNotIn(self.question, self._stale_questions(seen))

    def _stale_questions(self, customer):
        stale = customer.success_answer_ids.filtered(lambda one: one.is_current and one.is_stale)
        return stale.question_id

    def test_s65_managers_list_what_was_missed_at_every_customer_by_csm(self):
        others = self._customer("Others", success_user_id=self.lead_csm.id)
        answer = self._worry(date=days(3))
        gaps = self.env["customer.success.missed"]
        domain = [("question_id", "=", self.question.id)]
        rows = gaps.with_user(self.manager)._read_group(
            [*domain, ("partner_id", "in", (self.customer | others).ids)],
            ["user_id", "kind"],
            ["__count"],
        )
        self.assertEqual(
            {(user, kind): count for user, kind, count in rows},
            {(self.csm, "no_action"): 1, (self.lead_csm, "never_asked"): 1},
        )
        self.assertNotIn(others, gaps.with_user(self.csm).search(domain).partner_id)
        menu = self.env.ref("customer_success.customer_success_menu_missed")
        self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(self.manager)._visible_menu_ids())
        self._of(answer, self.recommendations[2]).action_accept()
        self.assertFalse(
            gaps.with_user(self.manager).search([*domain, ("partner_id", "=", self.customer.id)]),
            "what was acted on is no longer missed",
        )

    def test_missed_by_csm_and_stage(self):
        groups = self.env["customer.success.missed"]._read_group(
            [("partner_id", "=", self.customer.id)], ["user_id", "stage_id", "kind"], ["__count"]
        )
        due = len(self.customer._success_due_questions())
        self.assertEqual(groups, [(self.csm, self.stages["effective_use"], "never_asked", due)])
        action = self._gaps().action_open_customer()
        self.assertEqual(action["res_id"], self.customer.id)

    # -- readiness ------------------------------------------------------------------------------

    def test_readiness_of_the_customer_and_of_each_of_its_people(self):
        """Ada is rated 5, Bob 2 and then 4: the customer is at 4.5, after 3.5 90 days ago."""
        self.question.dimension = "able"
        self.question.refresh_months = 12
        ada, bob = self._contact(self.customer, "Ada"), self._contact(self.customer, "Bob")
        self._worry(rating="5", contact_id=ada.id, date=days(120))
        self._worry(rating="2", contact_id=bob.id, date=days(110))
        last = self._worry(rating="4", contact_id=bob.id, date=days(10))
        everybody, first, second = self.customer.with_user(self.csm)._success_readiness()
        able = everybody["dimensions"]["able"]
        self.assertEqual((able["value"], able["before"]), (4.5, 3.5))
        self.assertEqual(everybody["dimensions"]["ready"]["value"], None)
        self.assertEqual((first["contact"], second["contact"]), (ada, bob))
        self.assertEqual(second["dimensions"]["able"]["value"], 4)
        self.assertEqual(second["dimensions"]["able"]["answers"], last)
        self._rescore(self.customer)
        self.assertEqual(self.customer.success_able, 4.5, "as the score has it")
        html = str(self.customer.with_user(self.csm).success_readiness)
        self.assertIn("from 3.5", html)

    def test_readiness_on_the_form_is_that_of_the_score(self):
        """The score reads answers in SQL and the form in Python: both must give the same result."""
        signals = ("strength", "neutral", "concern", "blocker")
        for number, question in enumerate(self.questions[:12]):
            question.dimension = ("ready", "willing", "able")[number % 3]
            self._answer(
                self.customer,
                question,
                signals[number % 4],
                rating=str(number % 5 + 1) if number % 2 else False,
                date=days(number * 60),
            )
        self._rescore(self.customer)
        shown = self.customer._success_readiness()[0]["dimensions"]
        for code in ("ready", "willing", "able"):
            self.assertEqual(shown[code]["value"] or False, self.customer[f"success_{code}"])

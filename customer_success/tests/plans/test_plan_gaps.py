from odoo.tests import Form, freeze_time, tagged
from odoo.tools import html2plaintext

from ...models.plans.customer_success_plan_content import ANSWERED, LEADERS, MEASURES
from ..common import TODAY, SuccessCase, days


class PlanCase(SuccessCase):
    """A live customer, and plans that its CSM writes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(200))

    def _plan(self, customer=None, active=True, **vals):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": (customer or self.customer).id, **vals})
        )
        if active:
            plan.action_activate()
        return plan

    def _attention(self, customer=None):
        customer = (customer or self.customer).with_user(self.csm)
        customer.invalidate_recordset()
        return str(customer.success_attention)

    def _summary(self, customer=None):
        customer = (customer or self.customer).with_user(self.csm)
        customer.invalidate_recordset()
        return " ".join(html2plaintext(customer.success_plan_summary).replace("*", "").split())

    def _value(self, code="plan", customer=None):
        score = self._rescore((customer or self.customer).sudo())
        lines = {line["code"]: line for line in score.breakdown["factors"]}
        return lines.get(code, {}).get("value")

    def _texts(self):
        plan = self.env["customer.success.plan"]
        return [name for name in ANSWERED if plan._fields[name].type == "text"]


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestPlanGaps(PlanCase):
    """A plan says what it does not answer, and texts that say nothing do not count."""

    def test_s67_the_plan_names_the_questions_without_an_answer(self):
        plan = self._plan(success_definition="Orders are entered on the day", tools="2")
        missing = plan.missing_questions.split(" · ")
        self.assertEqual(len(missing), len(ANSWERED) - 2)
        self.assertIn("Upgrades", missing)
        self.assertNotIn("Definition of Success", missing)
        self.assertAlmostEqual(plan.completeness, 100 * 2 / len(ANSWERED), places=1)
        summary = self._summary()
        self.assertIn(f"Not answered ({len(missing)}):", summary)
        self.assertIn("Worst answers: Tools: little", summary)

    def test_s25_the_intended_use_is_asked_and_counts(self):
        plan = self._plan()
        self.assertIn("Intended Use", plan.missing_questions)
        before = self._value()
        plan.intended_use = "Dispatchers plan each tour the evening before"
        self.assertNotIn("Intended Use", plan.missing_questions)
        self.assertGreater(self._value(), before)

    def test_s66_a_plan_has_an_owner_and_no_plan_is_a_risk(self):
        self.assertIn("no active success plan, which is a risk", self._attention())
        self.assertEqual(self._value(), 0)
        plan = self._plan(user_id=False)
        self.assertEqual(plan.user_id, self.csm, "activating it gives it an owner")
        self.assertNotIn("no active success plan", self._attention())
        self.assertNotIn("Nobody owns", self._attention())
        plan.user_id = False
        self.assertIn("Nobody owns the success plan", self._attention())

    def test_s71_people_always_have_a_choice(self):
        plan = self._plan(relies_on_mandate="yes")
        self.assertIn("does not say what you would do if people could choose", self._attention())
        before = self._value()
        plan.choice_assumption = "They would use it if it saved the evening call"
        self.assertNotIn("if people could choose", self._attention())
        self.assertGreater(self._value(), before)

    def test_s1_a_mandate_never_lifts_a_score_and_is_flagged(self):
        plan = self._plan(success_definition="Orders are entered on the day")
        empty = self._value()
        plan.relies_on_mandate = "yes"
        self.assertLessEqual(self._value(), empty)
        self.assertIn("relies on a mandate", self._attention())
        self.assertIn("Relies on a mandate", self._summary())
        plan.relies_on_mandate = "no"
        self.assertGreater(self._value(), empty)

    def test_s18_leaders_commit_time_and_people(self):
        plan = self._plan(leaders_commit_resources="no")
        worst = self._value()
        self.assertIn("Leaders do not commit time and people", self._summary())
        plan.leaders_commit_resources = "yes"
        self.assertGreater(self._value(), worst)
        self.assertIn("Leaders commit time and people, but not how much", self._summary())
        plan.committed_resources = "Two key users, a day a week each"
        self.assertNotIn("Leaders commit", self._summary())

    def test_s19_leaders_who_do_not_know_how_to_find_barriers_are_named(self):
        self._check("leaders_seek_barriers", "Leaders do not know how to find barriers")

    def test_s20_leaders_who_did_not_ask_users_are_named(self):
        self._check("leaders_ask_users", "Users were not asked about barriers")

    def test_s21_leaders_who_reward_only_going_live_are_named(self):
        self._check("leaders_reward_use", "Leaders reward only going live")

    def _check(self, name, words):
        plan = self._plan(**{name: "no"})
        worst = self._value()
        self.assertIn(words, self._summary())
        plan[name] = "yes"
        self.assertNotIn(words, self._summary())
        self.assertGreater(self._value(), worst)
        plan[name] = False
        self.assertEqual(self._value(), worst, "not said counts like the worst answer")

    def test_s68_a_plan_that_names_only_personal_benefits_is_told_so_by_area(self):
        plan = self._plan(personal_benefits="Each dispatcher saves an hour a day")
        self.assertEqual(
            plan.lacks_measures,
            "Processes and policies, Roles and responsibilities, Daily routines and habits, Expectations and evaluation",
        )
        self.assertIn("names only what each person gains", self._attention())
        self.assertIn("Names only what each person gains", self._summary())
        before = self._value()
        plan.measure_role = "One dispatcher is freed for two hours a day"
        self.assertNotIn("Roles", plan.lacks_measures)
        self.assertIn(
            "no measure for: Processes and policies, Daily routines and habits, Expectations",
            self._attention(),
        )
        self.assertGreater(self._value(), before)

    def test_s68_what_a_person_gains_is_no_measure(self):
        gain = "Each dispatcher saves an hour a day"
        plan = self._plan(personal_benefits=gain)
        before = self._value()
        plan.write(dict.fromkeys(MEASURES, gain))
        self.assertEqual(self._value(), before)
        self.assertEqual(len(plan.lacks_measures.split(",")), len(MEASURES))

    def test_s72_a_plan_that_ends_at_go_live_is_told_so(self):
        plan = self._plan(success_definition="Orders are entered on the day")
        self.assertIn("Nothing is planned after go-live", self._attention())
        before = self._value("progress")
        self.env["customer.success.change"].with_user(self.csm).create(
            {"partner_id": self.customer.id, "name": "New people", "date": days(-90)}
        )
        self.assertFalse(plan.nothing_after_go_live)
        self.assertNotIn("Nothing is planned", self._attention())
        self.assertGreater(self._value("progress"), before)

    def test_s43_success_is_defined_before_go_live_is_passed(self):
        customer = self._customer("Newcomer", stage="prepare")
        stage = self.stages["go_live"]
        stage.gate_success_definition = True
        plan = self._plan(customer, success_definition=".")
        obstacle = customer.with_user(self.csm)._success_move_obstacle(stage)
        self.assertIn("does not say what success is in the customer's words", obstacle)
        plan.success_definition = "Orders are entered on the day"
        self.assertFalse(customer.with_user(self.csm)._success_move_obstacle(stage))

    # Innocents

    def test_a_two_line_plan_of_a_small_customer_is_not_accused(self):
        plan = self._plan(
            success_definition="Nobody asks for the paper list any more",
            sustaining_plan="Anna looks at it each quarter",
            relies_on_mandate="no",
        )
        self.assertFalse(plan.worst_answers)
        self.assertFalse(plan.lacks_measures)
        self.assertNotIn("plan", self._attention().lower())

    def test_a_plan_inherited_from_another_csm_is_not_accused(self):
        plan = self._plan(
            success_definition="Orders are entered on the day",
            sustaining_plan="Anna looks at it each quarter",
            relies_on_mandate="no",
        )
        before = self._value()
        self.customer.success_user_id = self.lead_csm
        customer = self.customer.with_user(self.lead_csm)
        self.assertNotIn("plan", str(customer.success_attention).lower())
        self.assertEqual(customer.success_plan_id, plan.with_user(self.lead_csm))
        self.assertEqual(self._value(), before)

    def test_a_plan_is_begun_in_the_list_without_a_customer_yet(self):
        template = self.env["customer.success.plan.template"].create(
            {"name": "Full", "sustaining_plan": "Anna looks at it each quarter"}
        )
        with Form(self.env["customer.success.plan"].with_user(self.csm)) as form:
            form.template_id = template
            self.assertTrue(form.missing_questions)
            form.partner_id = self.customer
        self.assertEqual(form.record.sustaining_plan, "Anna looks at it each quarter")

    def test_texts_in_other_scripts_and_short_honest_ones_count(self):
        for text in (
            "毎月部長が確認する",
            "Each year",
            "Кожного кварталу разом",
            "कोई कागज़ सूची नहीं",
        ):
            with self.subTest(text):
                plan = self._plan(active=False, success_definition=text)
                self.assertNotIn("success_definition", plan.unanswered)

    # Ways to lift it without doing good

    def test_a_dot_or_a_word_in_each_field_lifts_nothing(self):
        plan = self._plan()
        before, progress = self._value(), self._value("progress")
        for text in (".", "Yes", "n/a", "tbd tbd tbd", "- - - -"):
            with self.subTest(text):
                plan.write(dict.fromkeys(self._texts(), text))
                self.assertEqual(self._value(), before)
                self.assertEqual(self._value("progress"), progress)
                self.assertEqual(plan.completeness, 0)
        self.assertIn("too short to say anything", plan.missing_questions)

    def test_nobody_writes_how_complete_a_plan_is(self):
        other = self._customer("Other")
        plan = self._plan(completeness=100, unanswered="")
        plan.write({"completeness": 100, "unanswered": "", "sustaining_asked_since": False})
        self.assertEqual(plan.completeness, 0)
        plans = self.env["customer.success.plan"].with_user(self.csm)
        plan = plans.with_context(default_completeness=100, default_unanswered="").create(
            {"partner_id": other.id}
        )
        self.assertEqual((plan.completeness, len(plan.unanswered.split())), (0, len(ANSWERED)))

    def test_one_text_in_each_field_counts_once(self):
        plan = self._plan()
        plan.write(dict.fromkeys(self._texts(), "We will look at it together"))
        self.assertAlmostEqual(plan.completeness, 100 / len(ANSWERED), places=1)
        self.assertIn("the same text as another answer", plan.missing_questions)

    def test_answering_and_emptying_again_lifts_nothing(self):
        plan = self._plan()
        before = self._value()
        plan.write(dict.fromkeys(LEADERS, "yes"))
        plan.write(dict.fromkeys(LEADERS, False))
        self.assertEqual(self._value(), before)
        self.assertFalse(plan.source_ids)

    def test_stopping_and_following_again_lifts_nothing(self):
        self._plan(success_definition="Orders are entered on the day")
        before = self._rescore(self.customer).health
        customer = self.customer.with_user(self.csm)
        stage = customer.success_stage_id
        customer.action_success_stop()
        customer.success_stage_id = stage
        self.assertLessEqual(self._rescore(self.customer).health, before)

from itertools import product

from odoo.tests import freeze_time, tagged

from ...models.customer.res_partner_environment import COMPLEXITY, ROUTINE_FIT
from ...models.plans.customer_success_plan_content import (
    ANSWERED,
    CAPABILITY,
    CHECKS,
    LEADERS,
    RATINGS,
)
from ...scoring.factors.plan import QUESTIONS
from ..common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestHonesty(SuccessCase):
    """No answer in a plan lowers a score, and no plan is no way to a good one."""

    def _activate(self, plans):
        """Make plans of different customers active without the activities of their reviews."""
        plans.flush_recordset()
        self.env.cr.execute(
            "UPDATE customer_success_plan SET state = 'active' WHERE id = ANY(%s)", [plans.ids]
        )
        plans.invalidate_recordset()

    def _plan(self, customer, **vals):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": customer.id, **vals})
        )
        plan.action_activate()
        return plan

    def _health(self, customer):
        self._rescore(customer)
        return customer.with_user(self.csm).success_health

    def _scores(self, answers, stage="effective_use"):
        """Return the health and churn risk of one customer for each dict of answers in its plan."""
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"C{number}",
                    "is_company": True,
                    "success_stage_id": self.stages[stage].id,
                    "success_user_id": self.csm.id,
                }
                for number in range(len(answers))
            ]
        )
        self._activate(
            self.env["customer.success.plan"].create(
                [
                    {"partner_id": customer.id, **vals}
                    for customer, vals in zip(customers, answers, strict=True)
                ]
            )
        )
        self.env["customer.success.renewal"].create(
            [
                {
                    "partner_id": customer.id,
                    "annual_value": 100,
                    "date_start": days(265),
                    "date_renewal": days(-100),
                }
                for customer in customers
            ]
        )
        self._rescore(customers)
        return [(c.success_health, c.success_renewal_risk) for c in customers]

    def test_the_factor_knows_how_many_questions_a_plan_has(self):
        self.assertEqual(QUESTIONS, len(ANSWERED))

    def test_no_answer_to_a_check_lowers_a_score(self):
        """Try all 243 combinations of the five checks: each answer is compared with none."""
        checks = ("relies_on_mandate", *LEADERS)
        choices = list(product((False, "no", "yes"), repeat=len(checks)))
        vals = [
            {"intended_use": "Many sites", **dict(zip(checks, c, strict=True))} for c in choices
        ]
        found = dict(zip(choices, self._scores(vals), strict=True))
        for choice, (health, risk) in found.items():
            for place in (n for n, answer in enumerate(choice) if not answer):
                for answer, _label in CHECKS:
                    answered = (*choice[:place], answer, *choice[place + 1 :])
                    self.assertGreaterEqual(found[answered][0], health, (choice, answered))
                    self.assertLessEqual(found[answered][1], risk, (choice, answered))

    def test_no_answer_to_another_question_lowers_a_score(self):
        plan = self.env["customer.success.plan"]
        answers = [{}]
        for name in ANSWERED:
            kind = plan._fields[name].type
            choices = {
                "internal_programme": ["none", "planned"],
                "complexity_level": [code for code, _label in COMPLEXITY],
                "routine_fit": [code for code, _label in ROUTINE_FIT],
                **{name: [code for code, _label in RATINGS] for name in CAPABILITY},
            }.get(name, ["no", "yes"])
            answers += [
                {name: "Nothing at all" if kind == "text" else answer} for answer in choices
            ]
        (nothing, risk), *others = self._scores(answers)
        for answer, (health, its_risk) in zip(answers[1:], others, strict=True):
            self.assertGreaterEqual(health, nothing, answer)
            self.assertLessEqual(its_risk, risk, answer)

    def test_no_plan_after_go_live_costs_and_a_first_honest_one_does_not(self):
        customer = self._customer(stage="effective_use", success_go_live_date=days(800))
        self._usage(customer, active=90)
        before = self._health(customer)
        said = str(customer.with_user(self.csm).success_explanation)
        self.assertIn("There is no active success plan", said)
        self.assertIn("Start a success plan and complete it", said)
        plan = self._plan(customer, **dict.fromkeys(LEADERS, "no"), relies_on_mandate="yes")
        first = self._health(customer)
        self.assertGreaterEqual(first, before)
        self.assertNotIn("There is no active success plan,", str(customer.success_explanation))
        plan.sustaining_plan = "Each year"
        self.assertGreater(self._health(customer), first)

    # Innocents

    def test_before_go_live_no_plan_is_unknown(self):
        customer = self._customer(stage="prepare")
        self.assertIn("plan", self._rescore(customer).breakdown["unknown"])

    def test_a_plan_that_says_everything_has_all_points(self):
        answers = {name: f"Something about {name}" for name in ANSWERED if name not in LEADERS}
        answers |= dict.fromkeys(LEADERS, "yes") | dict.fromkeys(
            ("expertise", "tools", "capacity"), "4"
        )
        answers |= {"relies_on_mandate": "no", "internal_programme": "running"}
        answers |= {"complexity_level": "one", "routine_fit": "fits"}
        customer = self._customer()
        self._plan(customer, **answers)
        [line] = [
            line for line in self._rescore(customer).breakdown["factors"] if line["code"] == "plan"
        ]
        self.assertEqual(line["value"], 100)

    def test_a_check_without_an_answer_is_said(self):
        customer = self._customer()
        self._plan(customer, relies_on_mandate="no", leaders_ask_users="no")
        self._rescore(customer)
        said = str(customer.with_user(self.csm).success_explanation)
        self.assertIn("3 checks have no answer, which counts like the worst answer", said)
        self.assertIn("The leaders have one blind spot", said)

    # Ways to lift it without doing good

    def test_ticking_no_everywhere_lifts_nothing(self):
        customer = self._customer()
        plan = self._plan(customer)
        before = self._health(customer)
        plan.write(dict.fromkeys(LEADERS, "no") | {"relies_on_mandate": "yes"})
        self.assertEqual(self._health(customer), before)

    def test_emptying_what_was_answered_lifts_nothing(self):
        customer = self._customer()
        plan = self._plan(customer, **dict.fromkeys(LEADERS, "no"), relies_on_mandate="yes")
        before = self._health(customer)
        for name in (*LEADERS, "relies_on_mandate"):
            plan[name] = False
            self.assertLessEqual(self._health(customer), before)

    def test_a_draft_or_a_replaced_plan_is_none(self):
        customer = self._customer()
        self.env["customer.success.plan"].create(
            {"partner_id": customer.id, "success_definition": "Same day"}
        )
        self._rescore(customer)
        self.assertIn("There is no active success plan", customer.success_explanation)

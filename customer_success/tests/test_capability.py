from odoo.exceptions import AccessError
from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools.misc import file_path

from .common import TODAY, SuccessCase, days
from .work.plays_common import PlaysCase

ABLE = {"expertise": "4", "tools": "4", "capacity": "4", "internal_programme": "running"}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCapability(SuccessCase):
    """The customer's expertise, tools, capacity and own programme, and what its leaders reward."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(300))

    def _plan(self, customer=None, **vals):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": (customer or self.customer).id, **vals})
        )
        plan.action_activate()
        return plan

    def _value(self, customer=None):
        """Return the value of the factor plan."""
        lines = self._rescore(customer or self.customer).breakdown["factors"]
        return next(line["value"] for line in lines if line["code"] == "plan")

    def _found(self, *domain, user=None):
        customers = self.env["res.partner"].with_user(user or self.csm)
        return customers.search([("success_user_id", "=", self.csm.id), *domain])

    def _attention(self, customer=None):
        customer = (customer or self.customer).with_user(self.csm)
        customer.invalidate_recordset()
        return str(customer.success_attention)

    def _helpful(self):
        """Return what would help the customer, as its CSM reads it."""
        explanation = self.env["customer.success.explanation"].with_user(self.csm)
        return " ".join(explanation._helpful(self.customer.with_user(self.csm), limit=30))

    # -- S21: what leaders reward ---------------------------------------------------------------

    def test_s21_the_catalogue_asks_what_leaders_reward_their_people_for(self):
        question = self.env.ref("customer_success.customer_success_question_rewards_leaders")
        self.assertIn("reward their people for, beyond", question.name)
        self.assertIn("on time and within the budget", question.name)
        talk = (
            self.env["customer.success.interaction"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "line_ids": [
                        (
                            0,
                            0,
                            {
                                "question_id": question.id,
                                "answer": "They get their bonus for the date",
                                "signal": "blocker",
                            },
                        )
                    ],
                }
            )
        )
        talk.action_log()
        proposed = self.customer.with_user(self.csm).success_advice_ids.mapped("display_name")
        self.assertIn("Ask the leaders to reward one result after go-live", proposed)
        self.assertIn("Have the sponsor say that more than date and budget is rewarded", proposed)

    def test_s21_leaders_who_reward_only_date_and_budget_are_a_blind_spot(self):
        plan = self._plan(**ABLE, leaders_reward_use="yes")
        rewarded = self._value()
        plan.leaders_reward_use = "no"
        self.assertLess(self._value(), rewarded)
        said = str(self.customer.with_user(self.csm).success_explanation)
        self.assertIn("The leaders have one blind spot", said)

    def test_texts_that_nobody_changed_are_replaced_on_upgrade(self):
        question = self.env.ref("customer_success.customer_success_question_rewards_leaders")
        new = question.name
        question.name = "What will the leaders of this project be measured on once it is live?"
        question.purpose = "We wrote this ourselves."
        self.env.flush_all()
        path = file_path("customer_success/migrations/19.0.2.0.0/post-rewards.py")
        load_script(path, "post_rewards").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all(flush=False)
        self.assertEqual(question.name, new)
        self.assertEqual(question.purpose, "We wrote this ourselves.")

    # -- S23: expertise, tools and capacity -----------------------------------------------------

    def test_s23_expertise_tools_and_capacity_weigh_in_the_plan(self):
        self._usage(self.customer)
        plan = self._plan(**ABLE)
        able = self._value()
        plan.write({"expertise": "1", "capacity": "2"})
        self.assertLess(self._value(), able)
        said = str(self.customer.with_user(self.csm).success_explanation)
        self.assertIn("The customer has little or nothing of: expertise, capacity", said)
        self.assertIn("Close the gap in the customer's expertise", self._helpful())
        plan.expertise = "5"
        self.assertNotIn(
            "expertise", str(self.customer.with_user(self.csm)._success_capability_gaps())
        )

    def test_s23_customers_are_found_grouped_and_listed_by_their_capability(self):
        able, unknown = self._customer("Able"), self._customer("Unknown")
        self._plan(**{**ABLE, "capacity": "2"})
        self._plan(able, **ABLE)
        self._plan(unknown)
        gap = [("success_capacity", "in", ["1", "2"])]
        self.assertEqual(self._found(*gap), self.customer)
        self.assertEqual(self._found(("success_capacity", "not in", ["1", "2"])), able | unknown)
        self.assertEqual(self._found(("success_capacity", "=", False)), unknown)
        self.assertEqual(self._found(("success_capacity", "!=", False)), self.customer | able)
        customers = self.env["res.partner"].with_user(self.csm)
        mine = [("success_user_id", "=", self.csm.id)]
        groups = dict(customers._read_group(mine, ["success_capacity"], ["__count"]))
        self.assertEqual(groups, {"2": 1, "4": 1, False: 1})
        self.assertEqual(
            customers.search(mine, order="success_capacity, id"), self.customer | able | unknown
        )
        self.assertEqual(self.customer.with_user(self.csm).success_capacity, "2")
        offered = customers.fields_get(["success_capacity"], ["groupable", "sortable"])
        self.assertTrue(all(offered["success_capacity"].values()), "for lists and pivots")

    def test_s23_a_gap_says_what_closes_it(self):
        plan = self._plan(**{**ABLE, "capacity": "2"})
        self.assertIn("Their capacity is 2 of 5: ask the sponsor who gets", self._attention())
        plan.capacity = "3"
        self.assertNotIn("Their capacity", self._attention())

    # Innocents

    def test_an_honest_rating_never_lowers_the_plan(self):
        plan = self._plan()
        nothing = self._value()
        for name in ("expertise", "tools", "capacity"):
            plan[name] = "1"
        plan.internal_programme = "none"
        self.assertEqual(self._value(), nothing)

    def test_a_customer_of_which_nobody_has_rated_anything_has_no_gap(self):
        self._plan()
        self.assertNotIn("of 5:", self._attention())
        self.assertFalse(self._found(("success_expertise", "in", ["1", "2"])))

    def test_a_plan_that_was_replaced_says_nothing_more(self):
        self._plan(**{**ABLE, "tools": "1"})
        self._plan(**ABLE, revision_reason="They bought a report of use")
        self.assertEqual(self.customer.with_user(self.csm).success_tools, "4")
        self.assertFalse(self._found(("success_tools", "=", "1")))

    # Cheats

    def test_emptying_a_low_rating_lifts_nothing(self):
        plan = self._plan(**{**ABLE, "capacity": "2"})
        before = self._value()
        plan.capacity = False
        self.assertLessEqual(self._value(), before)

    def test_a_draft_rates_nobody(self):
        self.env["customer.success.plan"].with_user(self.csm).create(
            {"partner_id": self.customer.id, **ABLE}
        )
        self.assertFalse(self.customer.with_user(self.csm).success_expertise)

    def test_salespeople_do_not_sort_or_search_by_capability(self):
        customers = self.env["res.partner"].with_user(self.sales)
        for name in ("success_expertise", "success_programme"):
            with self.assertRaises(AccessError):
                customers.search([(name, "=", "1")])
            with self.assertRaises(AccessError):
                customers.search([], order=name)
            with self.assertRaises(AccessError):
                customers._read_group([], [name])

    def test_reading_the_capability_takes_no_query_a_customer(self):
        customers = self.customer.union(*(self._customer(f"C{n}") for n in range(20)))
        for customer in customers:
            self._plan(customer, **ABLE)
        self.env.invalidate_all()
        customers = customers.with_user(self.csm)
        customers.fetch(["name"])
        with self.assertQueryCount(2):
            self.assertEqual(set(customers.mapped("success_tools")), {"4"})

    # -- S31: the customer's own programme ------------------------------------------------------

    def test_s31_no_programme_of_their_own_is_seen_and_weighs(self):
        self._usage(self.customer)
        plan = self._plan(**ABLE)
        running = self._value()
        plan.internal_programme = "planned"
        planned = self._value()
        plan.internal_programme = "none"
        self.assertLess(self._value(), planned)
        self.assertLess(planned, running)
        self.assertIn("They have no success programme of their own: propose", self._attention())
        self.assertEqual(self._found(("success_programme", "=", "none")), self.customer)
        groups = (
            self.env["res.partner"]
            .with_user(self.csm)
            ._read_group([("id", "=", self.customer.id)], ["success_programme"], ["__count"])
        )
        self.assertEqual(groups, [("none", 1)])
        self.assertIn("Have the customer run a success programme of its own", self._helpful())

    # -- S61: ready, willing and able -----------------------------------------------------------

    def test_s61_ready_willing_and_able_follow_the_answers_and_are_found(self):
        questions = self.questions.filtered("dimension").grouped("dimension")
        rated = {"ready": "5", "willing": "3", "able": "1"}
        for dimension, rating in rated.items():
            self._answer(
                self.customer,
                questions[dimension][:1].with_env(self.env),
                rating=rating,
                signal=False,
            )
        before = self._rescore(self.customer).health
        customer = self.customer.with_user(self.csm)
        self.assertEqual(
            [customer.success_ready, customer.success_willing, customer.success_able], [5, 3, 1]
        )
        readiness = str(customer.success_readiness)
        for label in ("Ready", "Willing", "Able"):
            self.assertIn(label, readiness)
        self.assertEqual(self._found(("success_able", "<", 2)), self.customer)
        self._answer(self.customer, questions["able"][:1], rating="5", signal=False, date=days(1))
        self.assertGreater(self._rescore(self.customer).health, before)
        self.assertEqual(customer.success_able, 5)
        self.assertFalse(self._found(("success_able", "<", 2)))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCapabilityPlaybooks(PlaysCase):
    """A gap in the customer's capability starts the steps that close it."""

    def _rated(self, **vals):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": self.customer.id, **vals})
        )
        plan.action_activate()
        self.env.flush_all()
        return plan

    def test_s23_a_gap_starts_the_steps_that_close_it(self):
        play = self._play("capability", capability="capacity")
        other = self._play("capability", capability="tools")
        self._rated(capacity="2", tools="3")
        self._evaluate()
        self.assertEqual(self._reasons(play), ["The plan rates the customer's capacity 2 of 5"])
        self.assertFalse(self._reasons(other), "3 is no gap")
        self._start()
        steps = self.customer.with_user(self.csm).activity_ids
        self.assertEqual(set(steps.mapped("summary")), {"Call", "Meet"})
        self.assertEqual(steps.user_id, self.csm)
        self._evaluate()
        self.assertEqual(len(self._reasons(play)), 1, "once for this plan")

    def test_s31_no_programme_starts_a_proposal(self):
        play = self._play("capability", capability="programme")
        plan = self._rated(internal_programme="planned")
        self._evaluate()
        self.assertFalse(self._reasons(play))
        plan.internal_programme = "none"
        self.env.flush_all()
        self._evaluate()
        self.assertEqual(self._reasons(play), ["The customer has no success programme of its own"])

    def test_the_library_has_steps_for_each_gap(self):
        gaps = self.library.filtered(lambda play: play.trigger == "capability")
        self.assertEqual(
            set(gaps.mapped("capability")), {"expertise", "tools", "capacity", "programme"}
        )
        for play in self._each(gaps):
            self.assertEqual(len(play.activity_plan_id.template_ids), 2, play.name)

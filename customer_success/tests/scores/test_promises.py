from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, tagged

from ...scoring.factor import BOTH, FACTORS, LARGE, MEDIUM, OURS, SMALL, THEIRS
from ..common import TODAY, SuccessCase, days
from .promise_common import Promises

KINDS = {
    lever.kind
    for factor in FACTORS.values()
    if factor.addon == "customer_success"
    for lever in factor.levers
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPromises(Promises, SuccessCase):
    """Each thing that would help says who does it, what it takes and what it earns; once it is done, the scores are just that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(stage="effective_use", success_go_live_date=days(400))
        for month in (10, 40, 70):
            cls._usage(cls.customer, active=45, when=days(month).replace(day=1))
        cls._renewal(cls.customer)

    def _poor(self):
        """Make the customer one for whom everything may help."""
        self._barrier(self.customer, "3")
        self._barrier(
            self.customer,
            "1",
            authority="granted",
            owner_contact_id=self._contact(self.customer).id,
        )
        self._barrier(self.customer, "2", state="potential")
        self.env["customer.success.objective"].create(
            {
                "partner_id": self.customer.id,
                "name": "Less paper",
                "unit": "pages",
                "baseline": 0,
                "target": 10,
                "date_start": days(90),
                "date_due": days(-100),
                "measure_ids": [Command.create({"value": 7, "date": days(5)})],
            }
        )

    def _plan(self, **vals):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "intended_use": "Every order in every site",
                    **vals,
                }
            )
        )
        plan.action_activate()

    def test_each_kind_of_thing_earns_what_it_promises(self):
        self._poor()
        done = self._check_promises(self.customer, self.csm)
        self.assertLessEqual(
            {
                "removed",
                "adopted",
                "assessed",
                "started",
                "ahead",
                "sponsor",
                "champion",
                "confirmed",
            },
            done,
        )
        self._plan(
            expertise="1",
            internal_programme="none",
            relies_on_mandate="no",
            new_hire_plan="Each of them learns it in the first week",
            upgrade_plan="Two people try it out before",
            date=days(90),
            next_review_date=days(3),
        )
        for question in self.questions[:6]:
            self._answer(self.customer, question, False, rating="4", date=days(10))
        for question in self.questions[6:12]:
            self._answer(self.customer, question, False, rating="4", date=days(900))
        done |= self._check_promises(self.customer, self.csm)
        self.assertEqual(done, KINDS)

    def test_the_words_say_who_does_it_and_what_it_takes(self):
        self._poor()
        _facts, _before, effects = self._levers(self.customer)
        for effect in effects:
            self.assertIn(effect.by, (OURS, THEIRS, BOTH))
            self.assertIn(effect.effort, (SMALL, MEDIUM, LARGE))
        by = {effect.subject: effect.by for effect in effects if effect.lever.kind == "removed"}
        barriers = self.customer.success_barrier_ids
        granted = barriers.filtered(lambda barrier: barrier.authority == "granted")
        self.assertEqual(by[granted.id], THEIRS, "its owner has the authority")
        self.assertEqual({by[one.id] for one in barriers - granted}, {BOTH})
        said = (
            self.env["customer.success.explanation"]
            .with_user(self.csm)
            ._helpful(self.customer, limit=30)
        )
        self.assertTrue([line for line in said if "Get the authority to remove" in line
                         and "(large effort, by us and the customer)" in line], said)  # fmt: skip
        self.assertTrue([line for line in said if "Find out if “" in line], said)

    def test_asking_earns_nothing_for_its_own_sake(self):
        """Questions that were never asked earn their coverage; what the answers will be is not known."""
        for question in self.questions[:4]:
            self._answer(self.customer, question, False, rating="1", date=days(10))
        _facts, _before, effects = self._levers(self.customer)
        [asked] = [effect for effect in effects if effect.lever.kind == "asked"]
        self._do_asked_all_good()
        self._rescore(self.customer)
        self.assertLess(
            self.customer.success_renewal_risk, asked.risk, "good answers would earn more"
        )

    def _do_asked_all_good(self):
        for question in self.questions:
            self._answer(self.customer, question, "strength", rating="5")


@tagged("post_install", "-at_install", "customer_success_demo", "-standard")
class TestPromisesOfDemo(Promises, TransactionCase):
    """The promises hold for the customers of the demo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.env["res.users"].search([("login", "=", "manager")])
        cls.customers = cls.env["res.partner"].search([("success_stage_id", "!=", False)])
        cls.env["customer.success.score"]._rescore(cls.customers)

    def test_each_thing_that_would_help_the_demo_customers_earns_what_it_promises(self):
        done = set()
        for customer in self.customers:
            # What those who were never asked would say is not known.
            done |= self._check_promises(customer, self.manager, KINDS - {"asked"})
        self.assertLessEqual(
            {"removed", "adopted", "assessed", "started", "completed", "sponsor"}, done
        )

    def test_a_critical_barrier_comes_first_where_it_weighs_most(self):
        tidewell = self.env.ref("customer_success.demo_partner_tidewell")
        worst = self.customers.filtered("success_health").sorted("success_health")[0]
        self.assertEqual(worst, tidewell)
        barrier = tidewell.success_barrier_ids.filtered(
            lambda one: one.is_open and one.severity == "3"
        )
        [first, *_others] = self._levers(tidewell)[2]
        self.assertEqual((first.lever.kind, first.subject), ("removed", barrier.id))
        self.assertIn("Get the authority", first.lever.words(self.env, first.subject))

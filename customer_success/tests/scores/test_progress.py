from itertools import pairwise

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, SuccessCase, days


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestProgress(SuccessCase):
    """Progress is earned by what the stages are for; neither a date nor entering a stage earns or costs anything."""

    def _say(self, customer):
        """Return the text of the score as the CSM of the customer reads it."""
        self._rescore(customer)
        return str(customer.with_user(self.csm).success_explanation)

    def _health(self, customer):
        self._rescore(customer)
        return customer.with_user(self.csm).success_health

    def _progress(self, customer):
        lines = self._rescore(customer).breakdown["factors"]
        return next((line for line in lines if line["code"] == "progress"), None)

    def _person(self, customer, role, **vals):
        return self.env["customer.success.stakeholder"].create(
            {
                "partner_id": customer.id,
                "contact_id": self._contact(customer, role).id,
                "role": role,
                **vals,
            }
        )

    def _plan(self, customer, **vals):
        plan = (
            self.env["customer.success.plan"]
            .with_user(self.csm)
            .create({"partner_id": customer.id, **vals})
        )
        plan.action_activate()
        return plan

    def _known(self, stage, **vals):
        """Return a customer with people, use, a plan and answers."""
        customer = self._customer(stage=stage, **vals)
        self._person(customer, "sponsor")
        self._usage(customer, active=20)
        self._answer(customer, signal="neutral", rating="4")
        self._plan(customer, success_definition="Orders on the same day")
        return customer

    # ------------------------------------------------------------------------------------------
    # Innocents
    # ------------------------------------------------------------------------------------------

    def test_a_late_go_live_costs_nothing_and_is_said(self):
        customer = self._known("prepare", success_go_live_date=days(-10))
        before = self._health(customer)
        self.assertNotIn("Go-live was planned", self._say(customer))
        customer.with_user(self.csm).success_go_live_date = days(45)
        self.assertEqual(self._health(customer), before)
        self.assertIn(
            "Go-live was planned for 05/01/2026, and being late costs nothing", self._say(customer)
        )

    def test_a_new_customer_in_its_first_stage_is_unknown(self):
        customer = self._customer(stage="discover")
        self.assertIsNone(self._progress(customer))
        customer = self._customer(stage="prepare", success_stage_date=days(0))
        self.assertIsNone(self._progress(customer), "nothing is known of it")
        self._answer(customer)
        self.assertIsNone(
            self._progress(customer), "what go-live needs is not due on the first day"
        )

    def test_who_has_what_the_stage_is_for_has_all_points(self):
        customer = self._customer(stage="first_use", success_go_live_date=days(10))
        for role in ("sponsor", "champion"):
            self._person(customer, role)
        self._usage(customer, active=20)  # the target of the first month is lower than this
        self._plan(
            customer, success_definition="Orders on the same day", sustaining_plan="A yearly review"
        )
        self.assertEqual(self._progress(customer)["value"], 100)
        self.assertIn("use as the target asks for", self._say(customer))

    def test_each_thing_that_is_done_raises_it(self):
        customer = self._customer(stage="effective_use")
        usage = self._usage(customer, active=10)
        values = [self._progress(customer)["value"]]
        self.assertIn("Missing: a definition of success", self._say(customer))
        for done in (
            lambda: self._person(customer, "sponsor"),
            lambda: self._person(customer, "champion"),
            lambda: self._plan(
                customer, success_definition="Same day", sustaining_plan="A yearly review"
            ),
            lambda: usage.write({"active_users": 90}),
        ):
            done()
            values.append(self._progress(customer)["value"])
        self.assertEqual(values[0], 1.8, "an eighth of the use that is due is there")
        self.assertEqual(values[-1], 100)
        self.assertEqual(values, sorted(set(values)))

    # ------------------------------------------------------------------------------------------
    # Ways to lift it without doing good
    # ------------------------------------------------------------------------------------------

    def test_entering_a_stage_raises_nothing(self):
        """Compare the health on the last day of a stage with that on entering the next one, from start to end."""
        self.env["customer.success.stage"].search([]).write(
            {"gate_coverage": 0, "gate_no_critical_barrier": False}
        )
        # Every health is a figure, also one of which little is known
        self.env["ir.config_parameter"].set_param("customer_success.known_enough", "0")
        names = [name for name in self.stages if name != "sustained_use"] + ["sustained_use"]
        for stage, following in pairwise(names):
            for since in (0, 20, 100):
                for active in (None, 20, 80):
                    for planned in (False, True):
                        customer = self._customer(stage=stage, success_stage_date=days(since))
                        self._person(customer, "sponsor")
                        self._answer(customer)
                        if active is not None:
                            self._usage(customer, active=active)
                        if planned:
                            self._plan(
                                customer,
                                success_definition="Same day",
                                sustaining_plan="A yearly review",
                            )
                        self._barrier(customer, "1")
                        before = self._health(customer)
                        customer.success_stage_id = self.stages[following]
                        case = (stage, since, active, planned)
                        self.assertLessEqual(self._health(customer), before, case)

    def test_stopping_and_following_again_does_not_wipe_out_overdue_days(self):
        customer = self._known("first_use", success_stage_date=days(150))
        before = self._health(customer)
        customer.success_stage_id = False
        customer.success_stage_id = self.stages["first_use"]
        self.assertLessEqual(self._health(customer), before)
        self.assertIn("Overdue days of an earlier stage still cost", self._say(customer))
        with freeze_time(days(-70)):
            self.assertNotIn("earlier stage", self._say(customer), "they fade as they grew")

    def test_moving_or_emptying_the_go_live_date_raises_nothing(self):
        for stage in ("prepare", "go_live", "first_use", "effective_use"):
            for live in (days(100), days(45), days(5), days(0)):
                customer = self._known(stage, success_go_live_date=live)
                before = self._health(customer)
                for moved in (days(0), days(20), False, days(1)):
                    customer.with_user(self.csm).success_go_live_date = moved
                    self.assertLessEqual(self._health(customer), before, (stage, live, moved))

    def test_nobody_resets_the_first_go_live_by_hand(self):
        customer = self._known("first_use", success_go_live_date=days(100))
        mine = customer.with_user(self.csm)
        mine.success_go_live_date = days(1)
        self.assertEqual(customer.success_go_live_first, days(100))
        mine.write({"success_go_live_first": False})
        self.assertEqual(customer.success_go_live_first, days(100))
        with self.assertRaises(AccessError):
            customer.with_user(self.sales).success_go_live_date = days(2)

    def test_an_earlier_stage_is_held_against_the_days_of_the_segment(self):
        """A customer whose segment takes twice as long was in time, and pays nothing afterwards."""
        segments = self.env["customer.success.segment"]
        customer = self._known("prepare", success_stage_date=days(100))
        slow = segments.create({"name": "Slow", "expected_days": 200})
        customer.success_segment_id = slow
        self.env.flush_all()
        customer.success_stage_id = self.stages["go_live"]
        self.assertNotIn("earlier stage", self._say(customer))

    def test_people_who_are_gone_count_no_more(self):
        customer = self._customer(stage="first_use")
        sponsor = self._person(customer, "sponsor")
        before = self._progress(customer)["value"]
        self.assertTrue(before)
        sponsor.contact_id.active = False
        self.env["customer.success.score.request"]._add(customer)
        self.assertFalse((self._progress(customer) or {}).get("value"))

    def test_a_plan_with_blanks_or_a_draft_is_none(self):
        customer = self._customer(stage="effective_use")
        self._usage(customer, active=10)
        self.env["customer.success.plan"].create(
            {"partner_id": customer.id, "success_definition": "Same day"}
        )
        self.assertEqual(self._progress(customer)["evidence"]["met"], [])
        self._plan(customer, success_definition="They want …", sustaining_plan=" ")
        self.assertEqual(self._progress(customer)["evidence"]["met"], ["active_plan"])

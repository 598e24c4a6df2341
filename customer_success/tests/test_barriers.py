from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestBarriers(SuccessCase):
    """The life of barriers from suspicion to verified removal, with authority, escalation and reopening."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.owner = cls._contact(cls.customer, "Ada")
        cls.barriers = cls.env["customer.success.barrier"]

    def _found(self, user=None, **vals):
        return self.barriers.with_user(user or self.csm).create(
            {"partner_id": self.customer.id, "name": "Sheets", **vals}
        )

    def _empowered(self, **vals):
        return self._found(
            state="confirmed", owner_contact_id=self.owner.id, authority="granted", **vals
        )

    # -- the states -----------------------------------------------------------------------------

    def test_s17_real_and_perceived_barriers_are_told_apart(self):
        customer = self._customer("Apart")
        real = self._barrier(customer)
        perceived = self._barrier(customer, nature="perceived")
        barriers = self.env["customer.success.barrier"].with_user(self.csm)
        search = barriers.get_view(
            self.env.ref("customer_success.customer_success_barrier_view_search").id, "search"
        )["arch"]
        self.assertIn("{'group_by': 'nature'}", search)
        for nature, barrier in (("real", real), ("perceived", perceived)):
            domain = [("nature", "=", nature)]
            self.assertIn(f'domain="{domain!r}"', search)
            self.assertEqual(barriers.search([*domain, ("partner_id", "=", customer.id)]), barrier)

    def test_s40_the_way_from_potential_to_verified_removal(self):
        self._usage(self.customer, active=40, when="2026-05-01")
        self._rescore(self.customer)
        barrier = self._found(date_opened=days(10))
        self.assertRegex(barrier.number, r"^BAR-\d{4}$")
        self.assertEqual((barrier.state, barrier.certainty), ("potential", "potential"))
        self.assertEqual(barrier.use_at_opening, 40)
        barrier.state = "confirmed"
        self.assertEqual(barrier.certainty, "confirmed")
        barrier.owner_contact_id = self.owner
        barrier.authority = "granted"
        self.assertEqual((barrier.state, barrier.authority_date), ("empowered", TODAY))
        self.assertEqual(barrier.days_to_authority, 10)
        barrier.state = "removing"
        barrier.state = "removed"
        self.assertEqual((barrier.date_removed, barrier.use_at_removal), (TODAY, 40))
        with self.assertRaisesRegex(UserError, "Usage has not changed"):
            barrier.state = "verified"
        self._usage(self.customer, active=60, when="2026-06-01")
        self._rescore(self.customer)
        with freeze_time("2026-07-20"):
            self._rescore(self.customer)
            barrier.invalidate_recordset()
            self.assertEqual((barrier.use_now, barrier.use_moved), (60, True))
            barrier.state = "verified"
        self.assertEqual(barrier.days_to_verification, 45)

    def test_verified_without_moved_use_needs_a_reason(self):
        barrier = self._empowered()
        barrier.state = "removing"
        barrier.state = "removed"
        barrier.write({"state": "verified", "verify_reason": "The rule is gone; use is seasonal"})
        self.assertEqual((barrier.state, barrier.date_verified), ("verified", TODAY))

    def test_no_state_is_jumped_over(self):
        for user in (self.csm, self.lead_csm, self.manager):
            barrier = self._found()
            for state in ("removing", "removed", "verified"):
                with self.subTest(user=user.login, state=state), self.assertRaises(UserError):
                    barrier.with_user(user).state = state
            with self.assertRaises(UserError):
                self._found(user, state="removed")
            with self.assertRaises(UserError), self.cr.savepoint():
                Form(barrier.with_user(user)).record.write({"state": "verified"})
        result = self.barriers.with_user(self.manager).load(
            ["name", "partner_id/.id", "state"], [["Import", str(self.customer.id), "Verified"]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("potential or confirmed", result["messages"][0]["message"])

    def test_s83_removing_needs_an_owner_with_authority(self):
        barrier = self._found(state="confirmed")
        for vals in (
            {"state": "empowered"},
            {"state": "empowered", "authority": "granted"},
            {"state": "empowered", "owner_contact_id": self.owner.id},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError), self.cr.savepoint():
                barrier.write(vals)
        barrier.write({"owner_contact_id": self.owner.id, "authority": "granted"})
        barrier.state = "removing"
        barrier.authority = "none"
        self.assertEqual(barrier.state, "confirmed", "who lost it removes nothing")
        self.assertFalse(barrier.authority_date)

    def test_the_owner_works_at_the_customer(self):
        stranger = self._contact(self._customer("Other"), "Eve")
        with self.assertRaises(ValidationError):
            self._found(owner_contact_id=stranger.id)

    def test_s80_resistance_of_individuals_is_no_diagnosis(self):
        barrier = self._found(cause="individual")
        with self.assertRaisesRegex(ValidationError, "not a diagnosis"), self.cr.savepoint():
            barrier.state = "confirmed"
        barrier.write({"state": "confirmed", "cause": "organisational"})

    def test_severity_stays_as_it_was_once_closed(self):
        barrier = self._empowered(severity="2")
        barrier.state = "removing"
        barrier.state = "removed"
        with self.assertRaisesRegex(UserError, "is closed"):
            barrier.severity = "0"
        with self.assertRaisesRegex(UserError, "is closed"):
            barrier.write({"state": "verified", "severity": "0", "verify_reason": "x"})
        barrier.write({"state": "confirmed", "severity": "3"})
        self.assertFalse(barrier.date_removed)
        self.assertEqual(barrier.severity, "3")

    def test_accepting_needs_a_reason(self):
        barrier = self._found()
        with self.assertRaisesRegex(UserError, "why the barrier is accepted"):
            barrier.state = "accepted"
        barrier.write({"state": "accepted", "resolution": "The law wants it"})

    def test_what_the_machine_notes_nobody_writes(self):
        barrier = self._found()
        barrier.write({"number": "X", "escalation": 2, "reopened": 9, "date_verified": days(1)})
        self.assertRegex(barrier.number, "^BAR-")
        self.assertEqual((barrier.escalation, barrier.reopened), (0, 0))
        self.assertFalse(barrier.date_verified)

    # -- escalation -----------------------------------------------------------------------------

    def _night(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_barriers").method_direct_trigger()
        self.env.invalidate_all()

    def test_it_escalates_to_the_csm_then_to_manager_and_sponsor_once_each(self):
        self.env.ref("customer_success.group_success_manager").user_ids = self.manager
        self.env["customer.success.stakeholder"].create(
            {"partner_id": self.customer.id, "contact_id": self.owner.id, "role": "sponsor"}
        )
        self.owner.email = "ada@example.com"
        barrier = self._found(state="confirmed", severity="3", date_opened=days(7))
        self._night()
        self.assertFalse(barrier.activity_ids, "after more than 7 days")
        barrier.sudo().waiting_since = days(8)
        for _night in range(2):
            self._night()
            self.assertEqual(barrier.activity_ids.user_id, self.csm)
            self.assertEqual(len(barrier.activity_ids), 1)
        barrier.sudo().escalated_on = days(8)
        for _night in range(2):
            self._night()
            self.assertEqual(len(barrier.activity_ids), 2)
            self.assertEqual(barrier.activity_ids.user_id, self.csm | self.manager)
            told = barrier.sudo().message_ids.filtered(
                lambda message: self.owner in message.notified_partner_ids
            ) | self.env["mail.message"].search(
                [("notified_partner_ids", "in", self.owner.ids), ("res_id", "=", barrier.id)]
            )
            self.assertEqual(len(told), 1)

    def test_a_barrier_that_cannot_be_escalated_keeps_no_other_from_it(self):
        common = {"state": "confirmed", "severity": "3", "date_opened": days(90)}
        bad, good = self._found(name="Bad", **common), self._found(name="Good", **common)
        (bad | good).sudo().waiting_since = days(30)
        escalate = type(bad)._escalate

        def broken(barrier, level):
            escalate(barrier, level)
            if barrier == bad:
                raise ValueError("of the test")

        with (
            patch.object(type(bad), "_escalate", broken),
            self.assertLogs("odoo.addons.customer_success", "WARNING") as log,
        ):
            self._night()
        self.assertEqual((bad.escalation, good.escalation), (0, 1))
        self.assertFalse(bad.activity_ids)
        self.assertIn(f"Barrier {bad.id} could not be escalated", log.output[0])
        self._night()
        self.assertEqual(bad.escalation, 1, "the next day it is tried again")

    def test_an_old_suspicion_that_is_confirmed_today_does_not_reach_the_sponsor_today(self):
        barrier = self._found(severity="3", date_opened=days(90))
        barrier.state = "confirmed"
        self._night()
        self.assertEqual(barrier.escalation, 0)
        barrier.sudo().waiting_since = days(30)
        self._night()
        self.assertEqual(barrier.escalation, 1, "the CSM first")

    def test_authority_does_not_pass_on_to_the_next_owner(self):
        barrier = self._empowered()
        barrier.owner_contact_id = self._contact(self.customer, "Bob")
        self.assertEqual((barrier.state, barrier.authority), ("confirmed", "none"))
        barrier.authority = "granted"
        self.assertEqual(barrier.state, "empowered")
        barrier.state = "removing"
        with self.assertRaises(UserError):
            barrier.write({"state": "removed", "owner_contact_id": False})
        with self.assertRaises(UserError):
            barrier.write({"state": "removed", "authority": "none"})

    def test_no_default_jumps_over_a_state(self):
        barriers = self.barriers.with_user(self.csm)
        vals = {"partner_id": self.customer.id, "name": "X"}
        with self.assertRaises(UserError), self.cr.savepoint():
            barriers.with_context(default_state="verified").create(vals)
        made = barriers.with_context(default_escalation=2).create(
            {**vals, "escalation": 2, "use_at_removal": 0}
        )
        self.assertEqual((made.escalation, made.use_at_removal), (0, False))

    def test_who_has_authority_is_not_escalated(self):
        barrier = self._empowered(severity="3", date_opened=days(90))
        self._night()
        self.assertFalse(barrier.activity_ids)

    def test_a_milder_barrier_waits_longer(self):
        barrier = self._found(state="confirmed", severity="0", date_opened=days(50))
        self._night()
        self.assertFalse(barrier.activity_ids)

    def test_finding_what_to_escalate_takes_one_query_however_many(self):
        for number in range(20):
            self._found(name=str(number), state="confirmed", severity="3", date_opened=days(99))
        self.env.flush_all()
        self.barriers._to_escalate(1)
        with self.assertQueryCount(12):
            self.assertEqual(len(self.barriers._to_escalate(1)), 20)

    def test_a_removed_barrier_whose_symptom_returns_is_opened_again_once(self):
        flags = self.env["customer.success.symptom.flag"]
        idle = self.env.ref("customer_success.customer_success_symptom_idle")
        barrier = self._empowered(symptom_ids=[Command.set(idle.ids)])
        barrier.state = "removing"
        barrier.state = "removed"
        barrier.sudo().date_removed = days(0)
        flag = {
            "partner_id": self.customer.id,
            "product_id": self.product.id,
            "symptom_id": idle.id,
        }
        flags.create({**flag, "date_from": days(20), "date_to": days(10)})
        self._night()
        self.assertEqual(barrier.state, "removed")
        flags.create({**flag, "date_from": days(-2)})
        for _night in range(2):
            self._night()
            self.assertEqual((barrier.state, barrier.reopened), ("confirmed", 1))
        self.assertIn("Reopened", "".join(barrier.message_ids.mapped("body")))

    # -- search ---------------------------------------------------------------------------------

    def test_s82_going_through_the_areas_finds_organisational_barriers(self):
        wizards = self.env["customer.success.barrier.check"].with_user(self.csm)
        action = self.customer.with_user(self.csm).action_success_check_barriers()
        form = Form(wizards.with_context(**action["context"]))
        self.assertEqual(len(form.line_ids), 10)
        with form.line_ids.edit(0) as line:
            line.found = True
            line.name = "The old form is still asked for"
            line.evidence = "Shown by three of them"
        with form.line_ids.edit(4) as line:
            line.found = True
            line.evidence_from = "leaders"
        with self.assertRaisesRegex(UserError, "not only their leaders"):
            form.save().action_finish()
        form.users_asked = 5
        form.save().action_finish()
        confirmed, potential = self.customer.success_barrier_ids.sorted("state")
        self.assertEqual((confirmed.state, confirmed.area), ("confirmed", "process"))
        self.assertEqual((potential.state, potential.area), ("potential", "leadership"))

    def test_who_has_looked_and_found_none_knows_that_there_is_none(self):
        score = self._rescore(self.customer)
        self.assertIn("barriers", score.breakdown["unknown"])
        wizards = self.env["customer.success.barrier.check"].with_user(self.csm)
        wizards.create({"partner_id": self.customer.id, "users_asked": 3}).action_finish()
        self._rescore(self.customer)
        values = {line["code"]: line["value"] for line in score.breakdown["factors"]}
        self.assertEqual(values["barriers"], 100)

    def test_hints_from_what_is_known(self):
        self._usage(self.customer, active=2, when="2026-05-01")
        self.env["customer.success.symptom.flag"]._check(self.customer.ids)
        hints = " ".join(self.customer.with_user(self.csm)._success_barrier_hints())
        self.assertIn("Planner sits idle", hints)
        self.assertIn("no champion is known", hints)

    # -- cost -----------------------------------------------------------------------------------

    def test_areas_add_up_to_the_value_at_risk(self):
        self._renewal(self.customer, value=10_000)
        self._found(area="role")
        self._found(area="role")
        self._found(area="data")
        self._rescore(self.customer)
        effect = self.env["customer.success.barrier.effect"].with_user(self.csm)
        groups = dict(
            effect._read_group(
                [("partner_id", "=", self.customer.id)], ["area"], ["value_at_risk:sum"]
            )
        )
        total = self.customer.success_value_at_risk
        self.assertAlmostEqual(groups["role"] + groups["data"], total, 1)
        self.assertAlmostEqual(groups["role"], 2 * groups["data"], 1)

    def test_use_before_and_after_removal(self):
        self._usage(self.customer, active=40, when="2026-05-01")
        self._rescore(self.customer)
        barrier = self._empowered(area="skill", date_opened=days(60))
        barrier.state = "removing"
        barrier.state = "removed"
        barrier.sudo().date_removed = "2026-05-20"
        self._usage(self.customer, active=70, when="2026-06-01")
        effect = self.env["customer.success.barrier.effect"].search(
            [("barrier_id", "=", barrier.id)]
        )
        self.assertEqual((effect.use_before, effect.use_after, effect.use_change), (40, 70, 30))

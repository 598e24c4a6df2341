from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, days
from .plays_common import PlaysCase

LONG_AGO = days(3000)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMyDay(PlaysCase):
    """The activities of a run, and their outcomes."""

    # ------------------------------------------------------------------------------------------
    # Activities of a run
    # ------------------------------------------------------------------------------------------

    def test_a_run_makes_the_steps_of_its_plan(self):
        self.plan.template_ids[1].write(
            {"responsible_type": "other", "responsible_id": self.sales.id}
        )
        messages = self.customer.message_ids
        run = self._started()
        self.assertEqual(run.state, "started")
        call, meet = run.activity_ids.sorted("date_deadline")
        self.assertEqual(call.res_model, "res.partner")
        self.assertEqual(call.success_partner_id, self.customer)
        self.assertEqual((call.summary, call.user_id), ("Call", self.csm))
        self.assertEqual((meet.summary, meet.user_id), ("Meet", self.sales))
        self.assertEqual(call.date_deadline, TODAY + timedelta(days=1))
        self.assertEqual(meet.date_deadline, TODAY + timedelta(weeks=2))
        self.assertIn("Stalled: 181 days", call.note)
        self.assertIn("Ask", call.note)
        self.assertEqual(call.with_user(self.csm).success_reason, run.reason)
        self.assertEqual(self.customer.message_ids, messages, "nothing is posted")

    def test_text_of_people_is_text_in_the_note(self):
        play = self._play("no_authority", days=0)
        self._barrier(self.customer, name="<script>alert(1)</script>")
        self._evaluate()
        self._start()
        note = self.runs.search([("play_id", "=", play.id)]).activity_ids[0].note
        self.assertIn("&lt;script&gt;", note)
        self.assertNotIn("<script>", note)

    def test_the_reason_is_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.stages["effective_use"].with_context(lang="fr_FR").name = "Usage efficace"
        self.csm.lang = "fr_FR"
        run = self._started()
        self.assertIn("Usage efficace", run.activity_ids[0].note)
        self.assertIn("Usage efficace", run.with_user(self.csm).with_context(lang="fr_FR").reason)
        self.assertIn("Effective use", run.with_context(lang="en_US").reason)

    def test_starting_twice_makes_the_steps_once(self):
        run = self._started()
        self.assertFalse(self._start())
        self.assertEqual(len(run.activity_ids), 2)

    def test_a_night_that_is_cut_off_loses_and_repeats_nothing(self):
        customers = [
            self._customer(f"Customer {number}", success_stage_date=days(200))
            for number in range(5)
        ]
        play = self._stalled()
        module = "odoo.addons.customer_success.models.work"
        remaining = iter([1.0, 1.0, 0.0] + [1.0] * 50)
        with (
            patch(f"{module}.customer_success_play.EVALUATE_BATCH", 2),
            patch(f"{module}.customer_success_play_run.START_BATCH", 2),
        ):
            with patch.object(
                type(self.env["ir.cron"]),
                "_commit_progress",
                lambda *args, **kwargs: next(remaining),
            ):
                self.plays._cron_run()
                early = self.runs.search_count([("play_id", "=", play.id)])
                self.plays._cron_run()
            runs = self.runs.search([("play_id", "=", play.id)])
            self.assertLess(early, len(runs))
            self.assertIn(self.customer, runs.partner_id)
            self.assertEqual(len(runs), len(runs.partner_id))
            self.assertLessEqual({c.id for c in customers}, set(runs.partner_id.ids))
            self.assertEqual(set(runs.mapped("state")), {"started"})
            self.assertEqual(len(runs.activity_ids), 2 * len(runs))
        place = self.env["customer.success.job.bookmark"]._place("plays")
        self.assertFalse(place, "the next night begins with the first customer")

    def test_a_run_waits_until_somebody_follows_the_customer(self):
        play = self._stalled()
        self._evaluate()
        self.csm.active = False
        self._start()
        run = self.runs.search([("play_id", "=", play.id)])
        self.assertEqual(run.state, "waiting")
        self.customer.success_user_id = self.lead_csm
        self._start()
        self.assertEqual((run.state, run.user_id), ("started", self.lead_csm))

    def test_a_plan_without_steps_still_tells_the_csm(self):
        self.plan.template_ids.unlink()
        run = self._started()
        self.assertEqual(run.activity_ids.summary, "When stalled")

    def test_a_play_needs_a_plan_for_customers(self):
        plan = self.env["mail.activity.plan"].create({"name": "Leads", "res_model": "crm.lead"})
        with self.assertRaises(ValidationError):
            self._play("stalled", activity_plan_id=plan.id)

    def test_a_play_that_was_run_is_archived_not_deleted(self):
        run = self._started()
        with self.assertRaises(ValidationError):
            run.play_id.with_user(self.manager).unlink()
        self._play("silent").with_user(self.manager).unlink()

    # ------------------------------------------------------------------------------------------
    # My Day and outcomes
    # ------------------------------------------------------------------------------------------

    def _tell(self, activity, user, **vals):
        action = activity.with_user(user).action_success_done()
        wizard = (
            self.env["customer.success.outcome"]
            .with_user(user)
            .with_context(**action["context"])
            .create({"outcome": "worked", **vals})
        )
        return wizard.action_done()

    def test_the_last_step_ends_the_run_with_its_tell(self):
        run = self._started()
        call, meet = run.activity_ids.sorted("date_deadline")
        self._tell(call, self.csm, outcome="nothing", note="Nobody there")
        self.assertEqual((run.state, run.outcome), ("started", False))
        self.assertIn("It had no effect: Nobody there", self.customer.message_ids[0].body)
        self._tell(meet, self.csm, outcome="partly", note="A date <b>at last</b>")
        self.assertEqual((run.state, run.outcome), ("done", "partly"))
        self.assertEqual((run.outcome_note, run.date_done), ("A date <b>at last</b>", TODAY))
        self.assertIn("&lt;b&gt;", self.customer.message_ids[0].body)
        self.assertFalse(run.activity_ids)

    def test_steps_that_are_not_needed_anymore_end_with_it(self):
        run = self._started()
        self._tell(run.activity_ids[0], self.csm, close_rest=True)
        self.assertEqual((run.state, run.outcome), ("done", "worked"))

    def test_a_run_ends_without_an_outcome_when_its_steps_are_just_ticked_off(self):
        run = self._started()
        run.activity_ids.with_user(self.csm).action_feedback()
        self.assertEqual((run.state, run.outcome), ("done", False))

    def test_a_run_whose_steps_are_all_cancelled_was_dropped(self):
        run = self._started()
        run.activity_ids.with_user(self.csm).unlink()
        self.assertEqual((run.state, run.outcome), ("done", "dropped"))

    def test_done_is_done_once(self):
        run = self._started()
        activity = run.activity_ids[0]
        wizard = (
            self.env["customer.success.outcome"]
            .with_user(self.csm)
            .create({"activity_id": activity.id})
        )
        activity.action_feedback()
        with self.assertRaises(UserError):
            wizard.action_done()

    def test_who_has_nothing_to_do_with_it_is_refused(self):
        run = self._started()
        other = new_test_user(self.env, "test_other_csm", "customer_success.group_success_user")
        for user in (other, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                run.activity_ids[0].with_user(user).action_success_done()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["customer.success.outcome"].with_user(user).create(
                    {"activity_id": run.activity_ids[0].id}
                ).action_done()
        self._tell(run.activity_ids[0], self.lead_csm)
        for user in (self.csm, self.manager):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(run.with_user(user).has_access(operation))
        self.assertFalse(run.play_id.with_user(self.csm).has_access("write"))
        self.assertTrue(run.play_id.with_user(self.manager).has_access("write"))
        self.assertTrue(self.plan.with_user(self.manager).has_access("write"))
        self.assertTrue(self.plan.template_ids.with_user(self.manager).has_access("write"))

    def _my_day(self, user, **search):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_my_day_action"
        )
        domain = [("success_partner_id.success_is_followed", "=", True)]
        self.assertIn(str(domain[0][0]), action["domain"])
        return self.activities.with_user(user).search(
            [*domain, ("user_id", "=", user.id), ("date_deadline", "<=", "today")],
            order="success_value_at_risk desc, date_deadline, id",
        )

    def test_my_day_has_the_most_at_stake_first_and_the_unknown_last(self):
        small, large = self._customer("Small"), self._customer("Large")
        for customer, value in ((small, 100), (large, 9000)):
            customer.success_score_id.write(
                {"value_at_risk": value, "currency_id": self.company.currency_id.id}
            )
        barrier = self._barrier(large)
        unfollowed = self.env["res.partner"].create({"name": "No customer"})
        contact = self._contact(small)
        planned = [
            record.activity_schedule(
                "mail.mail_activity_data_todo", date, user_id=self.csm.id, summary=record.name
            )
            for record, date in (
                (self.customer, days(3)),
                (contact, days(0)),
                (barrier, days(1)),
                (unfollowed, days(0)),
                (large, days(-1)),
            )
        ]
        unknown, by_contact, by_barrier = planned[:3]
        self.assertEqual(self._my_day(self.csm).ids, [by_barrier.id, by_contact.id, unknown.id])
        first = self._my_day(self.csm)[0]
        self.assertEqual((first.success_partner_id, first.success_value_at_risk), (large, 9000))
        self.assertEqual(first.success_reason, "To-Do")
        self.assertEqual(first.action_success_open_customer()["res_id"], large.id)

    def test_customers_of_activities_are_found_in_sets(self):
        customers = [self._customer(f"Customer {number}") for number in range(20)]
        for customer in customers:
            customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.csm.id)
        activities = self.activities.search([("user_id", "=", self.csm.id)])
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(5):
            activities._compute_success_partner_id()

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, SuccessCase, days


class HandoverCase(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new_csm = new_test_user(cls.env, "test_new_csm", "customer_success.group_success_user")
        cls.customer = cls._customer("Acme")
        cls.other = cls._customer("Borealis")
        cls.barrier = cls._barrier(cls.customer, user_id=cls.csm.id)
        cls.removed = cls._barrier(cls.customer, user_id=cls.csm.id, name="Was removed")
        cls.removed.write({"state": "accepted", "resolution": "They live with it"})
        cls.change = cls.env["customer.success.change"].create(
            {
                "partner_id": cls.customer.id,
                "name": "New version",
                "date": days(-30),
                "user_id": cls.csm.id,
            }
        )
        cls.objective = cls.env["customer.success.objective"].create(
            {"partner_id": cls.customer.id, "name": "Orders on the day", "user_id": cls.csm.id}
        )
        cls.plan = cls.env["customer.success.plan"].create(
            {"partner_id": cls.customer.id, "user_id": cls.csm.id}
        )
        cls.planned = cls._talk(state="planned", date=days(-5))
        cls.held = cls._talk(state="held", date=days(5), summary="They decided")
        cls.activity = cls.customer.activity_schedule(
            "mail.mail_activity_data_todo", summary="Send the list", user_id=cls.csm.id
        )

    @classmethod
    def _talk(cls, **vals):
        return cls.env["customer.success.interaction"].create(
            {
                "partner_id": cls.customer.id,
                "kind": "advisory",
                "user_id": cls.csm.id,
                **vals,
            }
        )

    def _hand_over(self, user=None, **vals):
        """Hand over as ``user``, and return the record of it as this user."""
        user = user or self.csm
        dialog = (
            self.env["customer.success.handover"]
            .with_user(user)
            .create({"user_to_id": self.new_csm.id, **vals})
        )
        action = dialog.action_hand_over()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def _give(self, customers=None, user=None, **vals):
        ids = (customers or self.customer).ids
        return self._hand_over(user, partner_ids=[Command.set(ids)], **vals)

    def _run_plays(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_success_care").method_direct_trigger()
        self.env.invalidate_all()

    def _open_work(self):
        return (
            self.barrier,
            self.change,
            self.objective,
            self.plan,
            self.planned,
            self.activity,
        )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestNewCsm(HandoverCase):
    """Customers go from one CSM to another, with the open work at them."""

    def test_open_work_moves_and_done_work_stays(self):
        self._give()
        self.assertEqual(self.customer.success_user_id, self.new_csm)
        for record in self._open_work():
            with self.subTest(record=record):
                self.assertEqual(record.user_id, self.new_csm)
        self.assertEqual(self.held.user_id, self.csm)
        self.assertEqual(self.removed.user_id, self.csm)
        self.assertEqual(self.other.success_user_id, self.csm)

    def test_the_new_csm_sees_it_and_the_former_one_no_longer(self):
        barriers = self.env["customer.success.barrier"]
        self.assertFalse(barriers.with_user(self.new_csm).search([("id", "=", self.barrier.id)]))
        self._give()
        self.assertTrue(barriers.with_user(self.new_csm).search([("id", "=", self.barrier.id)]))
        self.assertFalse(barriers.with_user(self.csm).search([("id", "=", self.barrier.id)]))
        mine = (
            self.env["mail.activity"]
            .with_user(self.new_csm)
            .search([("user_id", "=", self.new_csm.id)])
        )
        self.assertIn(self.activity, mine)

    def test_a_selection_and_a_whole_book(self):
        third = self._customer("Cumulus")
        self._give(self.customer | self.other)
        self.assertEqual(third.success_user_id, self.csm)
        self.env.invalidate_all()
        self._hand_over(self.manager, user_from_id=self.csm.id)
        self.assertEqual(third.success_user_id, self.new_csm)

    def test_the_dialog_says_what_moves(self):
        dialog = (
            self.env["customer.success.handover"]
            .with_user(self.csm)
            .with_context(active_model="res.partner", active_ids=self.customer.ids)
            .create({"user_to_id": self.new_csm.id})
        )
        self.assertEqual(dialog.customer_count, 1)
        self.assertIn("Activities, open: 1", dialog.effect)
        self.assertIn("Barrier, open: 1", dialog.effect)

    def test_changing_the_csm_on_the_form_moves_the_work_too(self):
        self.customer.with_user(self.csm).success_user_id = self.new_csm
        self.assertEqual(self.barrier.user_id, self.new_csm)
        self.assertEqual(self.customer.success_csm_before_id, self.csm)
        self.assertEqual(self.customer.success_csm_since, TODAY)

    def test_work_of_others_at_the_customer_stays_theirs(self):
        self.change.user_id = self.manager
        call = self.customer.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.sales.id
        )
        elsewhere = self._barrier(self.other, user_id=self.csm.id)
        self._give()
        self.assertEqual(self.change.user_id, self.manager)
        self.assertEqual(call.user_id, self.sales)
        self.assertEqual(elsewhere.user_id, self.csm)

    def test_meetings_ahead_move_to_the_calendar_of_the_new_csm(self):
        ahead, past = self.env["calendar.event"].create(
            [
                {
                    "name": "Review",
                    "start": f"{day} 10:00:00",
                    "stop": f"{day} 11:00:00",
                    "user_id": self.csm.id,
                    "partner_ids": [Command.set(self.csm.partner_id.ids)],
                }
                for day in (days(-5), days(5))
            ]
        )
        self.planned.event_id = ahead
        self._talk(state="planned", date=days(5), event_id=past.id)
        self._give()
        self.assertEqual(ahead.user_id, self.new_csm)
        self.assertEqual(ahead.partner_ids, self.new_csm.partner_id)
        self.assertEqual(past.user_id, self.csm)

    # -- who may, and to whom ------------------------------------------------------------------

    def test_nobody_takes_the_book_of_somebody_else(self):
        with self.assertRaisesRegex(AccessError, "Ask them or your manager"):
            self._give(user=self.new_csm)
        with self.assertRaisesRegex(AccessError, "Ask them or your manager"):
            self._hand_over(self.new_csm, user_from_id=self.csm.id)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.new_csm).success_user_id = self.new_csm
        self.assertEqual(self.customer.success_user_id, self.csm)

    def test_sales_hands_nothing_over(self):
        with self.assertRaises(AccessError):
            self._give(user=self.sales)

    def test_a_csm_of_all_customers_and_a_manager_may(self):
        self._give(user=self.lead_csm)
        self._give(self.other, user=self.manager)
        self.assertEqual((self.customer | self.other).success_user_id, self.new_csm)

    def test_it_is_refused_in_words_to_whom_it_cannot_go(self):
        archived = new_test_user(self.env, "test_gone", "customer_success.group_success_user")
        archived.active = False
        portal = new_test_user(self.env, "test_portal_csm", "base.group_portal")
        for user, words in (
            (self.sales, "is not in the customer success team"),
            (portal, "is not in the customer success team"),
            (archived, "is archived"),
        ):
            with self.subTest(user=user.login), self.assertRaisesRegex(ValidationError, words):
                self._give(user_to_id=user.id)
            with self.subTest(user=user.login), self.assertRaisesRegex(ValidationError, words):
                self.customer.with_user(self.csm).success_user_id = user
        with self.assertRaisesRegex(ValidationError, "has these customers already"):
            self._hand_over(user_from_id=self.csm.id, user_to_id=self.csm.id)
        with self.assertRaisesRegex(UserError, "nothing to hand over"):
            self._give(user_to_id=self.csm.id)
        with self.assertRaisesRegex(UserError, "Choose who"):
            self._give(user_to_id=False)
        with self.assertRaisesRegex(ValidationError, "does not follow Acme"):
            self._give(user=self.manager, user_from_id=self.lead_csm.id)
        self.assertEqual(self.customer.success_user_id, self.csm)
        self.assertEqual(self.barrier.user_id, self.csm)

    def test_customers_of_another_company_stay_with_who_works_there(self):
        company = self.env["res.company"].create({"name": "North"})
        self.csm.company_ids += company
        self.customer.company_id = company
        with self.assertRaisesRegex(ValidationError, "does not work for the company of Acme"):
            self._give(self.customer | self.other)
        self.assertEqual(self.other.success_user_id, self.csm, "nothing is half done")

    def test_the_book_of_an_archived_user_can_be_handed_over(self):
        self.env.cr.execute("UPDATE res_users SET active = false WHERE id = %s", [self.csm.id])
        self.env.invalidate_all()
        self._hand_over(self.manager, user_from_id=self.csm.id)
        self.assertEqual(self.customer.success_user_id, self.new_csm)
        self.assertEqual(self.barrier.user_id, self.new_csm)

    def test_nobody_sets_by_hand_since_when_and_from_whom(self):
        self.customer.with_user(self.csm).write(
            {"success_csm_since": days(300), "success_csm_before_id": self.sales.id}
        )
        self.assertFalse(self.customer.success_csm_since)
        self.assertFalse(self.customer.success_csm_before_id)

    # -- the new CSM ---------------------------------------------------------------------------

    def _introduce(self):
        self._run_plays()
        play = self.env.ref("customer_success.customer_success_play_taken_over")
        return self.env["customer.success.play.run"].search([("play_id", "=", play.id)])

    def _play_since(self, day):
        self.env.ref("customer_success.customer_success_play_taken_over").date_start = day

    def test_the_new_csm_gets_the_steps_to_introduce_themselves(self):
        self._play_since(days(1))
        self._give()
        [run] = self._introduce()
        self.assertEqual((run.partner_id, run.user_id), (self.customer, self.new_csm))
        self.assertIn(self.csm.name, run.reason)
        steps = self.env["mail.activity"].search([("success_run_id", "=", run.id)])
        self.assertEqual(len(steps), 3)
        self.assertEqual(steps.user_id, self.new_csm)

    def test_a_customer_that_nobody_followed_before_is_no_hand_over(self):
        self._play_since(days(1))
        first = self._customer("First", success_user_id=False)
        first.with_user(self.csm).success_user_id = self.csm
        self.assertFalse(self._introduce())

    def test_the_new_csm_is_told_once_for_all_customers(self):
        change = self._give(self.customer | self.other, note="Ask for the CFO first")
        message = self.env["mail.message"].search(
            [("partner_ids", "in", self.new_csm.partner_id.ids)], order="id desc", limit=1
        )
        self.assertIn("Customers handed over to you: 2", message.subject)
        self.assertIn("Borealis", message.body)
        self.assertIn("Ask for the CFO first", message.body)
        self.assertEqual(change.with_user(self.new_csm).note, "Ask for the CFO first")

    def test_the_brief_says_where_it_stands_what_is_promised_who_and_the_traps(self):
        ada = self._contact(self.customer, "Ada Shah")
        self.env["customer.success.stakeholder"].create(
            {
                "partner_id": self.customer.id,
                "contact_id": ada.id,
                "role": "sponsor",
                "willingness": "1",
            }
        )
        change = self._give(note="Never mention <b>the pilot</b>")
        reports = self.env["ir.actions.report"]
        text = reports.with_user(self.new_csm)._render_qweb_html(
            "customer_success.handover_brief", self.customer.ids
        )[0]
        text = text.decode()
        for part in (
            self.stages["effective_use"].name,
            "Managers ask for sheets",
            "New version",
            "Send the list",
            "Ada Shah",
            "Against it",
            "Nobody has the authority",
            "They decided",
            "Never mention &lt;b&gt;the pilot",
        ):
            with self.subTest(part=part):
                self.assertIn(part, text)
        for stranger in (self.csm, self.sales):
            with self.subTest(stranger=stranger.login), self.assertRaises(AccessError):
                reports.with_user(stranger)._render_qweb_html(
                    "customer_success.handover_brief", self.customer.ids
                )
        action = change.with_user(self.new_csm).action_print_briefs()
        self.assertEqual(action["report_name"], "customer_success.handover_brief")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTakingBack(HandoverCase):
    """A hand-over is taken back as one; what somebody changed since is listed and left."""

    def test_everything_goes_back(self):
        change = self._give(self.customer | self.other)
        change.action_undo()
        self.assertEqual(change.state, "undone")
        self.assertEqual((self.customer | self.other).success_user_id, self.csm)
        for record in self._open_work():
            with self.subTest(record=record):
                self.assertEqual(record.user_id, self.csm)
        self.assertFalse(self.customer.success_csm_before_id)
        self.assertFalse(self.customer.success_csm_since)
        self.assertFalse(change.left_count)
        with self.assertRaisesRegex(UserError, "taken back already"):
            change.action_undo()

    def test_what_was_changed_since_is_listed_and_left(self):
        change = self._give(self.customer | self.other)
        self.barrier.with_user(self.new_csm).user_id = self.lead_csm
        self.other.with_user(self.manager).success_user_id = self.lead_csm
        change.action_undo()
        self.assertEqual(change.state, "partly")
        self.assertEqual(self.customer.success_user_id, self.csm)
        self.assertEqual(self.barrier.user_id, self.lead_csm)
        self.assertEqual(self.other.success_user_id, self.lead_csm)
        left = change.line_ids.filtered(lambda line: line.state == "left")
        self.assertEqual(
            {(line.res_model, line.res_id) for line in left},
            {
                ("customer.success.barrier", self.barrier.id),
                ("res.partner", self.other.id),
            },
        )
        self.assertEqual(change.left_count, 2)
        self.assertIn("Followed By", left.filtered(lambda one: "barrier" in one.res_model).reason)

    def test_what_the_new_csm_did_stays_theirs(self):
        change = self._give()
        self.activity.with_user(self.new_csm).action_feedback(feedback="Sent")
        self.change.with_user(self.new_csm).write({"state": "running"})
        talk = self.planned.with_user(self.new_csm)
        talk.write({"summary": "We met", "date": TODAY})
        talk.action_log()
        change.action_undo()
        self.assertEqual(self.planned.user_id, self.new_csm)
        self.assertEqual(self.change.user_id, self.csm, "still open, so it goes back")
        self.assertNotEqual(self.activity.exists().user_id, self.csm)

    def test_steps_to_introduce_oneself_are_cancelled(self):
        play = self.env.ref("customer_success.customer_success_play_taken_over")
        play.date_start = days(1)
        change = self._give()
        self._run_plays()
        [run] = play.run_ids
        change.action_undo()
        self.assertEqual((run.state, run.outcome), ("done", "dropped"))
        self.assertFalse(self.env["mail.activity"].search([("success_run_id", "=", run.id)]))
        self._run_plays()
        self.assertEqual(play.run_ids, run, "going back is no hand-over")

    def test_it_does_not_go_back_to_somebody_who_was_archived(self):
        change = self._give(user=self.manager)
        self.csm.active = False
        change.action_undo()
        self.assertEqual(self.customer.success_user_id, self.new_csm)
        self.assertIn("is archived", change.line_ids[0].reason)

    def test_deleted_records_are_listed(self):
        change = self._give()
        self.barrier.sudo().unlink()
        change.action_undo()
        left = change.line_ids.filtered(lambda line: line.state == "left")
        self.assertEqual(left.mapped("reason"), ["It was deleted."])

    def test_who_did_it_or_a_manager_takes_it_back(self):
        change = self._give()
        for user in (self.new_csm, self.lead_csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                change.with_user(user).action_undo()
        self.assertFalse(change.with_user(self.new_csm).may_undo)
        self.assertTrue(change.may_undo)
        change.with_user(self.manager).action_undo()
        self.assertEqual(self.customer.success_user_id, self.csm)

    def test_cheat_writing_into_a_record_that_is_there_by_the_context(self):
        """A call names no mass change of its own: its hand-over has a record of its own, also beside an own one."""
        earlier = self._hand_over(partner_ids=[Command.set(self.other.ids)])
        lines = earlier.sudo().line_ids
        forged = {"success_mass_change": earlier.id}
        self.customer.with_user(self.csm).with_context(**forged).write(
            {"success_user_id": self.new_csm.id}
        )
        self.assertEqual(earlier.sudo().line_ids, lines)
        changes = self.env["customer.success.mass.change"].search([("kind", "=", "handover")])
        self.assertEqual(len(changes), 2)
        (changes - earlier).with_user(self.csm).action_undo()
        self.assertEqual(self.customer.success_user_id, self.csm)
        self.assertEqual(self.other.success_user_id, self.new_csm)

    def test_nothing_of_a_hand_over_is_left_in_the_context_of_what_follows(self):
        """The context of a call that a client sends again holds no mass change."""
        change = self._give()
        self.assertNotIn("success_mass_change", change.env.context)
        self.assertIs(change.action_undo(), True)

    def test_a_later_hand_over_is_not_undone_by_an_earlier_one(self):
        change = self._give()
        later = self._give(user=self.new_csm, user_to_id=self.lead_csm.id)
        change.action_undo()
        self.assertEqual(self.customer.success_user_id, self.lead_csm)
        later.action_undo()
        self.assertEqual(self.customer.success_user_id, self.new_csm)

    def test_the_record_names_no_record_that_its_reader_may_not_see(self):
        change = self._give()
        line = change.line_ids.filtered(lambda one: one.res_model == "customer.success.barrier")
        self.assertIn("Managers ask", line.with_user(self.new_csm).record_name)
        self.assertNotIn("Managers ask", line.with_user(self.csm).record_name)

    def test_nobody_writes_the_record_of_a_change(self):
        change = self._give()
        for user in (self.csm, self.manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                change.with_user(user).write({"state": "done"})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                change.line_ids.with_user(user).write({"before": {"success_user_id": user.id}})

    def test_a_whole_book_takes_few_queries(self):
        few = self.env["res.partner"].union(*(self._customer(f"Few {i}") for i in range(2)))
        many = self.env["res.partner"].union(*(self._customer(f"Many {i}") for i in range(40)))
        self._barrier(few[0], user_id=self.csm.id)
        for customer in many:
            self._barrier(customer, user_id=self.csm.id)
        counts = []
        for customers in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._give(customers)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1], counts[0] + 80, counts)

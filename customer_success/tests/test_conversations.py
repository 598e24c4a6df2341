from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestConversations(SuccessCase):
    """Conversations: prepared with due questions, logged as answers, handed off if not a CSM's work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.questions.active = False
        cls.asked = cls.env["customer.success.question"].create(
            [
                {"name": f"Question {number}", "sequence": number, "refresh_months": 6}
                for number in range(1, 5)
            ]
        )
        cls.customer = cls._customer()
        cls.ada, cls.bob = cls._contact(cls.customer, "Ada"), cls._contact(cls.customer, "Bob")
        cls.talks = cls.env["customer.success.interaction"]

    def _prepared(self, *contacts):
        """Return the form of a conversation as the button on the customer opens it."""
        action = self.customer.with_user(self.csm).action_success_prepare()
        talks = self.talks.with_user(self.csm).with_context(**action["context"])
        form = Form(talks)
        for contact in contacts:
            form.contact_ids.add(contact)
        return form

    def _agenda(self, form):
        return [
            (line["question_id"], line["why"])
            for line in form.line_ids._records
            if line["question_id"] in self.asked.ids
        ]

    # -- prepare --------------------------------------------------------------------------------

    def test_due_questions_stand_in_the_order_to_ask_them(self):
        """Never asked comes first, then stale, then an open concern; fresh answers without one are not due."""
        never, stale, concern, fine = self.asked
        self._answer(self.customer, stale, date=days(300))
        self._answer(self.customer, concern, "concern")
        self._answer(self.customer, fine, "strength")
        self.assertEqual(
            self._agenda(self._prepared()),
            [(never.id, "never"), (stale.id, "stale"), (concern.id, "concern")],
        )

    def test_questions_of_other_stages_are_not_due(self):
        self.asked[:3].stage_ids = self.stages["discover"]
        self.assertEqual(self._agenda(self._prepared()), [(self.asked[3].id, "never")])

    def test_who_is_there_changes_what_is_due(self):
        self._answer(self.customer, self.asked[0], "strength", contact_id=self.bob.id)
        self.assertNotIn(self.asked[0].id, dict(self._agenda(self._prepared())))
        agenda = dict(self._agenda(self._prepared(self.ada)))
        self.assertEqual(agenda[self.asked[0].id], "never_them")
        self.assertNotIn(self.asked[0].id, dict(self._agenda(self._prepared(self.bob))))

    def test_preparing_takes_few_queries_whatever_was_answered(self):
        for question in self.asked:
            for contact in self.ada | self.bob:
                self._answer(self.customer, question, contact_id=contact.id)
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.env["customer.success.interaction.line"]
        with self.assertQueryCount(12):
            lines._due_lines(self.customer, self.ada)

    # -- log ------------------------------------------------------------------------------------

    def _log(self, *lines, **vals):
        return self.talks.with_user(self.csm).create(
            {
                "partner_id": self.customer.id,
                "line_ids": [Command.create(line) for line in lines],
                **vals,
            }
        )

    def test_lines_become_answers(self):
        first, second, third, fourth = self.asked.ids
        talk = self._log(
            {"question_id": first, "signal": "strength", "answer": "Yes"},
            {"question_id": second, "rating": "2"},
            {"question_id": third, "not_asked_reason": "No time"},
            {"question_id": fourth},
            contact_ids=self.ada.ids,
            date=days(2),
        )
        talk.action_log()
        self.assertEqual(talk.state, "held")
        answers = talk.answer_ids.sorted("question_id")
        self.assertEqual(len(answers), 3)
        self.assertEqual(answers.contact_id, self.ada, "only she was there")
        self.assertEqual(set(answers.mapped("date")), {days(2)})
        self.assertEqual(answers.user_id, self.csm)
        self.assertEqual(answers.mapped("is_current"), [True, True, False])
        self.assertEqual(self.customer.success_interaction_count, 1)
        self.assertEqual(self.customer.success_coverage, 50, "scored at once: 2 of 4")

    def test_readiness_moves_when_it_is_logged(self):
        self.asked[0].dimension = "willing"
        self._log({"question_id": self.asked[0].id, "rating": "2"}).action_log()
        self.assertEqual(self.customer.success_willing, 2)
        self._log({"question_id": self.asked[0].id, "rating": "5"}).action_log()
        self.assertEqual(self.customer.success_willing, 5)
        self.assertEqual(len(self.env["customer.success.answer"].search([])), 2, "both are kept")

    def test_an_answer_without_a_meaning_is_refused_and_nothing_is_half_logged(self):
        talk = self._log(
            {"question_id": self.asked[0].id, "signal": "concern"},
            {"question_id": self.asked[1].id, "answer": "Hm"},
        )
        with self.assertRaisesRegex(ValidationError, "a signal or a rating"), self.cr.savepoint():
            talk.action_log()
        self.assertEqual(talk.state, "planned")
        self.assertFalse(talk.answer_ids)

    @mute_logger("odoo.sql_db")
    def test_what_cannot_be(self):
        stranger = self._contact(self._customer("Other"), "Eve")
        question = self.asked[0].id
        for error, lines, vals in (
            (ValidationError, [], {"contact_ids": stranger.ids}),
            (ValidationError, [], {"partner_id": False}),
            (IntegrityError, [{"question_id": question}] * 2, {}),
            (IntegrityError, [], {"duration": -1}),
            (
                ValidationError,
                [{"question_id": question, "signal": "concern", "not_asked_reason": "No time"}],
                {},
            ),
        ):
            with self.subTest(lines=lines, **vals), self.assertRaises(error), self.cr.savepoint():
                self._log(*lines, **vals)
                self.env.flush_all()
        with self.assertRaisesRegex(ValidationError, "future"), self.cr.savepoint():
            self._log({"question_id": question, "signal": "concern"}, date=days(-3)).action_log()

    def test_what_was_held_stays_as_it_was(self):
        talk = self._log({"question_id": self.asked[0].id, "signal": "concern"})
        with self.assertRaises(UserError):
            talk.state = "held"
        talk.action_log()
        with self.assertRaises(UserError):
            talk.line_ids = [Command.clear()]
        with self.assertRaises(UserError):
            talk.state = "planned"
        with self.assertRaises(UserError):
            talk.with_user(self.manager).unlink()
        talk.action_log()
        self.assertEqual(len(talk.answer_ids), 1, "logged once")
        talk.summary = "A summary may still be written"
        for user in (self.csm, self.manager):
            with self.assertRaises(UserError):
                talk.with_user(user).duration = 40
        self.assertEqual(talk.advice_hours, 0.5)

    def test_one_does_not_write_into_the_conversations_of_others(self):
        theirs = self._customer("Theirs", success_user_id=self.lead_csm.id)
        planned = self.talks.create({"partner_id": theirs.id, "user_id": self.lead_csm.id})
        talk = self._log({"question_id": self.asked[0].id, "signal": "blocker"})
        for write in (
            lambda: talk.line_ids.write({"interaction_id": planned.id}),
            lambda: talk.write({"partner_id": theirs.id}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                write()
        talk.action_log()
        for write in (
            lambda: talk.line_ids.write({"signal": "strength"}),
            lambda: talk.line_ids.unlink(),
            lambda: talk.write({"kind": "support"}),
            lambda: talk.write({"date": days(9)}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                write()

    def test_nobody_hides_an_answer(self):
        talk = self._log({"question_id": self.asked[0].id, "signal": "blocker"})
        talk.action_log()
        answer = talk.answer_ids
        answer.write({"is_current": False, "interaction_id": False})
        self.assertTrue(answer.is_current)
        self.assertEqual(answer.interaction_id, talk)
        with self.assertRaises(AccessError):
            answer.with_user(self.manager).unlink()

    def test_a_default_in_the_context_logs_nothing_by_itself(self):
        talk = (
            self.talks.with_user(self.csm)
            .with_context(default_state="held")
            .create(
                {
                    "partner_id": self.customer.id,
                    "line_ids": [
                        Command.create({"question_id": self.asked[0].id, "signal": "concern"})
                    ],
                }
            )
        )
        self.assertEqual((talk.state, len(talk.answer_ids)), ("held", 1))

    def test_the_same_person_answers_a_question_once(self):
        question = self.asked[0].id
        talk = self._log(
            {"question_id": question, "signal": "concern"},
            {"question_id": question, "signal": "strength", "contact_id": self.ada.id},
            contact_ids=self.ada.ids,
        )
        with self.assertRaisesRegex(ValidationError, "two answers by the same person"):
            talk.action_log()

    def test_two_contacts_who_answered_the_same_question_can_be_merged(self):
        question = self.asked[0].id
        talk = self._log(
            {"question_id": question, "signal": "concern", "contact_id": self.ada.id},
            {"question_id": question, "signal": "strength", "contact_id": self.bob.id},
        )
        talk.action_log()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.ada.id, self.bob.id], self.ada)
        self.env.invalidate_all()
        self.assertEqual(len(talk.answer_ids), 2, "no answer is lost")
        self.assertEqual(len(talk.line_ids), 1)

    def test_a_conversation_follows_its_customer_to_another_company(self):
        talk = self._log()
        self.customer.company_id = self.company
        self.assertEqual(talk.company_id, self.company)

    def test_a_conversation_that_comes_as_held_is_logged(self):
        """An import or another program may create a conversation that was held in one step."""
        talk = self._log({"question_id": self.asked[0].id, "signal": "concern"}, state="held")
        self.assertEqual((talk.state, len(talk.answer_ids)), ("held", 1))

    def test_from_a_meeting(self):
        event = (
            self.env["calendar.event"]
            .with_user(self.csm)
            .create(
                {
                    "name": "Review",
                    "start": "2026-06-10 09:00:00",
                    "stop": "2026-06-10 10:30:00",
                    "partner_ids": [Command.set((self.ada | self.csm.partner_id).ids)],
                }
            )
        )
        action = event.action_success_log()
        form = Form(self.talks.with_user(self.csm).with_context(**action["context"]))
        self.assertEqual(len(form.line_ids), 4)
        talk = form.save()
        self.assertEqual(talk.partner_id, self.customer)
        self.assertEqual(talk.contact_ids, self.ada)
        self.assertEqual((str(talk.date), talk.duration), ("2026-06-10", 1.5))
        self.assertEqual(event.action_success_log()["res_id"], talk.id)

    def _from_meeting(self, zone, **vals):
        """Return the form of the conversation of a meeting, as a CSM in this time zone opens it."""
        csm = self.csm
        csm.tz = zone
        event = (
            self.env["calendar.event"]
            .with_user(csm)
            .with_context(tz=zone)
            .create(
                {
                    "name": "Review",
                    "partner_ids": [Command.set((self.ada | csm.partner_id).ids)],
                    **vals,
                }
            )
        )
        context = event.action_success_log()["context"]
        return Form(self.talks.with_user(csm).with_context(tz=zone, **context))

    def test_a_meeting_of_a_whole_day_is_on_that_day_and_asks_for_the_hours(self):
        for zone in (
            "Pacific/Honolulu",
            "Pacific/Auckland",
            "Pacific/Kiritimati",
            "Pacific/Pago_Pago",
            "Europe/Brussels",
            "UTC",
        ):
            for day, last in (("2026-06-10", "2026-06-10"), ("2025-12-31", "2026-01-01")):
                with self.subTest(zone=zone, day=day):
                    form = self._from_meeting(zone, allday=True, start_date=day, stop_date=last)
                    self.assertEqual((str(form.date), form.duration), (day, 0))
                    form.summary = "They agree"
                    talk = form.save()
                    with self.assertRaisesRegex(UserError, "enter the hours"):
                        talk.action_log()
                    talk.duration = 1.5
                    talk.action_log()
                    self.assertEqual((str(talk.date), talk.advice_hours), (day, 1.5))

    def test_a_meeting_at_an_hour_is_on_the_readers_day(self):
        for zone, start, day in (
            ("Pacific/Honolulu", "2026-06-10 09:30:00", "2026-06-09"),  # 23:30
            ("Pacific/Honolulu", "2026-06-10 10:30:00", "2026-06-10"),
            ("Pacific/Auckland", "2026-06-10 13:00:00", "2026-06-11"),
            ("Pacific/Auckland", "2026-01-01 11:30:00", "2026-01-02"),
            ("Europe/Brussels", "2025-12-31 23:30:00", "2026-01-01"),
            ("Europe/Brussels", "2026-03-28 23:30:00", "2026-03-29"),  # the night of summer time
            ("America/New_York", "2026-01-01 04:30:00", "2025-12-31"),
        ):
            with self.subTest(zone=zone, start=start):
                stop = start.replace(":30:00", ":45:00").replace(":00:00", ":15:00")
                form = self._from_meeting(zone, start=start, stop=stop)
                self.assertEqual((str(form.date), form.duration), (day, 0.25))

    def test_a_meeting_of_two_days_asks_for_the_hours(self):
        form = self._from_meeting("UTC", start="2026-06-09 09:00:00", stop="2026-06-10 17:00:00")
        self.assertEqual((str(form.date), form.duration), ("2026-06-09", 0))
        talk = form.save()
        with self.assertRaisesRegex(UserError, "enter the hours"):
            talk.action_log()

    def test_a_meeting_of_a_whole_day_was_planned_if_it_was_there_the_day_before(self):
        for zone, made, is_planned in (
            ("Pacific/Honolulu", "2026-06-10 09:00:00", True),  # 23:00 on the 9th
            ("Pacific/Honolulu", "2026-06-10 10:30:00", False),  # 0:30 on the 10th
            ("Pacific/Auckland", "2026-06-09 11:00:00", True),
            ("Pacific/Auckland", "2026-06-09 13:00:00", False),
        ):
            with self.subTest(zone=zone, made=made):
                form = self._from_meeting(
                    zone, allday=True, start_date="2026-06-10", stop_date="2026-06-10"
                )
                talk = form.save()
                self.env.cr.execute(
                    "UPDATE calendar_event SET create_date = %s WHERE id = %s",
                    [made, talk.event_id.id],
                )
                self.env.cr.execute(
                    "UPDATE customer_success_interaction SET create_date = %s WHERE id = %s",
                    ["2026-06-12 12:00:00", talk.id],
                )
                self.env.invalidate_all()
                self.assertEqual(bool(talk._planned_on()), is_planned)

    def test_from_an_activity_that_is_done_with_it(self):
        activity = self.ada.activity_schedule(
            "mail.mail_activity_data_call", summary="Ask Ada", user_id=self.csm.id
        )
        action = activity.with_user(self.csm).action_success_log()
        form = Form(self.talks.with_user(self.csm).with_context(**action["context"]))
        form.summary = "She agrees"
        talk = form.save()
        self.assertEqual((talk.partner_id, talk.contact_ids), (self.customer, self.ada))
        self.assertTrue(activity.active)
        talk.action_log()
        self.assertFalse(activity.active)
        self.assertEqual(activity.feedback, "She agrees")

    # -- the role guard -------------------------------------------------------------------------

    def test_what_is_not_a_csms_work_is_handed_on(self):
        handoff = self.env["customer.success.handoff"]
        handoff.create({"kind": "support", "user_id": self.sales.id, "email": "help@example.com"})
        talk = self._log(kind="support", summary="It <b>crashes</b>")
        talk.action_log()
        self.assertEqual(talk.handed_to, f"{self.sales.name}, help@example.com")
        activity = self.customer.activity_ids
        self.assertEqual(activity.user_id, self.sales)
        self.assertIn("Support", activity.summary)
        self.assertIn("&lt;b&gt;", activity.note)
        mail = self.env["mail.mail"].search([("email_to", "=", "help@example.com")])
        self.assertEqual(len(mail), 1)
        self.assertIn("&lt;b&gt;", mail.body_html)

    def test_time_that_leaked_never_counts_as_engagement(self):
        for kind, hours in (("advisory", 3), ("support", 1), ("internal", 2)):
            self._log(kind=kind, duration=hours, summary="They decided it").action_log()
        [line] = self.talks._read_group(
            [("partner_id", "=", self.customer.id)],
            ["user_id"],
            ["advice_hours:sum", "leaked_hours:sum", "advice_share:avg", "__count"],
        )
        self.assertEqual(line, (self.csm, 3, 1, 75, 3))

    def test_s48_advice_counts_as_engagement_and_support_does_not(self):
        """Advice moves the last conversation and the share of time; the same hours of support move neither up."""
        seen = self.customer.with_user(self.csm)
        support = self._log(kind="support", duration=2, summary="A login")
        support.action_log()
        seen.invalidate_recordset()
        self.assertFalse(seen.success_last_talk_date)
        advice = self._log(kind="advisory", duration=2, summary="What late orders cost them")
        advice.action_log()
        seen.invalidate_recordset()
        self.assertEqual(seen.success_last_talk_date, advice.date)
        [(share,)] = self.talks.with_user(self.manager)._read_group(
            [("partner_id", "=", self.customer.id)], [], ["advice_share:avg"]
        )
        self.assertEqual(share, 50)

    def test_the_share_of_time_is_weighed_by_hours(self):
        self._log(kind="review", duration=9, summary="They decided it").action_log()
        self._log(kind="training", duration=1).action_log()
        [(share,)] = self.talks._read_group([], [], ["advice_share:avg"])
        self.assertEqual(share, 90)

    def test_talks_inside_our_own_company_are_apart(self):
        talk = self.talks.with_user(self.csm).create(
            {"kind": "internal", "summary": "What customer success is for", "duration": 1}
        )
        talk.action_log()
        self.assertEqual((talk.advice_hours, talk.leaked_hours), (0, 0))
        self.assertFalse(talk.with_user(self.csm).is_leaked)
        other = self.env["res.users"].create(
            {
                "name": "Other CSM",
                "login": "other_csm",
                "group_ids": [
                    Command.set([self.env.ref("customer_success.group_success_user").id])
                ],
            }
        )
        self.assertFalse(talk.with_user(other).has_access("read"))

    def test_salespeople_do_not_read_conversations(self):
        self._log().action_log()
        with self.assertRaises(AccessError):
            self.talks.with_user(self.sales).search([])

    # -- skills ---------------------------------------------------------------------------------

    def test_skills_of_the_customer_and_of_the_csm(self):
        ratings = self.env["customer.success.skill.rating"].with_user(self.csm)
        theirs = self.env.ref("customer_success.customer_success_skill_sponsorship").id
        ours = self.env.ref("customer_success.customer_success_skill_asking").id
        rating = ratings.create(
            {"skill_id": theirs, "partner_id": self.customer.id, "rating": "2", "target": "5"}
        )
        self.assertEqual(rating.gap, 3)
        own = ratings.create({"skill_id": ours, "user_id": self.csm.id, "rating": "4"})
        self.assertEqual(own.gap, 0)
        for vals in (
            {"skill_id": theirs, "user_id": self.csm.id},
            {"skill_id": ours, "partner_id": self.customer.id},
            {"skill_id": theirs},
            {"skill_id": theirs, "partner_id": self.customer.id, "date": days(-9)},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError), self.cr.savepoint():
                ratings.create({"rating": "1", **vals})
        with self.assertRaises(AccessError):
            ratings.create({"skill_id": ours, "user_id": self.lead_csm.id, "rating": "1"})
        self.assertFalse(own.with_user(self.lead_csm).has_access("read"))
        self.assertTrue(own.with_user(self.manager).has_access("read"))

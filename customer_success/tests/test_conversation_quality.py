import warnings
from io import BytesIO
from unittest.mock import patch

from openpyxl import load_workbook
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import file_path

from .common import TODAY, SuccessCase, days

NOW = fields.Datetime.to_datetime(TODAY)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestConversationQuality(SuccessCase):
    """Quality and focus are asked in the act of logging; what left nothing behind counts nowhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.ada = cls._contact(cls.customer)
        cls.talks = cls.env["customer.success.interaction"].with_user(cls.csm)
        cls.startClassPatcher(patch.object(cls.env.cr, "now", lambda: NOW))

    def _talk(self, **vals):
        return self.talks.create(
            {
                "partner_id": self.customer.id,
                "contact_ids": self.ada.ids,
                "summary": "Managers ask for the sheet",
                "line_ids": False,
                **vals,
            }
        )

    def _dialog(self, talk):
        """Press Log on the form of a conversation, as the CSM."""
        action = talk.action_open_log()
        self.assertEqual(action["res_model"], "customer.success.log")
        return Form(
            self.env[action["res_model"]].with_user(self.csm).with_context(**action["context"])
        )

    def _held(self, **vals):
        talk = self._talk(**vals)
        talk.action_log()
        return talk

    def _tracked(self, talk):
        return talk.with_context(tracking_disable=False)

    def _noted(self):
        self.env.flush_all()
        self.cr.flush()

    def _averages(self, user=None):
        [row] = self.talks.with_user(user or self.csm)._read_group(
            [("partner_id", "=", self.customer.id)],
            [],
            ["quality_rating:avg", "focus_rating:avg", "feature_share:avg", "proactive_share:avg"],
        )
        return row

    # -- quality and focus ------------------------------------------------------------------------

    def test_s36_quality_is_asked_in_the_act_of_logging_and_averaged(self):
        dialog = self._dialog(self._talk())
        self.assertEqual(dialog.summary, "Managers ask for the sheet", "what was said is kept")
        dialog.quality, dialog.focus = "5", "4"
        dialog.save().action_log()
        self._held(quality="2")
        self._held()
        self.assertEqual(self._averages()[0], 3.5, "who did not rate is left out")
        self.assertEqual(self._averages(self.manager)[0], 3.5)
        grouped = self.talks._read_group(
            [("partner_id", "=", self.customer.id)],
            ["user_id", "partner_id", "date:month"],
            ["quality_rating:avg"],
        )
        self.assertEqual(grouped[0][3], 3.5)
        view = self.env.ref("customer_success.customer_success_interaction_view_pivot").arch
        self.assertIn('name="quality_rating" type="measure"', view)

    def test_s37_the_share_of_contacts_spent_on_features_is_known(self):
        for focus in ("1", "2", "3", "5", None):
            self._held(focus=focus)
        _quality, focus, features, _proactive = self._averages()
        self.assertEqual(focus, 2.75)
        self.assertEqual(features, 62.5, "two and a half of the four that were rated")
        about = self.talks.search([("feature_share", "=", 100)])
        self.assertEqual(set(about.mapped("focus")), {"1", "2"})

    def test_s37_the_workbook_shows_what_conversations_were_about(self):
        self._held(quality="4", focus="1")
        self._held(quality="1", focus="5")
        self._held()
        book = self._workbook("conversations", "time")
        rows = [[cell for cell in row if cell is not None] for row in book["Conversations"].values]
        self.assertEqual(len([row for row in rows if self.customer.name in row]), 3)
        [month] = [row for row in book["Time on advice"].values if row[0] == self.csm.name]
        self.assertEqual(month[2:9], (3, 3, 0, 0, 2.5, 3, 0.5))

    def test_s36_what_follows_conversations_is_measured(self):
        for ago, quality in ((200, "5"), (150, "1"), (40, "5")):
            self._held(quality=quality, date=days(ago))
        self._held(summary="-", date=days(150))
        self.env["customer.success.score.history"].create(
            [
                {"partner_id": self.customer.id, "date": days(ago), "health": health}
                for ago, health in ((210, 40), (140, 62), (90, 55), (20, 90))
            ]
        )
        book = self._workbook("conversations")
        heads = next(row for row in book["Conversations"].values if "Quality, 1 to 5" in row)
        at = {title: place for place, title in enumerate(heads)}
        changes = {
            row[at["Quality, 1 to 5"]]: row[at["Health, change in 90 days after"]]
            for row in book["Conversations"].values
            if row[0] == self.customer.name and row[at["Health, change in 90 days after"]]
        }
        self.assertEqual(
            changes, {5: 22, 1: 15}, "not yet known of the third, nothing of the empty"
        )

    def _workbook(self, *sheets):
        stream = BytesIO()
        self.env["customer.success.workbook"].with_user(self.manager)._write(
            stream, [("id", "=", self.customer.id)], list(sheets)
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl does not know all extensions
            return load_workbook(BytesIO(stream.getvalue()))

    def test_s48_advice_on_value_is_the_work_that_counts(self):
        self._held(kind="advisory", duration=2, summary="They count returns now")
        self._held(kind="support", duration=2)
        hours = self.talks._read_group([], [], ["advice_hours:sum", "advice_share:avg"])
        self.assertEqual(hours, [(2, 50)])
        self.assertEqual(self.customer.success_last_talk_date, TODAY)
        self.assertEqual(self.customer.success_interaction_count, 1)

    # -- cheats -----------------------------------------------------------------------------------

    def test_twenty_conversations_without_content_raise_nothing(self):
        self._answer(self.customer, date=days(40))
        self._rescore(self.customer)
        before = self.customer.success_health, self.customer.success_coverage
        for _number in range(20):
            self._held(summary=" - ", quality="5", focus="5")
        self._rescore(self.customer)
        self.assertEqual((self.customer.success_health, self.customer.success_coverage), before)
        self.assertEqual(self._averages(), (False,) * 4)
        self.assertFalse(self.customer.success_last_talk_date)
        self.assertEqual(self.customer.success_interaction_count, 0)
        hours = self.talks._read_group([], [], ["advice_hours:sum", "advice_share:avg"])
        self.assertEqual(hours, [(0, False)])
        empty = self.talks.search(
            [("is_advice", "=", True), ("state", "=", "held"), ("has_content", "=", False)]
        )
        self.assertEqual(len(empty), 20, "the filter finds them")

    def test_calls_of_one_minute_count_as_no_conversation(self):
        dialog = self._dialog(self._talk())
        self.assertFalse(dialog.is_empty)
        dialog.duration = 1 / 60
        self.assertTrue(dialog.is_empty, "it is said before it is logged")
        dialog.quality = "5"
        dialog.save().action_log()
        self.assertEqual(self._averages()[0], False)
        self.assertFalse(self.customer.success_last_talk_date)
        self._held(duration=5 / 60)
        self.assertEqual(self.customer.success_last_talk_date, TODAY)

    def test_reasons_for_not_asking_are_no_content(self):
        line = {"question_id": self.questions[0].id, "not_asked_reason": "No time"}
        self._held(summary=False, line_ids=[Command.create(line)])
        self.assertFalse(self.customer.success_last_talk_date)

    def test_answering_all_as_neutral_without_a_word_is_refused(self):
        lines = [
            Command.create({"question_id": question.id, "signal": "neutral"})
            for question in self.questions[:9]
        ]
        talk = self._talk(line_ids=lines)
        with self.assertRaisesRegex(ValidationError, "what they said"), self.cr.savepoint():
            talk.action_log()
        self.assertEqual(talk.state, "planned")
        with self.assertRaisesRegex(ValidationError, "what they said"), self.cr.savepoint():
            self.env["customer.success.answer"].with_user(self.csm).create(
                {
                    "partner_id": self.customer.id,
                    "question_id": self.questions[0].id,
                    "signal": "neutral",
                    "answer": " ",
                }
            )
        self._rescore(self.customer)
        self.assertEqual(self.customer.success_coverage, 0)

    # -- innocents --------------------------------------------------------------------------------

    def test_an_answer_alone_is_content(self):
        line = {"question_id": self.questions[0].id, "signal": "strength"}
        talk = self._talk(summary=False, line_ids=[Command.create(line)])
        self.assertFalse(self._dialog(talk).is_empty)
        talk.action_log()
        self.assertEqual(self.customer.success_last_talk_date, TODAY)

    def test_a_conversation_held_by_a_colleague_counts_for_the_customer(self):
        self.customer.success_user_id = self.lead_csm
        self.talks.with_user(self.lead_csm).create(
            {"partner_id": self.customer.id, "summary": "She stood in", "user_id": self.csm.id}
        ).action_log()
        self.assertEqual(self.customer.success_last_talk_date, TODAY)

    def test_who_was_on_leave_is_not_rated_by_the_months_without_conversations(self):
        self._held(quality="4", date=days(70))
        by_month = self.talks._read_group([], ["user_id", "date:month"], ["quality_rating:avg"])
        self.assertEqual([row[2] for row in by_month], [4.0])

    def test_a_customer_without_contacts_can_be_talked_with(self):
        lone = self._customer("Lone")
        dialog = self._dialog(self._talk(partner_id=lone.id, contact_ids=False))
        dialog.save().action_log()
        self.assertEqual(lone.success_last_talk_date, TODAY)

    # -- bad input --------------------------------------------------------------------------------

    @mute_logger("odoo.sql_db")
    def test_bad_input_is_refused_in_words(self):
        dialog = self._dialog(self._talk(contact_ids=False))
        with self.assertRaisesRegex(UserError, "Say with whom you talked"), self.cr.savepoint():
            dialog.save().action_log()
        with self.assertRaisesRegex(ValidationError, "in the future"), self.cr.savepoint():
            self._talk(date=days(-1)).action_log()
        for hours in (-1, 200):
            with self.assertRaisesRegex(IntegrityError, "check_duration"), self.cr.savepoint():
                self._talk(duration=hours)
                self.env.flush_all()
        for quality in ("0", "6", "good"):
            with self.assertRaisesRegex(ValueError, "Wrong value"), self.cr.savepoint():
                self._talk(quality=quality)

    def test_hours_of_a_held_conversation_stay_as_they_are(self):
        talk = self._held(duration=1)
        with self.assertRaisesRegex(UserError, "can no longer be changed"):
            talk.with_user(self.manager).duration = 30

    def test_a_rating_that_is_changed_later_is_noted(self):
        talk = self._held(quality="2")
        self._tracked(talk).quality = "5"
        self._noted()
        notes = talk.sudo().message_ids.tracking_value_ids.filtered(
            lambda note: note.field_id.name == "quality"
        )
        self.assertEqual(notes.mapped("new_value_char"), ["5 - They changed something"])

    # -- proactive --------------------------------------------------------------------------------

    def _event(self, made, start, **vals):
        with patch.object(self.env.cr, "now", lambda: fields.Datetime.to_datetime(made)):
            return (
                self.env["calendar.event"]
                .with_user(self.csm)
                .create({"name": "Review", "start": start, "stop": start, "duration": 1, **vals})
            )

    def test_s38_proactive_is_what_was_planned_before(self):
        day = days(5)
        self.assertFalse(self._held(date=day).proactive, "logged afterwards, nothing planned")
        planned = self._event(days(9), f"{day} 09:00:00")
        self.assertTrue(self._held(date=day, event_id=planned.id).proactive)
        afterwards = self._event(TODAY, f"{day} 09:00:00")
        self.assertFalse(self._held(date=day, event_id=afterwards.id).proactive)
        activity = self.customer.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.csm.id
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_activity SET create_date = %s WHERE id = %s", (days(8), activity.id)
        )
        activity.invalidate_recordset()
        talk = self._held(date=day, activity_id=activity.id)
        self.assertTrue(talk.proactive)
        self.assertEqual(talk.planned_on, days(8))
        self.assertEqual(self._averages()[3], 50, "two of four")

    def test_s38_a_conversation_that_was_prepared_before_its_day_is_proactive(self):
        talk = self._talk(date=days(-3))
        self.assertTrue(talk.proactive)
        talk.date = TODAY
        self.assertFalse(talk.proactive, "it is held on the day on which it was written down")

    def test_s38_a_correction_by_hand_is_kept_and_marked(self):
        talk = self._held(date=days(5))
        self.assertFalse(talk.proactive)
        self._tracked(talk).proactive_by_hand = "yes"
        self.assertTrue(talk.proactive)
        self._noted()
        noted = talk.sudo().message_ids.tracking_value_ids.mapped("field_id.name")
        self.assertIn("proactive_by_hand", noted)
        self.assertIn(talk, self.talks.search([("proactive_by_hand", "!=", False)]))
        talk.proactive_by_hand = False
        self.assertFalse(talk.proactive)
        other = self._talk(proactive=True)
        self.assertEqual(other.proactive_by_hand, "yes", "what a file says is marked as well")

    def test_an_upgrade_keeps_what_was_switched_off_and_derives_the_rest(self):
        day = days(5)
        planned = self._event(days(9), f"{day} 09:00:00")
        ticked, met, reactive = (
            self._held(),
            self._held(date=day, event_id=planned.id),
            self._held(),
        )
        talks = ticked + met + reactive
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE customer_success_interaction DROP proactive_by_hand")
        self.env.cr.execute(
            "UPDATE customer_success_interaction SET proactive = id <> %s WHERE id = ANY(%s)",
            (reactive.id, talks.ids),
        )
        self.env.cr.execute("UPDATE res_partner SET success_last_talk_date = NULL")
        for _run in range(2):
            for name in ("pre", "post"):
                path = file_path(f"customer_success/migrations/19.0.2.0.0/{name}-conversations.py")
                load_script(path, name).migrate(self.env.cr, "19.0.1.2.0")
            self.env.invalidate_all(flush=False)
            self.assertEqual(talks.mapped("proactive"), [False, True, False])
            self.assertEqual(talks.mapped("proactive_by_hand"), [False, False, "no"])
            self.assertEqual(self.customer.success_last_talk_date, TODAY)

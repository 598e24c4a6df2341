from contextlib import suppress
from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail

from ...models.outputs.customer_success_workbook_copy import CustomerSuccessWorkbookCopy
from ..common import TODAY
from .workbook_common import WorkbookCase, read

# TODAY is a Monday; the schedules below are due at 7:00 in Brussels, 5:00 UTC.
BEFORE, DUE, LATER = "2026-06-15 04:00:00", "2026-06-15 05:10:00", "2026-06-22 06:00:00"


@tagged("post_install", "-at_install")
class TestWorkbookSchedules(WorkbookCase, MockEmail):
    @classmethod
    @freeze_time(TODAY)
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.email = "manager@example.com"
        cls.csm.email = "csm@example.com"
        with freeze_time(BEFORE):
            cls.schedule = (
                cls.env["customer.success.workbook.schedule"]
                .with_user(cls.manager)
                .create(
                    {
                        "name": "Mondays",
                        "hour": 7.0,
                        "tz": "Europe/Brussels",
                        "recipient_ids": [(6, 0, (cls.manager | cls.csm).ids)],
                    }
                )
            )
        cls.env["customer.success.workbook.schedule"].search(
            [("id", "!=", cls.schedule.id)]
        ).active = False

    def _run(self, when=DUE):
        self.env.flush_all()
        with freeze_time(when), self.enter_registry_test_mode(), self.mock_mail_gateway():
            self.env.ref("customer_success.ir_cron_workbook_send").method_direct_trigger()
            self.mails = self._new_mails
        self.env.invalidate_all()

    def _deliveries(self):
        return self.env["customer.success.workbook.delivery"].search(
            [("schedule_id", "=", self.schedule.id)]
        )

    def _states(self):
        return {one.user_id: one.state for one in self._deliveries()}

    def test_it_is_due_at_its_hour_in_its_time_zone(self):
        self.assertEqual(self.schedule.next_date, datetime(2026, 6, 15, 5, 0))
        self._run(BEFORE)
        self.assertFalse(self._deliveries())
        with freeze_time(BEFORE):
            self.schedule.write({"weekday": "2", "hour": 18.5, "tz": "Asia/Tokyo"})
        self.assertEqual(self.schedule.next_date, datetime(2026, 6, 17, 9, 30))
        self.schedule.active = False
        self.assertFalse(self.schedule.next_date)

    def test_the_mail_goes_out_at_once_and_not_with_the_next_hour(self):
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", queue.id)])
        self._run(BEFORE)
        triggers = self.env["ir.cron.trigger"]
        self.assertEqual(triggers.search_count([("cron_id", "=", queue.id)]), before)
        self._run()
        self.assertEqual(triggers.search_count([("cron_id", "=", queue.id)]), before + 1)

    def test_without_a_time_zone_of_ones_own_it_is_that_of_the_schedule(self):
        self.csm.tz = False
        self.manager.tz = "Asia/Tokyo"
        self._run()
        for delivery in self._each(self._deliveries()):
            said = read(delivery.copy_id.attachment_id.raw)["Summary"]["A2"].value
            self.assertIn(delivery.user_id.tz or "Europe/Brussels", said)

    def test_it_is_of_the_company_of_the_schedule_first(self):
        other = self.env["res.company"].create({"name": "Aardvark", "sequence": -1})
        self.manager.company_ids += other
        self.schedule.company_ids = other + self.company
        self._run()
        copy = self._deliveries().filtered(lambda one: one.user_id == self.manager).copy_id
        self.assertEqual(copy.request["company_ids"], [self.company.id, other.id])
        self.schedule.company_id = other
        self._run(LATER)
        later = self._deliveries().filtered(lambda one: one.user_id == self.manager)[0].copy_id
        self.assertEqual(later.request["company_ids"], [other.id, self.company.id])
        self.assertEqual(later.series, copy.series)

    def test_each_recipient_gets_a_workbook_of_their_own_customers(self):
        self._run()
        self.assertEqual(self._states(), {self.manager: "queued", self.csm: "queued"})
        for delivery in self._each(self._deliveries()):
            mail = delivery.mail_id
            self.assertEqual(mail.recipient_ids, delivery.user_id.partner_id)
            book = read(mail.attachment_ids.raw)
            names = set(self._rows(book["Customers"]))
            self.assertIn("Risky", names)
            self.assertEqual(self.evil.name in names, delivery.user_id == self.manager)
            self.assertEqual(delivery.copy_id.user_id, delivery.user_id)
        self.assertEqual(self.schedule.next_date, datetime(2026, 6, 22, 5, 0))
        self.assertIn("Handed to Mail 2", self.schedule.last_text)

    def test_a_slot_is_sent_once_and_one_that_was_missed_is_caught_up(self):
        self._run()
        self._run()
        self.assertEqual(len(self._deliveries()), 2)
        self._run("2026-07-14 12:00:00")  # four weeks on: one workbook, not four
        self.assertEqual(len(self._deliveries()), 4)
        self.assertEqual(self.schedule.next_date, datetime(2026, 7, 20, 5, 0))

    def test_the_next_one_shows_what_changed(self):
        self._run()
        self._run(LATER)
        delivery = self._deliveries().filtered(lambda one: one.user_id == self.manager)[0]
        book = read(delivery.copy_id.attachment_id.raw)
        self.assertEqual(book["Summary"]["C5"].value, "On 06/15/2026")

    def test_who_has_no_right_or_no_mail_gets_nothing_and_the_schedule_says_so(self):
        self.csm.group_ids -= self.env.ref("base.group_allow_export")
        self.manager.email = False
        outsider = self._outsider()
        outsider.email = "outsider@example.com"
        self.lead_csm.email = "gone@example.com"
        self.lead_csm.group_ids += self.env.ref("base.group_allow_export")
        self.schedule.recipient_ids += outsider | self.lead_csm
        self.lead_csm.active = False
        self._run()
        self.assertEqual(set(self._states().values()), {"skipped"})
        said = {one.user_id: one.message for one in self._deliveries()}
        self.assertIn("no right to export", said[self.csm])
        self.assertIn("no mail address", said[self.manager])
        self.assertIn("does not belong", said[outsider])
        self.assertIn("no longer an active user", said[self.lead_csm])
        self.assertFalse(self.mails)
        self.assertFalse(self.env["customer.success.workbook.copy"].search([]))

    def test_a_large_one_is_mailed_as_a_link(self):
        self.env["ir.config_parameter"].set_param("customer_success.workbook_link_mb", 0)
        self._run()
        for delivery in self._each(self._deliveries()):
            self.assertFalse(delivery.mail_id.attachment_ids)
            self.assertIn(
                f"/odoo/success-workbooks/{delivery.copy_id.id}", delivery.mail_id.body_html
            )

    def test_sent_and_refused_are_recorded(self):
        self._run()
        first, second = self._deliveries()
        first.mail_id._postprocess_sent_message([], [])
        second.mail_id.write({"state": "exception", "failure_reason": "mailbox unavailable"})
        second.mail_id._postprocess_sent_message([], [], failure_type="unknown")
        self.assertEqual((first.state, second.state), ("sent", "refused"))
        self.assertEqual(second.message, "mailbox unavailable")

    def test_killed_between_two_recipients_it_goes_on_with_the_second(self):
        original = CustomerSuccessWorkbookCopy._make

        def make(copy):
            if copy.user_id == self.csm:
                raise KeyboardInterrupt
            original(copy)

        with patch.object(CustomerSuccessWorkbookCopy, "_make", make):
            for delivery in self._claimed():
                with suppress(KeyboardInterrupt), self.env.cr.savepoint():
                    delivery._deliver_or_fail()
        self.assertEqual(self._states(), {self.manager: "queued", self.csm: "due"})
        mail = self._deliveries().filtered(lambda one: one.user_id == self.manager).mail_id
        self._run()
        self.assertEqual(self._states(), {self.manager: "queued", self.csm: "queued"})
        self.assertEqual(
            self._deliveries().filtered(lambda one: one.user_id == self.manager).mail_id, mail
        )

    def _claimed(self):
        self.schedule.sudo()._claim(self.schedule.next_date)
        return self._deliveries()

    def test_what_stops_the_job_three_times_is_given_up(self):
        self._claimed().write({"tries": 3})
        self._run()
        self.assertEqual(set(self._states().values()), {"failed"})

    def test_a_bug_for_one_recipient_does_not_keep_the_other_waiting(self):
        original = CustomerSuccessWorkbookCopy._make

        def make(copy):
            if copy.user_id == self.csm:
                raise ValueError("bug")
            original(copy)

        logger = "odoo.addons.customer_success.models.outputs.customer_success_workbook_delivery"
        with patch.object(CustomerSuccessWorkbookCopy, "_make", make), mute_logger(logger):
            self._run()
        self.assertEqual(self._states(), {self.manager: "queued", self.csm: "failed"})
        copies = self.env["customer.success.workbook.copy"].search([])
        self.assertEqual(copies.user_id, self.manager)

    def test_send_now_is_beside_the_plan(self):
        due = self.schedule.next_date
        with freeze_time(BEFORE):
            self.schedule.action_send_now()
        self.assertEqual(self._states(), {self.manager: "due", self.csm: "due"})
        self.assertEqual(self.schedule.next_date, due)
        with freeze_time(DUE):
            self.schedule.action_send_now()
        self.assertEqual(len(self._deliveries()), 2)

    def test_names_in_a_mail_are_text(self):
        stage = self.stages["effective_use"]
        stage.name = "<b onclick='x'>Use</b>"
        self.schedule.write({"name": "<i>Book</i>", "stage_ids": stage.ids})
        self._run()
        for mail in self._each(self._deliveries().mail_id):
            self.assertIn("&lt;b onclick=", mail.body_html)
            self.assertNotIn("<b onclick", mail.body_html)

    def test_who_set_it_up_does_not_see_what_a_recipient_got(self):
        self._run()
        delivery = self._deliveries().filtered(lambda one: one.user_id == self.csm)
        copy = delivery.copy_id
        with self.assertRaises(AccessError):
            copy.with_user(self.manager).read(["figures"])
        with self.assertRaises(AccessError):
            delivery.with_user(self.manager).read(["copy_id"])
        with self.assertRaises(AccessError):
            copy.attachment_id.with_user(self.manager).read(["raw"])
        self.assertEqual(delivery.with_user(self.manager).state, "queued")

    def test_only_managers_of_the_company_set_schedules_up(self):
        schedules = self.env["customer.success.workbook.schedule"]
        for user in (self.csm, self.lead_csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                schedules.with_user(user).search([])
        self.assertNotIn(self.schedule, schedules.with_user(self._outsider()).search([]))
        with self.assertRaises(AccessError):
            self._claimed()[0].with_user(self.manager).write({"state": "sent"})

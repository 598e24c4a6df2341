from email.message import EmailMessage

from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools.misc import file_path

from .barrier_mail_common import BarrierMailCase
from .common import TODAY, days

# Headers of mails that machines send: absence notes, bounces, newsletters, lists, tickets
BY_MACHINES = (
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-generated",
    "Auto-Submitted: Auto-Notified; owner-email=x",
    "Precedence: bulk",
    "Precedence: list",
    "Precedence: Junk",
    "Precedence: auto_reply",
    "X-Autoreply: yes",
    "X-Autorespond: yes",
    "List-Id: News of the trade <news.example.com>",
    "List-Unsubscribe: <https://news.example.com/off>",
    "Return-Path: <>",
)
# Headers of mails that people send, also those who ask for no absence note in return
BY_PEOPLE = (
    "Auto-Submitted: no",
    "Precedence: first-class",
    "X-Auto-Response-Suppress: OOF",
    "X-Mailer: Automatic 2.0",
    "Importance: high",
    "Return-Path: <ada@acme.example.com>",
)
# Headings of forwarded mails, as mail programs write them
FORWARDED = (
    "---------- Forwarded message ---------<br>From: <b>Ada</b> &lt;ada@acme.example.com&gt;<br>To: ours@example.com",
    "<b>Von:</b> Ada &lt;Ada@Acme.example.com&gt;<br><b>Gesendet:</b> Montag<br><b>An:</b> carl@ours.example.com",
    "&gt; De : ada@acme.example.com<br>&gt; Envoyé : lundi<br>&gt; À : carl@ours.example.com",
    "差出人：Ada &lt;ada@acme.example.com&gt;",
    "Please look.<br>E-mail: carl@ours.example.com<br><br>From: Ada [mailto:ada@acme.example.com]",
)


@tagged("post_install", "-at_install")
class TestBarrierMail(BarrierMailCase):
    """The mail alias, which opens a barrier at the customer of the person who wrote, and of nobody else."""

    def test_a_mail_of_a_contact_opens_one_at_its_customer(self):
        barrier = self._mail("Ada <Ada@Acme.example.com>")
        self.assertEqual((barrier.partner_id, barrier.state), (self.customer, "potential"))
        self.assertEqual(barrier.user_id, self.csm)
        self.assertNotIn("<script>", barrier.message_ids[0].body)
        self.assertEqual(barrier.message_ids[0].author_id, self.ada)
        told = self._new_mails.recipient_ids
        self.assertEqual(told, self.csm.partner_id, "who wrote gets no answer, who follows is told")

    def test_what_people_send_opens_one(self):
        for number, header in enumerate(BY_PEOPLE):
            with self.subTest(header=header):
                self.assertTrue(self._mail("ada@acme.example.com", f"Sheets {number}", "x", header))

    # ------------------------------------------------------------------------------------------
    # Machines
    # ------------------------------------------------------------------------------------------

    def test_what_machines_send_opens_nothing_and_is_not_answered(self):
        for number, header in enumerate(BY_MACHINES):
            for sender in ("ada@acme.example.com", "eve@nowhere.example.com"):
                with self.subTest(header=header, sender=sender):
                    self.assertFalse(self._mail(sender, f"Absent {number}", "x", header))
                    # The CSM is told of what a contact may have written through a list.
                    told = self._new_mails.filtered(
                        lambda mail: mail.recipient_ids == self.csm.partner_id
                    )
                    self.assertFalse(self._new_mails - told)

    def test_an_absence_note_to_a_barrier_is_kept_as_a_note(self):
        barrier = self._mail()
        barrier.message_subscribe(self.ada.ids)
        asked = barrier.with_user(self.csm).message_post(
            body="Who decides?", subtype_xmlid="mail.mt_comment", message_type="comment"
        )
        reply = f"In-Reply-To: {asked.message_id}"
        self._mail(
            "ada@acme.example.com", "Absent", "Back in May", reply, "Auto-Submitted: auto-replied"
        )
        note = barrier.message_ids[0]
        self.assertIn("Back in May", note.body)
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse(self.barriers.search([("name", "=", "Absent")]))
        self._mail("ada@acme.example.com", "Re: Who decides?", "I do", reply)
        self.assertEqual(barrier.message_ids[0].subtype_id, self.env.ref("mail.mt_comment"))

    def _machines(self, reply):
        """Yield a name and the mail of each machine that replies to a barrier: subject, body, headers, type of content."""
        html = "text/html; charset=utf-8"
        yield (
            "newsletter",
            "News",
            "Read all of it",
            [reply, "List-Unsubscribe: <https://n.e/>"],
            html,
        )
        yield "bounce", "Undelivered", "No such user", [reply, "Return-Path: <>"], html
        calendar = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR"
        invited = "text/calendar; method=REPLY; charset=utf-8"
        yield "calendar", "Accepted: Who decides?", calendar, [reply], invited
        absent = "Ich bin bis 3. Juli nicht da."
        yield "German absence", "Abwesenheitsnotiz: Who decides?", absent, [reply], html
        away = [reply, "Auto-Submitted: auto-replied"]
        yield "absence", "Away", "Back in May", away, html

    def _assert_a_note(self, barrier, subject, body, headers, content):
        """Send a mail of a machine in reply to a barrier: it becomes one note, and nothing else happens."""
        before, state = barrier.message_ids, (barrier.state, barrier.is_open, barrier.active)
        opened = self.barriers.search_count([])
        self.assertFalse(
            self._mail("ada@acme.example.com", subject, body, *headers, content=content)
        )
        self.assertFalse(self._new_mails, "nobody is mailed")
        [note] = barrier.message_ids - before
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse(note.notified_partner_ids)
        self.assertEqual((barrier.state, barrier.is_open, barrier.active), state)
        self.assertEqual(self.barriers.search_count([]), opened)

    def _asked(self):
        """Return a barrier whose followers, a contact and a colleague, are asked, and the header of a reply to it."""
        barrier = self._mail()
        barrier.message_subscribe((self.ada | self.lead_csm.partner_id).ids)
        self.lead_csm.email = "lead@ours.example.com"
        asked = barrier.with_user(self.csm).message_post(
            body="Who decides?", subtype_xmlid="mail.mt_comment", message_type="comment"
        )
        return barrier, f"In-Reply-To: {asked.message_id}"

    def test_what_each_machine_replies_to_a_barrier_is_a_note(self):
        barrier, reply = self._asked()
        for name, *mail in self._machines(reply):
            with self.subTest(name):
                self._assert_a_note(barrier, *mail)

    def test_what_each_machine_replies_to_a_removed_barrier_is_a_note(self):
        barrier, reply = self._asked()
        barrier.sudo().write({"state": "removed"})
        for name, *mail in self._machines(reply):
            with self.subTest(name):
                self._assert_a_note(barrier, *mail)

    def test_innocent_what_a_person_replies_is_told_to_those_who_follow(self):
        barrier, reply = self._asked()
        self._mail("ada@acme.example.com", "Re: Who decides?", "I do", reply)
        self.assertEqual(barrier.message_ids[0].subtype_id, self.env.ref("mail.mt_comment"))
        self.assertIn(self.lead_csm.partner_id, barrier.message_ids[0].notified_partner_ids)

    def test_our_own_automatic_mails_say_that_they_are(self):
        self._mail("eve@nowhere.example.com")
        self.assertIn("auto-replied", self._new_mails.headers)
        self.ada.email = "ada@acme.example.com"
        self.env["customer.success.stakeholder"].create(
            {"partner_id": self.customer.id, "contact_id": self.ada.id, "role": "sponsor"}
        )
        with freeze_time(TODAY):
            barrier = self._barrier(self.customer, "3", date_opened=days(90))
            barrier.sudo().write(
                {"escalation": 1, "escalated_on": days(60), "waiting_since": days(80)}
            )
            self.env.flush_all()
            with self.mock_mail_gateway(), self.enter_registry_test_mode():
                self.env.ref("customer_success.ir_cron_barriers").method_direct_trigger()
        told = self._new_mails.filtered(lambda mail: self.ada in mail.recipient_ids)
        self.assertIn("auto-generated", told.headers)

    def test_what_a_person_writes_does_not_say_so(self):
        barrier = self._mail()
        with self.mock_mail_gateway():
            barrier.with_user(self.csm).message_notify(
                partner_ids=self.ada.ids, subject="Who decides?", body="You?"
            )
        self.assertTrue(self._new_mails)
        self.assertNotIn("Auto-Submitted", self._new_mails.headers or "")

    def test_a_loop_of_mails_ends(self):
        self.env["ir.config_parameter"].sudo().set_param("mail.gateway.loop.threshold", 5)
        for number in range(8):
            self._mail("ada@acme.example.com", f"Out of office {number}")
        opened = self.barriers.search_count([("partner_id", "=", self.customer.id)])
        self.assertEqual(opened, 5)

    # ------------------------------------------------------------------------------------------
    # Forwarded mails
    # ------------------------------------------------------------------------------------------

    def test_a_csm_forwards_what_a_customer_wrote(self):
        for number, heading in enumerate(FORWARDED):
            with self.subTest(heading=heading):
                barrier = self._mail("Carl <carl@ours.example.com>", f"Fwd {number}", heading)
                self.assertEqual(barrier.partner_id, self.customer)
                self.assertIn("Ada", barrier.evidence)
                self.assertIn("forwarded by Carl", barrier.evidence)
                self.assertEqual(barrier.message_ids[0].author_id, self.csm.partner_id)
                self.assertFalse(self._new_mails)

    def test_a_csm_forwards_a_mail_as_an_attachment(self):
        inside, outside = EmailMessage(), EmailMessage()
        inside["From"] = "Ada <ada@acme.example.com>"
        inside["Subject"] = "Sheets"
        inside.set_content("Every Friday")
        outside["From"] = "carl@ours.example.com"
        outside["To"] = self.address
        outside["Subject"] = "Fwd: Sheets"
        outside["Message-Id"] = "<attached@example.com>"
        outside.set_content("See what they wrote")
        outside.add_attachment(inside)
        self._process(outside.as_string())
        barrier = self.barriers.search([("name", "=", "Fwd: Sheets")])
        self.assertEqual(barrier.partner_id, self.customer)

    def test_a_csm_is_asked_which_customer_if_the_forwarded_sender_is_nobody(self):
        for number, text in enumerate(
            (
                "From: Eve &lt;eve@nowhere.example.com&gt;<br>To: ada@acme.example.com",
                "They print it all at Acme.",
                "",
            )
        ):
            with self.subTest(text=text):
                self.assertFalse(self._mail("carl@ours.example.com", f"Fwd {number}", text))
                self.assertIn("Which customer is this about?", self._new_mails.body_html)

    def test_a_stranger_cannot_forward_for_a_customer(self):
        self.assertFalse(self._mail("eve@nowhere.example.com", "Fwd", FORWARDED[0]))

    def test_a_customer_who_forwards_opens_one_at_the_own_company(self):
        other = self._contact(self._customer("Other"), "Ben")
        other.email = "ben@other.example.com"
        barrier = self._mail("ben@other.example.com", "Fwd", FORWARDED[0])
        self.assertEqual(barrier.partner_id, other.parent_id)

    # ------------------------------------------------------------------------------------------
    # Strangers
    # ------------------------------------------------------------------------------------------

    def test_the_answer_to_a_stranger_does_not_say_who_is_a_customer(self):
        self.env["res.partner"].create({"name": "P", "email": "p@prospect.example.com"})
        answers = []
        for sender in ("eve@nowhere.example.com", "P <p@prospect.example.com>"):
            self.assertFalse(self._mail(sender))
            self.assertEqual(len(self._new_mails), 1)
            answers.append(str(self._new_mails.body_html))
            self.assertIn("registered senders", answers[-1])
            self.assertNotIn("customer", answers[-1].split("blockquote")[0].lower())
        self.assertEqual(*(answer.split("<blockquote")[0] for answer in answers))

    def _strangers(self):
        """Yield the addresses of people whom we know, and who are no contacts of a customer that we follow now."""
        people = self.env["res.partner"]
        former = self._contact(self._customer("Was lost"), "Finn")
        self._renewal(
            former.parent_id,
            outcome="churned",
            date_outcome=days(30),
            date_renewal=days(30),
            reason_id=self.env["customer.success.renewal.reason"]
            .search([("outcome", "=", "churned")], limit=1)
            .id,
        )
        self.assertTrue(former.parent_id.success_former_date)
        archived = self._contact(self._customer("Archived"), "Gus")
        archived.parent_id.action_archive()
        stopped = self._contact(self._customer("Stopped"), "Hal")
        stopped.parent_id.action_success_stop()
        left = self._contact(self.customer, "Ida")
        left.active = False
        known = people.create({"name": "Jo"})
        supplier = self._contact(people.create({"name": "Supplier", "is_company": True}), "Kim")
        gone = self._customer("Customer and company archived")
        both = self._contact(gone, "Lea")
        gone.action_success_stop()
        (gone | both).active = False
        for number, person in enumerate((former, archived, stopped, left, known, supplier, both)):
            person.email = f"known{number}@example.com"
            yield person.name, person.email

    @freeze_time(TODAY)
    def test_whom_we_know_without_following_gets_the_answer_of_a_stranger(self):
        answers = {}
        for name, sender in [("a stranger", "eve@nowhere.example.com"), *self._strangers()]:
            with self.subTest(name):
                self.assertFalse(self._mail(sender, "They want sheets", "Every Friday"))
                self.assertEqual(len(self._new_mails), 1)
                mail = self._new_mails
                answers[name] = (mail.subject, str(mail.body_html), mail.headers)
        self.assertEqual(set(answers.values()), {answers["a stranger"]})

    @freeze_time(TODAY)
    def test_innocent_a_contact_of_a_customer_that_is_back_opens_one(self):
        stopped = self._contact(self._customer("Stopped"), "Hal")
        stopped.email = "hal@stopped.example.com"
        customer = stopped.parent_id
        customer.action_success_stop()
        self.assertFalse(self._mail(stopped.email, "Sheets then"))
        customer.success_stage_id = self.stages["effective_use"]
        self.assertEqual(self._mail(stopped.email, "Sheets now").partner_id, customer)

    def test_the_former_answer_is_replaced_unless_somebody_wrote_another_one(self):
        alias = self.env.ref("customer_success.mail_alias_barrier")
        path = file_path("customer_success/migrations/19.0.2.0.0/post-alias-reply.py")
        script = load_script(path, "post_alias_reply")
        alias.alias_bounced_content = (
            "<p>Your address is not known to us as that of a customer.</p>"
        )
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.assertIn("registered senders", alias.alias_bounced_content)
        alias.alias_bounced_content = "<p>Call us</p>"
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.assertEqual(str(alias.alias_bounced_content), "<p>Call us</p>")

from odoo.tests import new_test_user, tagged

from .barrier_mail_common import BarrierMailCase

ADA = "Ada &lt;ada@acme.example.com&gt;"
BOB = "bob@globex.example.com"
CARL = "Carl <carl@ours.example.com>"
# Forwarded mails of Ada: lines of the text
OF_ADA = (
    ("Hi, mail of Ada.", f"Cc me: {BOB} said so, too", "", f"From: {ADA}"),
    ("E-Mail: info@agency.example.com", "", f"From: {ADA}"),
    (f"On Mon, {ADA} wrote:", "&gt; We print it all"),
    (f"Am Mo., 15. Juni 2026 um 10:00 Uhr schrieb {ADA}:", "We print it all"),
    # Ten others
    (f"Le lun. 15 juin 2026 à 10:00, {ADA} a écrit :", "Nous imprimons"),
    (f"2026年6月15日(月) 10:00 {ADA}:", "印刷しています"),
    ("On Mon, 15 Jun 2026 at 10:00, Ada Lovelace", "&lt;ada@acme.example.com&gt; wrote:", "x"),
    ("Subject: Sheets", "Date: Mon, 15 Jun 2026", f"From: {ADA}", f"To: {BOB}"),
    (f"<b>Von:</b> {ADA}", "<b>Gesendet:</b> Montag", f"<b>An:</b> {BOB}", f"<b>Cc:</b> {BOB}"),
    (f"Från: {ADA}", "Skickat: måndag", f"Till: {BOB}"),
    (f"Gửi bởi: {ADA}", "Ngày: 15/6", f"Đến: {BOB}", "Chủ đề: Sheets"),
    ("From: Carl &lt;carl@ours.example.com&gt;", f"To: {BOB}", "", "I agree", "", f"From: {ADA}"),
    (f"From: noreply@saas.example.com on behalf of {ADA}", f"To: {BOB}"),
    ("Best regards", "Carl", "Tel: 123", f"Mail: {BOB}", "Web: x", "", f"发件人：{ADA}"),
)
# Forwarded mails whose sender is not known by address, though an address of a customer stands in them
OF_NOBODY = (
    ("From: Ada Lovelace", "Sent: Monday", "To: Carl (ours)", f"Cc: {BOB}", "Subject: Sheets"),
    ("From: Ada Lovelace &lt;/O=EXCHANGE/CN=ADA&gt;", f"To: {BOB}"),
    ("Von: Ada Lovelace", f"An: {BOB}; carl@ours.example.com"),
    ("From: Eve (Consultant)", "To: ours", f"Cc: {BOB}"),
    ("From: ticketing@saas.example.com", f"Reply-To: {ADA}", "text"),
    # Ten others
    ("From: Eve &lt;eve@nowhere.example.com&gt;", f"Bcc: {BOB}"),
    (f"They told {BOB} that they print it all.",),
    (f"Best regards<br>Carl<br>Mail: {BOB}<br>Tel: 123<br>Fax: 4",),
    (f"To: {BOB}",),
    (f"On Mon, Eve &lt;eve@nowhere.example.com&gt; wrote:<br>&gt; From: {BOB}",),
    (f"From: Eve &lt;eve@nowhere.example.com&gt;<br>To: Carl<br><br>On 15 June 2026 {ADA} wrote:",),
    ("From:", f"To: {BOB}"),
    (f"Please ask {BOB}:",),
    (f"Kopie: {BOB}",),
    (f"差出人：Ada<br>宛先：{BOB}",),
)


@tagged("post_install", "-at_install")
class TestForwardedMail(BarrierMailCase):
    """A forwarded mail is of the person who wrote it; if that is not certain, somebody is asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.globex = cls._customer("Globex")
        cls.bob = cls._contact(cls.globex, "Bob")
        cls.bob.email = BOB

    def _forward(self, number, *lines):
        return self._mail(CARL, f"Fwd {number}", "<br>".join(lines))

    def _share(self, *customers):
        for customer in customers:
            self._contact(customer, "Office").email = "office@group.example.com"

    def test_it_is_of_the_sender_in_the_heading(self):
        for number, lines in enumerate(OF_ADA):
            with self.subTest(lines=lines):
                barrier = self._forward(number, *lines)
                self.assertEqual(barrier.partner_id, self.customer)
                self.assertIn("Ada", barrier.evidence)
                self.assertFalse(self._new_mails)

    def test_a_sender_without_a_known_address_is_asked_about(self):
        for number, lines in enumerate(OF_NOBODY):
            with self.subTest(lines=lines):
                self.assertFalse(self._forward(number, *lines))
                self.assertIn("Which customer is this about?", self._new_mails.body_html)
        self.assertFalse(self.globex.success_barrier_ids)

    def test_an_address_of_two_customers_is_asked_about(self):
        self._share(self.customer, self.globex)
        self.assertFalse(self._forward(1, "From: office@group.example.com"))
        self.assertIn("fits several customers", self._new_mails.body_html)
        self.assertIn("Globex", self._new_mails.body_html)

    def test_a_mail_of_an_address_of_two_customers_goes_to_those_who_follow_them(self):
        self._share(self.customer, self.globex)
        other = new_test_user(
            self.env,
            "other_csm",
            groups="customer_success.group_success_user",
            email="o@ours.example.com",
        )
        self.globex.success_user_id = other
        self.assertFalse(
            self._mail("office@group.example.com", "We stop", "Every <script>x</script> day")
        )
        mails = self._new_mails
        self.assertEqual(mails.recipient_ids, (self.csm | other).partner_id)
        self.assertIn("belongs to several customers", mails[0].body_html)
        self.assertIn("We stop", mails[0].subject)
        self.assertIn("Every", mails[0].body_html)
        self.assertNotIn("<script>", mails[0].body_html)
        self.assertIn("auto-generated", mails[0].headers)

    def test_a_forward_of_a_forward_is_of_the_one_who_wrote_to_us(self):
        inner = f"From: {ADA}<br>To: eve@agency.example.com"
        self.assertFalse(self._forward(1, "From: eve@agency.example.com<br>To: Carl<br>", inner))
        self.assertFalse(
            self._forward(2, f"From: {BOB}<br>To: Carl<br>", inner), "either may be meant"
        )
        self.assertIn("fits several customers", self._new_mails.body_html)

    # -- innocents ------------------------------------------------------------------------------

    def test_a_thread_of_two_people_of_one_customer_is_of_the_last_one(self):
        self._contact(self.customer, "Ben").email = "ben@acme.example.com"
        barrier = self._forward(
            1, "From: ben@acme.example.com<br>To: Carl<br>", f"On Mon, {ADA} wrote:"
        )
        self.assertIn("Ben", barrier.evidence)

    def test_a_colleague_who_forwarded_it_first_by_name_only_is_passed_over(self):
        new_test_user(self.env, "cora", name="Cora Jones", groups="base.group_user")
        barrier = self._forward(
            1, "From: Cora Jones<br>Sent: Monday<br>To: Carl<br>", f"From: {ADA}"
        )
        self.assertEqual(barrier.partner_id, self.customer)

    def test_two_contacts_of_one_customer_with_one_address_are_one_customer(self):
        self._share(self.customer, self.customer)
        self.assertTrue(self._forward(1, "From: office@group.example.com"))
        self.assertTrue(self._mail("office@group.example.com", "Direct", "x"))

    # -- cheats ---------------------------------------------------------------------------------

    def test_a_customer_does_not_open_one_at_another_customer(self):
        barrier = self._mail(BOB, "Fwd", f"From: {ADA}")
        self.assertEqual(barrier.partner_id, self.globex)

    def test_a_stranger_with_the_name_of_a_colleague_is_a_stranger(self):
        lines = ("From: Carl &lt;carl@nowhere.example.com&gt;<br>To: x<br>", f"From: {ADA}")
        self.assertFalse(self._forward(1, *lines))

    def test_a_long_line_is_read_in_no_time(self):
        self.assertFalse(self._forward(1, "*" * 200_000 + "x@" + "a" * 200_000 + ":"))

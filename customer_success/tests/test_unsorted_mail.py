from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .barrier_mail_common import BarrierMailCase

OFFICE = "office@group.example.com"


@tagged("post_install", "-at_install")
class TestUnsortedMail(BarrierMailCase):
    """A mail of a person who is a contact at several customers: kept apart until somebody says whose it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.globex = cls._customer("Globex")
        cls.other = new_test_user(
            cls.env,
            "other_csm",
            groups="customer_success.group_success_user",
            email="o@ours.example.com",
        )
        cls.globex.success_user_id = cls.other
        for customer in (cls.customer, cls.globex):
            cls._contact(customer, "Connie Consultant").email = OFFICE
        cls.kept = cls.env["customer.success.unsorted.mail"]

    def _sent(self, subject="We stop", *headers, **kwargs):
        self.assertFalse(
            self._mail(OFFICE, subject, "Every <script>x</script> day", *headers, **kwargs)
        )
        return self.kept.search([("name", "=", subject)])

    def test_it_waits_marked_with_both_and_asks_both_csms(self):
        mail = self._sent()
        self.assertEqual(mail.customer_ids, self.customer | self.globex)
        self.assertEqual(mail.state, "open")
        self.assertNotIn("<script>", mail.body)
        self.assertEqual(mail.activity_ids.user_id, self.csm | self.other)
        for user in (self.csm, self.other):
            self.assertEqual(self.kept.with_user(user).search([]), mail)

    def test_the_csm_chooses_and_the_barrier_has_the_mail(self):
        mail = self._sent().with_user(self.other)
        with self.assertRaisesRegex(UserError, "Choose the customer"):
            mail.action_open_barrier()
        mail.partner_id = self.globex
        opened = mail.action_open_barrier()
        barrier = self.barriers.browse(opened["res_id"])
        self.assertEqual((barrier.partner_id, barrier.name), (self.globex, "We stop"))
        self.assertEqual((barrier.state, barrier.user_id), ("potential", self.other))
        self.assertIn("Connie", barrier.evidence)
        [message] = barrier.message_ids.filtered(lambda one: one.message_type == "email")
        self.assertEqual(message.author_id.parent_id, self.globex)
        self.assertIn("Every", message.body)
        self.assertFalse(mail.sudo().activity_ids, "nobody is asked any more")
        with self.assertRaisesRegex(UserError, "sorted already"):
            mail.action_put_aside()

    def test_what_is_no_barrier_is_put_aside(self):
        mail = self._sent().with_user(self.csm)
        mail.action_put_aside()
        self.assertEqual(mail.state, "aside")
        self.assertFalse(mail.sudo().activity_ids)
        self.assertFalse(self.customer.success_barrier_ids | self.globex.success_barrier_ids)

    def test_cheat_another_customer_cannot_be_chosen(self):
        mail = self._sent().with_user(self.csm)
        mail.partner_id = self._customer("Initech")
        with self.assertRaisesRegex(UserError, "no contact with this address"):
            mail.action_open_barrier()

    def test_cheat_the_mail_itself_stays_as_it_was_sent(self):
        mail = self._sent().with_user(self.csm)
        mail.write({"body": "All is well", "state": "aside", "customer_ids": [(5,)]})
        self.assertIn("Every", mail.body)
        self.assertEqual((mail.state, len(mail.sudo().customer_ids)), ("open", 2))

    def test_wrong_persons_do_not_read_it(self):
        self._sent()
        stranger = new_test_user(
            self.env, "third_csm", groups="customer_success.group_success_user"
        )
        self.assertFalse(self.kept.with_user(stranger).search([]))
        for groups in ("base.group_user", "sales_team.group_sale_salesman", "base.group_portal"):
            outsider = new_test_user(self.env, f"out_{groups}", groups=groups)
            with self.subTest(groups), self.assertRaises(AccessError):
                self.kept.with_user(outsider).search([])

    def test_a_mail_that_is_fetched_twice_is_kept_once(self):
        self._sent()
        self._sent()
        self.assertEqual(self.kept.search_count([]), 1)

    def test_a_mail_through_a_list_is_kept_as_well(self):
        mail = self._sent("News of the group", "List-Id: Talk <talk.example.com>")
        self.assertEqual(mail.customer_ids, self.customer | self.globex)

    def test_a_name_that_is_markup_stays_text_in_the_activity(self):
        sender = f'"<a href=https://evil.example.com>here</a>" <{OFFICE}>'
        self.assertFalse(self._mail(sender, "We stop"))
        note = self.kept.search([("name", "=", "We stop")]).activity_ids[:1].note
        self.assertNotIn("<a ", note)

    def test_a_sender_in_a_loop_fills_no_list(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "3")
        for number in range(6):
            self._mail(OFFICE, f"Loop {number}")
        self.assertEqual(self.kept.search_count([]), 3)

    def test_when_the_customers_are_merged_there_is_nothing_to_choose(self):
        mail = self._sent()
        mail.sudo().customer_ids = self.customer
        mail.with_user(self.csm).action_open_barrier()
        self.assertEqual(mail.barrier_id.partner_id, self.customer)

    def test_erasing_the_contact_erases_what_they_wrote(self):
        mail = self._sent()
        mail.contact_ids[:1]._success_let_go()
        self.assertFalse(mail.exists())

    def test_a_customer_that_nobody_follows_has_a_manager_asked(self):
        self.globex.success_user_id = False
        mail = self._sent()
        self.assertIn(self.csm, mail.activity_ids.user_id)
        self.assertTrue(
            (mail.activity_ids.user_id - self.csm).has_group(
                "customer_success.group_success_manager"
            )
        )

    # -- innocents ------------------------------------------------------------------------------

    def test_innocent_two_contacts_of_one_customer_open_one(self):
        self._contact(self.customer, "Ada again").email = "ada@acme.example.com"
        self.assertEqual(self._mail().partner_id, self.customer)
        self.assertFalse(self.kept.search([]))

    def test_innocent_a_customer_that_is_not_followed_leaves_no_choice(self):
        self.globex.action_success_stop()
        self.assertEqual(self._mail(OFFICE, "We stop").partner_id, self.customer)

    def test_innocent_an_absence_note_is_not_kept(self):
        self.assertFalse(self._sent("Absent", "Auto-Submitted: auto-replied"))

from odoo.tests import new_test_user, tagged

from .barrier_mail_common import BarrierMailCase

COMMENT = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}


@tagged("post_install", "-at_install")
class TestNobodyInCharge(BarrierMailCase):
    """The news of a customer that nobody follows is told to a manager, through whichever door it comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.success_user_id = False
        cls.manager.email = "mia@ours.example.com"
        cls.asked = cls.customer._success_in_charge()

    def test_it_is_a_manager(self):
        self.assertTrue(self.asked.has_group("customer_success.group_success_manager"))
        self.assertFalse(self.asked.share)

    def test_a_mail_opens_a_barrier_that_a_manager_is_asked_about(self):
        barrier = self._mail()
        self.assertEqual(barrier.partner_id, self.customer)
        self.assertFalse(barrier.user_id)
        self.assertEqual(barrier.activity_ids.user_id, self.asked)
        self.assertIn("Acme", barrier.activity_ids.note)

    def test_a_mail_through_a_list_is_told_to_a_manager(self):
        self.assertFalse(
            self._mail("ada@acme.example.com", "News", "x", "List-Id: <n.example.com>")
        )
        self.assertEqual(self._new_mails.recipient_ids, self.asked.partner_id)

    def test_what_a_customer_writes_in_the_portal_is_told_to_a_manager(self):
        barrier = self._barrier(self.customer, is_shared=True, user_id=False)
        barrier.message_unsubscribe(barrier.message_partner_ids.ids)
        portal = new_test_user(self.env, "ada_portal", groups="base.group_portal")
        portal.partner_id.parent_id = self.customer
        message = barrier.with_user(portal).sudo().message_post(body="Who decides?", **COMMENT)
        self.assertEqual(message.notified_partner_ids, self.asked.partner_id)

    def test_the_answer_of_a_contact_by_mail_is_told_to_a_manager(self):
        barrier = self._barrier(self.customer, user_id=False)
        barrier.message_unsubscribe(barrier.message_partner_ids.ids)
        message = barrier.message_post(
            body="I do",
            message_type="email",
            author_id=self.ada.id,
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(message.notified_partner_ids, self.asked.partner_id)

    # -- innocents ------------------------------------------------------------------------------

    def test_innocent_a_manager_is_left_alone_where_somebody_follows(self):
        self.customer.success_user_id = self.csm
        barrier = self._mail()
        self.assertFalse(barrier.activity_ids)
        self.assertEqual(self.customer._success_in_charge(), self.csm)
        message = barrier.message_post(
            body="I do",
            message_type="email",
            author_id=self.ada.id,
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(message.notified_partner_ids, self.csm.partner_id)

    def test_innocent_what_we_write_ourselves_is_told_to_nobody_else(self):
        barrier = self._barrier(self.customer, user_id=False)
        barrier.message_unsubscribe(barrier.message_partner_ids.ids)
        message = barrier.with_user(self.lead_csm).message_post(body="Look", **COMMENT)
        self.assertNotIn(self.asked.partner_id, message.notified_partner_ids)

    def test_innocent_a_note_is_told_to_nobody(self):
        barrier = self._barrier(self.customer, user_id=False)
        barrier.message_unsubscribe(barrier.message_partner_ids.ids)
        message = barrier.message_post(
            body="Away", author_id=self.ada.id, subtype_xmlid="mail.mt_note"
        )
        self.assertFalse(message.notified_partner_ids)

    # -- who is asked ---------------------------------------------------------------------------

    def test_a_csm_who_has_left_is_not_asked(self):
        self.customer.success_user_id = self.csm
        self.csm.active = False
        self.assertEqual(self.customer._success_in_charge(), self.asked)

    def test_the_managers_of_the_customer_s_company_come_first(self):
        company = self.env["res.company"].create({"name": "Branch"})
        local = new_test_user(
            self.env,
            "local_manager",
            groups="customer_success.group_success_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.customer.company_id = company
        self.assertEqual(self.customer._success_in_charge(), local)

    def test_who_is_nearer_to_the_matter_comes_first(self):
        self.assertEqual(self.customer._success_in_charge(self.lead_csm), self.lead_csm)
        self.lead_csm.active = False
        self.assertEqual(self.customer._success_in_charge(self.lead_csm), self.asked)

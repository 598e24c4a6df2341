from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .portal_common import SCRIPT, PortalCase


@tagged("post_install", "-at_install")
class TestPortalSharing(PortalCase):
    """The sharing of records by the CSM: share, notify by mail, revoke."""

    def _links(self, record):
        messages = self.env["mail.message"].search(
            [("model", "=", record._name), ("res_id", "=", record.id)]
        )
        return messages.filtered(lambda m: m.message_type == "user_notification")

    def test_a_csm_shares_and_each_contact_gets_a_link_of_their_own(self):
        contacts = self.owner.partner_id + self.colleague.partner_id
        self._share(
            self.kept,
            contact_ids=contacts.ids,
            share_until=fields.Date.today() + timedelta(days=9),
            message=f"Please look{SCRIPT}",
        )
        self.assertTrue(self.kept.is_shared)
        self.assertEqual(self.kept.shared_by_id, self.csm)
        mails = self._links(self.kept)
        self.assertEqual(mails.partner_ids, contacts)
        self.assertEqual(len(mails), 2)
        for mail in mails:
            self.assertNotIn("<script", str(mail.body))
            [link] = html.fromstring(str(mail.body)).xpath("//a/@href")
            self.assertIn(f"pid={mail.partner_ids.id}", link)
            self._as(None)
            page = self.url_open(link)
            self.assertEqual(page.status_code, 200)
            self.assertIn(f'data-pid="{mail.partner_ids.id}"', page.text)
        self.assertIn("Link sent to", str(self.kept.message_ids.mapped("body")))

    def test_sharing_refuses_in_words(self):
        for vals, words in (
            ({"contact_ids": self.stranger.partner_id.ids}, "do not belong"),
            ({"contact_ids": self._contact(self.acme, "Mute").ids}, "is unknown"),
            ({"share_until": fields.Date.today() - timedelta(days=3)}, "has passed"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self._share(self.kept, **vals)
        self.assertFalse(self.kept.is_shared)

    def test_a_csm_shares_own_customers_only(self):
        self.rival.success_user_id = self.lead_csm
        with self.assertRaises(AccessError):
            self._share(self.others)
        with self.assertRaises(AccessError):
            self.others.with_user(self.csm).action_unshare()
        with self.assertRaises(AccessError):
            self.barrier.with_user(self.sales).action_share()

    def test_stopping_ends_the_mails_too(self):
        self.barrier.message_subscribe((self.owner.partner_id + self.csm.partner_id).ids)
        self.barrier.with_user(self.csm).action_unshare()
        self.assertNotIn(self.owner.partner_id, self.barrier.message_partner_ids)
        self.assertIn(self.csm.partner_id, self.barrier.message_partner_ids)

    def test_copies_are_not_shared(self):
        copy = self.barrier.copy()
        self.assertFalse(copy.is_shared or copy.access_token or copy.shared_by_id)

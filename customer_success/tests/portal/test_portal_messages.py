from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tests.common import JsonRpcException

from .portal_common import SCRIPT, PortalCase


@tagged("post_install", "-at_install")
class TestPortalMessages(PortalCase):
    """The messages of a record, in the portal's own chatter."""

    def _comment(self, record, body="Hello", **access):
        return self._rpc(
            "/mail/message/post",
            thread_model=record._name,
            thread_id=record.id,
            post_data={
                "body": body,
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
            },
            **access,
        )

    def _bodies(self, record, **access):
        found = self._rpc(
            "/mail/chatter_fetch",
            thread_model=record._name,
            thread_id=record.id,
            fetch_params={},
            **access,
        )
        return str(found["data"]["mail.message"])

    def test_comments_are_by_who_is_logged_in(self):
        token = self.barrier._portal_ensure_token()
        self._as(self.owner)
        self._comment(self.barrier, f"Yes{SCRIPT}", token=token)
        [message] = self._messages(self.barrier)
        self.assertEqual(message.author_id, self.owner.partner_id)
        self.assertNotIn("<script", str(message.body))
        self.assertIn("Yes", self._bodies(self.barrier, token=token))

    def test_a_visitor_comments_as_whom_the_link_was_sent_to(self):
        contact = self.colleague.partner_id
        token = self.barrier._portal_ensure_token()
        sent = self.barrier._sign_token(contact.id)
        self._as(None)
        page = self._by_link(self.barrier, contact)
        self.assertIn(f'data-pid="{contact.id}"', page.text)
        self._comment(self.barrier, token=token, hash=sent, pid=contact.id)
        self.assertEqual(self._messages(self.barrier).author_id, contact)
        forged = self._page(
            self.barrier, access_token=token, pid=self.owner.partner_id.id, hash=sent
        )
        self.assertNotIn("data-pid", forged.text)
        for nonsense in ({"pid": "x", "hash": "y"}, {"pid": "%C2%B2", "hash": "%C3%A9"}):
            page = self._page(self.barrier, access_token=token, **nonsense)
            self.assertEqual(page.status_code, 200)

    def test_notes_and_our_side_stay_with_us(self):
        token = self.barrier._portal_ensure_token()
        self.barrier._message_log(body="Secret note")
        said = "Seen by all"
        self.barrier.message_post(
            body=said, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.barrier.activity_schedule("mail.mail_activity_data_todo", summary="Secret activity")
        self.env["ir.attachment"].create(
            {"name": "secret.txt", "res_model": self.barrier._name, "res_id": self.barrier.id}
        )
        wanted = ["activities", "followers", "attachments", "scheduledMessages"]
        params = {
            "thread_model": self.barrier._name,
            "thread_id": self.barrier.id,
            "request_list": wanted,
            "access_params": {"token": token},
        }
        for user in (None, self.owner, self.stranger):
            self._as(user)
            bodies = self._bodies(self.barrier, token=token)
            self.assertIn("Seen by all", bodies)
            self.assertNotIn("Secret", bodies)
            data = str(self._rpc("/mail/data", fetch_params=[["mail.thread", params]]))
            self.assertNotIn("ecret", data)
            self.assertNotIn("mail.followers", data)

    def test_comments_end_with_sharing(self):
        token = self.barrier._portal_ensure_token()
        sent = self.barrier._sign_token(self.owner.partner_id.id)
        self.kept._portal_ensure_token()
        self.barrier.share_until = fields.Date.today() - timedelta(days=2)
        for user in (None, self.owner):
            self._as(user)
            for record, access in (
                (self.barrier, {"token": token}),
                (self.barrier, {"hash": sent, "pid": self.owner.partner_id.id}),
                (self.kept, {"token": self.kept.access_token}),
                (self.others, {"token": token}),
                (self.objective, {"token": "é"}),
            ):
                with (
                    self.subTest(user=user, record=record.name),
                    self.assertRaises(JsonRpcException),
                ):
                    self._comment(record, **access)
                self.assertFalse(self._messages(record))

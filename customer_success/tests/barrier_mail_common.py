from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .common import SuccessCase


class BarrierMailCase(SuccessCase, MailCommon):
    """A customer with a contact, Ada, a CSM with an address, Carl, and the address that opens barriers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.ada = cls._contact(cls.customer, "Ada")
        cls.ada.email = "ada@acme.example.com"
        cls.csm.email = "carl@ours.example.com"
        cls.barriers = cls.env["customer.success.barrier"]
        shipped = cls.env.ref("customer_success.mail_alias_barrier")
        cls.alias = shipped.copy(
            {"alias_name": "obstacles", "alias_domain_id": cls.mail_alias_domain.id}
        )
        cls.address = cls.alias.alias_full_name

    def _process(self, message):
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, message)

    def _mail(
        self,
        sender="ada@acme.example.com",
        subject="They want sheets",
        body="Every <script>x</script> Friday",
        *headers,
        content="text/html; charset=utf-8",
    ):
        lines = [
            f"From: {sender}",
            f"To: {self.address}",
            f"Subject: {subject}",
            f"Message-Id: <{hash((sender, subject, body, headers))}@example.com>",
            *headers,
            f"Content-Type: {content}",
        ]
        self._process("\r\n".join(lines) + f"\r\n\r\n<p>{body}</p>")
        return self.barriers.search([("name", "=", subject)])

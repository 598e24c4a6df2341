from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Take the address off a conversation whose mail to it could not be sent: nobody received it."""
        talks = self.env["customer.success.interaction"].sudo()
        for mail in self.sudo().filtered(lambda mail: mail.model == talks._name):
            talk = talks.browse(mail.res_id).exists()
            if talk.handed_to and (failure_type or mail.state == "exception"):
                talk._not_received(mail.email_to, failure_reason or mail.failure_reason)
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

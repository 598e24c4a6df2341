from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Record on the delivery of a workbook whether its mail was sent, before the mail is deleted."""
        deliveries = self.env["customer.success.workbook.delivery"].sudo()
        for delivery in deliveries.search([("mail_id", "in", self.ids)]):
            reason = failure_reason or delivery.mail_id.failure_reason
            if failure_type or delivery.mail_id.state == "exception":
                delivery.write({"state": "refused", "message": reason or failure_type})
            else:
                delivery.write({"state": "sent", "message": False})
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

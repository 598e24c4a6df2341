from odoo import models, tools

from .automatic_mail import is_automatic, is_by_group, is_by_list_only, written_by

# Headers of RFC 3834, and the one with which Exchange can be told to send no reply; a machine that reads them is silent.
SENT_BY_MACHINE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
ANSWERED_BY_MACHINE = {**SENT_BY_MACHINE, "Auto-Submitted": "auto-replied"}


class MailThread(models.AbstractModel):
    """Mails of machines: those of others open and answer nothing here, and ours say that they are."""

    _inherit = "mail.thread"

    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        """Keep an automatic reply to one of our records as a note; accept no other automatic mail for our records."""
        model, thread_id = route[:2]
        if (model or "").startswith("customer.success."):
            text = tools.html2plaintext(message_dict.get("body") or "", include_references=False)
            if is_automatic(message, text):
                if not thread_id:
                    if is_by_list_only(message, text):
                        self.env[model]._success_tell_list_mail(message_dict)
                    return ()
                # Odoo tells the author of the message that was answered of a note, if it knows which one that was.
                message_dict["is_internal"] = True
                message_dict.pop("parent_id", None)
            elif is_by_group(message):
                self._read_group_mail(message, message_dict)
        return super()._routing_check_route(message, message_dict, route, raise_exception)

    def _success_tell_list_mail(self, message_dict):
        """Tell of a mail through a list that opens nothing, though a person may have written it; wings extend it."""

    def _read_group_mail(self, message, message_dict):
        """Take the person who wrote for the sender of a mail that a group sent on in its own name."""
        author = written_by(message)
        if author and tools.email_normalize(author):
            message_dict.update(email_from=author, author_id=False)

    def _routing_create_bounce_email(self, email_from, body_html, message, **mail_values):
        if self.env.context.get("success_answered_by_machine"):
            mail_values["headers"] = repr(ANSWERED_BY_MACHINE)
        return super()._routing_create_bounce_email(email_from, body_html, message, **mail_values)

    def _notify_by_email_get_base_mail_values(
        self, message, recipients_data, additional_values=None
    ):
        """Mark what we send without a person as automatic, so that absence notes do not reply to it."""
        if self._in_success_job() or self.env.context.get("success_answered_by_machine"):
            values = dict(additional_values or {})
            values["headers"] = {**(values.get("headers") or {}), **SENT_BY_MACHINE}
            additional_values = values
        return super()._notify_by_email_get_base_mail_values(
            message, recipients_data, additional_values=additional_values
        )

    def _in_success_job(self):
        """Return True in a job of ours: one that we or a wing ship, also on a model of Odoo's, or one on a model of ours."""
        job = self.env["ir.cron"].sudo().browse(self.env.context.get("cron_id"))
        if not job:
            return False
        ours = job.get_external_id()[job.id].startswith("customer_success")
        return ours or (job.model_id.model or "").startswith("customer.success.")

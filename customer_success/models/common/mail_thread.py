from odoo import models

# Headers of RFC 3834, and the one with which Exchange can be told to send no reply; a machine that reads them is silent.
SENT_BY_MACHINE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
ANSWERED_BY_MACHINE = {**SENT_BY_MACHINE, "Auto-Submitted": "auto-replied"}
# Values of "Precedence" that machines give to their mails; people's mails have none, or "first-class".
BULK = ("bulk", "junk", "list", "auto_reply")
MACHINE_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "List-Id", "List-Unsubscribe")


def is_automatic(message):
    """Return True if the headers of a mail say that a machine has sent it: an absence note, a newsletter, a bounce.

    ``message`` is an :class:`email.message.EmailMessage`.

    >>> from email import message_from_string
    >>> [is_automatic(message_from_string(f"{header}\\n\\nText")) for header in (
    ...     "Auto-Submitted: auto-replied", "Auto-Submitted: no", "Precedence: Bulk",
    ...     "X-Autoreply: yes", "List-Id: <news.example.com>", "Return-Path: <>", "Subject: Out of order")]
    [True, False, True, True, True, True, False]
    """
    said = str(message.get("Auto-Submitted") or "no").split(";")[0].strip().lower()
    return (
        said != "no"
        or str(message.get("Precedence") or "").strip().lower() in BULK
        or str(message.get("Return-Path") or "").strip() == "<>"
        or any(message.get(header) for header in MACHINE_HEADERS)
    )


class MailThread(models.AbstractModel):
    """Mails of machines: those of others open and answer nothing here, and ours say that they are."""

    _inherit = "mail.thread"

    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        """Keep an automatic reply to one of our records as a note; accept no other automatic mail for our records."""
        model, thread_id = route[:2]
        if (model or "").startswith("customer.success.") and is_automatic(message):
            if not thread_id:
                return ()
            message_dict["is_internal"] = True
        return super()._routing_check_route(message, message_dict, route, raise_exception)

    def _routing_create_bounce_email(self, email_from, body_html, message, **mail_values):
        if self.env.context.get("success_answered_by_machine"):
            mail_values["headers"] = repr(ANSWERED_BY_MACHINE)
        return super()._routing_create_bounce_email(email_from, body_html, message, **mail_values)

    def _notify_by_email_get_base_mail_values(
        self, message, recipients_data, additional_values=None
    ):
        """Mark what a scheduled action of ours sends as automatic, so that absence notes do not reply to it."""
        if self._in_success_job():
            values = dict(additional_values or {})
            values["headers"] = {**(values.get("headers") or {}), **SENT_BY_MACHINE}
            additional_values = values
        return super()._notify_by_email_get_base_mail_values(
            message, recipients_data, additional_values=additional_values
        )

    def _in_success_job(self):
        job = self.env["ir.cron"].sudo().browse(self.env.context.get("cron_id"))
        return bool(job) and job.model_id.model.startswith("customer.success.")

from markupsafe import Markup

from odoo import models, tools


class MailAlias(models.Model):
    """Replies to mails that open no barrier: strangers learn nothing, our own people are asked for the customer."""

    _inherit = "mail.alias"

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        """Say in the headers of the reply that a machine has written it."""
        if self.alias_model_id.model.startswith("customer.success."):
            self = self.with_context(success_answered_by_machine=True)
        return super()._alias_bounce_incoming_email(message, message_dict, set_invalid)

    def _get_alias_bounced_body(self, message_dict):
        barriers = self.env["customer.success.barrier"]
        sender = tools.email_normalize(message_dict.get("email_from") or "")
        if self.alias_model_id.model != barriers._name or not barriers._is_ours(sender):
            return super()._get_alias_bounced_body(message_dict)
        question = self.env._(
            "Which customer is this about? The mail names no sender who is a contact of a customer that we follow. "
            "Add the address to a contact of the customer and forward the mail again, or raise the barrier on the "
            "customer's form."
        )
        return self.env["ir.qweb"]._render(
            "mail.mail_bounce_alias_security",
            {"body": Markup("<p>%s</p>") % question, "message": message_dict},
            minimal_qcontext=True,
        )

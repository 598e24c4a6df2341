from markupsafe import Markup

from odoo import models, tools

from ..common.automatic_mail import is_by_group


class MailAlias(models.Model):
    """Replies to mails that open no barrier: strangers learn nothing, our own people are asked for the customer."""

    _inherit = "mail.alias"

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        """Say in the headers of the reply that a machine has written it; reply to no group.

        To a contact of several customers nothing is said: the mail waits until somebody chooses the customer.
        """
        if not self.alias_model_id.model.startswith("customer.success."):
            return super()._alias_bounce_incoming_email(message, message_dict, set_invalid)
        self = self.with_context(success_answered_by_machine=True)
        contacts = self._contacts_of(message_dict)
        if len(contacts.commercial_partner_id) > 1 and not self._is_of_ours(message_dict):
            self.env["customer.success.unsorted.mail"]._keep(message_dict, contacts)
            return None
        if is_by_group(message):
            return None
        return super()._alias_bounce_incoming_email(message, message_dict, set_invalid)

    def _contacts_of(self, message_dict):
        """Return the contacts who may have written a mail to the barriers' alias."""
        barriers = self.env["customer.success.barrier"]
        if self.alias_model_id.model != barriers._name:
            return self.env["res.partner"]
        return barriers._contacts_of_mail(message_dict)

    def _is_of_ours(self, message_dict):
        sender = tools.email_normalize(message_dict.get("email_from") or "")
        return self.env["customer.success.barrier"]._is_ours(sender)

    def _get_alias_bounced_body(self, message_dict):
        barriers = self.env["customer.success.barrier"]
        if self.alias_model_id.model != barriers._name or not self._is_of_ours(message_dict):
            return super()._get_alias_bounced_body(message_dict)
        customers = self._contacts_of(message_dict).commercial_partner_id
        if len(customers) > 1:
            question = self.env._(
                "Which customer is this about? The mail fits several customers: %s. Raise the barrier on the "
                "customer's form.",
                ", ".join(customers.mapped("display_name")),
            )
        else:
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

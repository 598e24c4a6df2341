import re
from email.message import EmailMessage

from odoo import api, models, tools

from odoo.addons.mail.tools.alias_error import AliasError

# The first line of a forwarded mail's heading: a label in any language, then the address of its sender.
SENDER_LINE = re.compile(r"^[\s>*_]*[^\s:：@][^:：@]{0,24}[*_]*[:：][\s*_]*(.*@.*)$", re.MULTILINE)


def forwarded_from(body, attachments=()):
    """Return the addresses that may be of the sender of a forwarded mail, the likeliest first.

    A mail that is forwarded as an attachment has a sender of its own. In a text, each mail program puts the heading of
    the forwarded mail above it, sender first.

    >>> forwarded_from("<p>See below</p><p>Von: Ada &lt;Ada@acme.example&gt;<br>An: me@ours.example</p>")
    ['ada@acme.example', 'me@ours.example']
    >>> forwarded_from("<p>They told me at 12:30 that they print it all.</p>")
    []
    """
    inside = [str(part[1]["From"]) for part in attachments if isinstance(part[1], EmailMessage)]
    lines = SENDER_LINE.findall(tools.html2plaintext(body or "", include_references=False))
    found = [
        address.lower() for text in [*inside, *lines] for address in tools.email_split(text)[:1]
    ]
    return list(dict.fromkeys(found))


class CustomerSuccessBarrier(models.Model):
    """The creation of barriers by mail: a mail to the alias opens a barrier at the sender's customer.

    A mail of the customer that one of our own people forwards opens it at the customer of the forwarded sender.
    """

    _inherit = "customer.success.barrier"

    @api.model
    def _customer_of_mail(self, message_dict):
        """Return the contact who wrote and its customer, both in sudo; empty records if the address is unknown."""
        address = tools.email_normalize(message_dict.get("email_from") or "")
        contact, customer = self._customer_of_address(address)
        if not customer and self._is_ours(address):
            for forwarded in forwarded_from(
                message_dict.get("body"), message_dict.get("attachments") or ()
            ):
                if not self._is_ours(forwarded):
                    return self._customer_of_address(forwarded)
        return contact, customer

    @api.model
    def _customer_of_address(self, address):
        partners = self.env["res.partner"].sudo()
        found = address and partners.search([("email_normalized", "=", address)])
        for contact in found or partners:
            customer = contact.commercial_partner_id
            if customer.success_is_followed:
                return contact, customer
        return partners, partners

    @api.model
    def _is_ours(self, address):
        """Return True if the address is of one of our users, or of an alias."""
        if not address:
            return False
        users = self.env["res.users"].sudo()
        is_user = [("email_normalized", "=", address), ("share", "=", False)]
        is_alias = [("alias_full_name", "=", address)]
        return bool(
            users.search_count(is_user, limit=1)
            or self.env["mail.alias"].sudo().search_count(is_alias, limit=1)
        )

    def _alias_get_error(self, message, message_dict, alias):
        """Refuse a mail that belongs to no customer; the alias replies to it."""
        if not self._customer_of_mail(message_dict)[1]:
            return AliasError("error_success_unknown", self.env._("The mail is of no customer."))
        return super()._alias_get_error(message, message_dict, alias)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        contact, customer = self._customer_of_mail(msg_dict)
        address = tools.email_normalize(msg_dict.get("email_from") or "")
        evidence = (
            self.env._("By mail from %s", contact.display_name)
            if contact.email_normalized == address
            else self.env._(
                "By mail from %(contact)s, forwarded by %(sender)s",
                contact=contact.display_name,
                sender=tools.parse_contact_from_email(msg_dict["email_from"])[0] or address,
            )
        )
        values = {
            **(custom_values or {}),
            "name": msg_dict.get("subject") or self.env._("A mail without a subject"),
            "partner_id": customer.id,
            "user_id": customer.success_user_id.id,
            "evidence": evidence,
            "state": "potential",
        }
        return super().message_new(msg_dict, custom_values=values)

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        """Return the domain of the barriers that this sender's mails have just opened: many of them mean a loop."""
        return [
            ("message_ids.message_type", "=", "email"),
            ("message_ids.author_id.email_normalized", "=", email_from_normalized),
        ]

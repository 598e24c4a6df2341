from markupsafe import Markup

from odoo import api, models, tools

from odoo.addons.mail.tools.alias_error import AliasError

from .forwarded_mail import forwarded_senders


class CustomerSuccessBarrier(models.Model):
    """The creation of barriers by mail: a mail to the alias opens a barrier at the sender's customer.

    A mail of the customer that one of our own people forwards opens it at the customer of the forwarded sender.
    """

    _inherit = "customer.success.barrier"

    @api.model
    def _contacts_of_mail(self, message_dict):
        """Return the contacts who may have written a mail, the likeliest first, in sudo; those of one customer decide."""
        address = tools.email_normalize(message_dict.get("email_from") or "")
        contacts = self._contacts_of_addresses([address])
        if not contacts and self._is_ours(address):
            return self._contacts_of_forward(message_dict)
        return contacts

    @api.model
    def _contacts_of_forward(self, message_dict):
        """Return the contacts who wrote the mails that one of our people forwards.

        Whoever wrote the outermost mail that is not ours must be known: a name without an address is nobody.
        """
        senders = forwarded_senders(message_dict.get("body"), message_dict.get("attachments") or ())
        ours = self._ours(
            [address for sender in senders for address in sender.addresses],
            [sender.name for sender in senders if not sender.addresses],
        )
        theirs = [
            [address for address in sender.addresses if address not in ours]
            for sender in senders
            if not ours.issuperset(sender.addresses or [sender.name])
        ]
        contacts = self._contacts_of_addresses([address for some in theirs for address in some])
        outermost = contacts.filtered(lambda contact: contact.email_normalized in theirs[0])
        return outermost and outermost | contacts

    @api.model
    def _contacts_of_addresses(self, addresses):
        """Return the contacts of followed customers who have one of these addresses, in sudo."""
        partners = self.env["res.partner"].sudo()
        addresses = [address for address in addresses if address]
        found = addresses and partners.search([("email_normalized", "in", addresses)])
        return (found or partners).filtered("commercial_partner_id.success_is_followed")

    @api.model
    def _ours(self, addresses, names=()):
        """Return those of the addresses and names that are of our users, our companies, or aliases of ours."""
        env = self.env(su=True)
        addresses = [address for address in addresses if address]
        if not addresses and not names:
            return set()
        wanted = ["|", ("email_normalized", "in", addresses), ("name", "in", list(names))]
        users = env["res.users"].search([("share", "=", False), *wanted])
        companies = env["res.company"].search([("partner_id.email_normalized", "in", addresses)])
        aliases = env["mail.alias"].search([("alias_full_name", "in", addresses)])
        sending = ["catchall_email", "bounce_email", "default_from_email"]
        domains = env["mail.alias.domain"].search_fetch([], sending)
        found = {
            *users.mapped("email_normalized"),
            *users.mapped("name"),
            *companies.partner_id.mapped("email_normalized"),
            *aliases.mapped("alias_full_name"),
            *(domain[name] for domain in domains for name in sending),
        }
        return found.intersection([*addresses, *names])

    @api.model
    def _is_ours(self, address):
        """Return True if the address is of one of our users, or of an alias."""
        return bool(self._ours([address]))

    def _alias_get_error(self, message, message_dict, alias):
        """Refuse a mail that belongs to no customer, or to several; the alias replies to it, or asks."""
        customers = self._contacts_of_mail(message_dict).commercial_partner_id
        if not customers:
            return AliasError("error_success_unknown", self.env._("The mail is of no customer."))
        if len(customers) > 1:
            return AliasError(
                "error_success_several", self.env._("The mail may be of several customers.")
            )
        return super()._alias_get_error(message, message_dict, alias)

    @api.model
    def _success_tell_list_mail(self, message_dict):
        """Keep the mail of a known contact through a list as a note on the customer, and tell who follows it."""
        address = tools.email_normalize(message_dict.get("email_from") or "")
        contacts = self._contacts_of_addresses([address])
        customer = contacts.commercial_partner_id
        if len(customer) > 1:
            self.env["customer.success.unsorted.mail"]._keep(message_dict, contacts)
        if len(customer) != 1:
            return
        told = self.env._(
            "A mail of %(contact)s came through a list, so it opened no barrier. If it names one, raise it here.",
            contact=contacts[0].display_name,
        )
        customer.with_context(success_answered_by_machine=True).message_post(
            body=Markup("<p>%s</p><blockquote>%s</blockquote>")
            % (told, Markup(tools.html_sanitize(message_dict.get("body") or ""))),
            subject=message_dict.get("subject") or self.env._("A mail without a subject"),
            author_id=contacts[0].id,
            partner_ids=customer._success_in_charge().partner_id.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        contact = self._contacts_of_mail(msg_dict)[:1]
        customer = contact.commercial_partner_id
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
            "user_id": customer.success_user_id.filtered("active").id,
            "evidence": evidence,
            "state": "potential",
        }
        barrier = super().message_new(msg_dict, custom_values=values)
        if not barrier.user_id:
            barrier._ask_for_follower()
        return barrier

    def _ask_for_follower(self):
        """Ask a manager to find somebody for a barrier at a customer that nobody follows."""
        manager = self.partner_id._success_in_charge()
        if manager:
            self.with_context(lang=manager.lang or self.env.lang).activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=manager.id,
                summary=self.env._("Find somebody to look after this barrier"),
                note=self.env._(
                    "It came by mail, and nobody follows %s. Set the CSM of the customer, or follow the barrier yourself.",
                    self.partner_id.display_name,
                ),
            )

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        """Return the domain of the barriers that this sender's mails have just opened: many of them mean a loop."""
        return [
            ("message_ids.message_type", "=", "email"),
            ("message_ids.author_id.email_normalized", "=", email_from_normalized),
        ]

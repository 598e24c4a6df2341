from odoo import api, models, tools

from odoo.addons.mail.tools.alias_error import AliasError


class CustomerSuccessBarrier(models.Model):
    """The creation of barriers by mail: a mail to the alias opens a barrier at the sender's customer."""

    _inherit = "customer.success.barrier"

    @api.model
    def _customer_of_mail(self, message_dict):
        """Return the sender's contact and customer, both in sudo; empty records if the address is unknown."""
        partners = self.env["res.partner"].sudo()
        address = tools.email_normalize(message_dict.get("email_from") or "")
        found = address and partners.search([("email_normalized", "=", address)])
        for contact in found or partners:
            customer = contact.commercial_partner_id
            if customer.success_stage_id and customer.active:
                return contact, customer
        return partners, partners

    def _alias_get_error(self, message, message_dict, alias):
        """Reply that the sender is not a known contact; do not create a barrier."""
        if not self._customer_of_mail(message_dict)[1]:
            return AliasError(
                "error_success_unknown",
                self.env._(
                    "Your address is not known to us as that of a customer. Please write to your contact."
                ),
            )
        return super()._alias_get_error(message, message_dict, alias)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        contact, customer = self._customer_of_mail(msg_dict)
        values = {
            **(custom_values or {}),
            "name": msg_dict.get("subject") or self.env._("A mail without a subject"),
            "partner_id": customer.id,
            "user_id": customer.success_user_id.id,
            "evidence": self.env._("By mail from %s", contact.display_name),
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

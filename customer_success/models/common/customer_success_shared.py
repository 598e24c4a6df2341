import uuid

from odoo import api, fields, models
from odoo.tools import consteq, plaintext2html


class CustomerSuccessShared(models.AbstractModel):
    """A record about a customer that the CSM may share with the people of the customer.

    Portal users have no access to the models of this addon. They see shared records only through the
    controllers of the portal, which call ``_is_open_to`` first and read the fields of their pages in sudo. A
    link in a mail has the token of the record. When sharing ends, the record gets another token, so that old
    links stop working.
    """

    _name = "customer.success.shared"
    _inherit = ["customer.success.turn", "portal.mixin", "mail.thread"]
    _description = "Shared with a Customer"

    # The ``PortalKind`` of the model, which defines how the portal shows it.
    _portal_kind = None

    is_shared = fields.Boolean(
        "Shared",
        copy=False,
        tracking=True,
        help="The people of the customer see it in their portal, with its messages but without internal notes.",
    )
    share_until = fields.Date(
        "Shared Until", copy=False, help="Leave it empty to share without an end date."
    )
    shared_by_id = fields.Many2one("res.users", copy=False, readonly=True)

    def _compute_access_url(self):
        for record in self:
            record.access_url = f"/my/success/{self._portal_kind.path}/{record.id}"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("is_shared"):
                vals.setdefault("shared_by_id", self.env.uid)
        return super().create(vals_list)

    def write(self, vals):
        # A record that moves to another customer is not shared with that customer.
        moved = (
            self.filtered(lambda r: r.is_shared and r.partner_id.id != vals["partner_id"])
            if "partner_id" in vals
            else self.browse()
        )
        ended = self.filtered("is_shared") if vals.get("is_shared") is False else self.browse()
        if vals.get("is_shared"):
            vals = {"shared_by_id": self.env.uid, **vals}
        if "share_until" in vals or vals.get("is_shared"):
            # Links that had expired stay invalid when the record is shared again.
            today = fields.Date.context_today(self)
            for record in self.filtered(lambda r: r.share_until and r.share_until < today):
                super(CustomerSuccessShared, record).write({"access_token": str(uuid.uuid4())})
        result = super().write(vals)
        for record in moved | ended:
            super(CustomerSuccessShared, record).write(
                {
                    "is_shared": False,
                    "share_until": False,
                    "shared_by_id": False,
                    "access_token": str(uuid.uuid4()),
                }
            )
        return result

    # -- access of the customer ---------------------------------------------------------------

    @api.model
    def _shared_domain(self, customer):
        """Return the domain of the records that are shared with ``customer`` today."""
        return fields.Domain(
            [
                ("is_shared", "=", True),
                ("partner_id", "=", customer.commercial_partner_id.id),
                "|",
                ("share_until", "=", False),
                ("share_until", ">=", fields.Date.context_today(self)),
            ]
        )

    def _is_shared_now(self):
        self.ensure_one()
        until = self.share_until
        is_active = "active" not in self._fields or self.active
        return bool(
            self.is_shared and is_active and (not until or until >= fields.Date.context_today(self))
        )

    def _is_open_to(self, partner, token=None):
        """Return whether ``partner``, the logged-in person, or a visitor with ``token`` may see the record."""
        record = self.sudo()
        if not record._is_shared_now():
            return False
        customer = record.partner_id.commercial_partner_id
        if partner and partner.sudo().commercial_partner_id == customer:
            return True
        # Compare bytes, because consteq raises for text that is not ASCII.
        return bool(
            token
            and record.access_token
            and consteq(record.access_token.encode(), str(token).encode())
        )

    # -- actions of the customer --------------------------------------------------------------

    def _portal_offers(self, contact):
        """Return the names of the actions that ``contact``, a person at the customer, may take now.

        This is the only list of what the portal may change: pages show it, and posted actions are checked
        against it.
        """
        self.ensure_one()
        return set()

    def _portal_ask(self):
        """Return the text of what the customer is asked to do now, or an empty text."""
        self.ensure_one()
        return ""

    def _portal_unit(self, name):
        """Return what is written behind the number that was posted in an input."""
        return ""

    def _portal_message(self, text, **kwargs):
        """Post a message that the customer sees as well, in the name of the logged-in user; return it."""
        return self.message_post(
            body=plaintext2html(text),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **kwargs,
        )

    # -- messages of the customer -------------------------------------------------------------

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        """Tell who is in charge what the customer writes, by mail or in the portal, if nobody of ours follows the record."""
        if self._is_unheard(message):
            told = self.partner_id._success_in_charge().partner_id
            message.partner_ids |= told
            msg_vals = dict(msg_vals or {}, partner_ids=message.partner_ids.ids)
        return super()._notify_thread(message, msg_vals=msg_vals, **kwargs)

    def _is_unheard(self, message):
        """Return True for words of a person who is not ours, on a record that nobody of ours follows."""
        if not self or message.subtype_id != self.env.ref("mail.mt_comment"):
            return False

        def of_ours(partners):
            return partners.sudo().user_ids.filtered(lambda user: user.active and not user.share)

        return not of_ours(message.author_id) and not of_ours(
            self.message_partner_ids | message.partner_ids
        )

    # -- chatter of the portal ----------------------------------------------------------------

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):  # pylint: disable=redefined-builtin
        """Let a token open the messages only as long as it opens the record; ignore malformed tokens."""
        record = self.sudo().browse(thread_id).exists()
        is_open = bool(record) and record._is_shared_now() and bool(record.access_token)
        if not is_open or not (isinstance(token, str) and token.isascii()):
            token = None
        if not is_open or not (
            isinstance(hash, str) and hash.isascii() and str(pid).isascii() and str(pid).isdigit()
        ):
            hash = pid = None
        return super()._get_thread_with_access(thread_id, hash=hash, pid=pid, token=token, **kwargs)

    def _thread_to_store(self, store, fields, *, request_list=None):
        """Return only the name of the record to portal users.

        With a token Odoo would also return activities, followers and all files, which are internal.
        """
        if request_list is not None and not self.env.user._is_internal():
            request_list = [name for name in request_list if name == "display_name"]
        return super()._thread_to_store(store, fields, request_list=request_list)

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """Remove the button to the portal from mails about records that are not shared."""
        groups = super()._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        if self and not all(record.sudo()._is_shared_now() for record in self):
            for name, _is_in_group, options in groups:
                if name in ("portal", "portal_customer"):
                    options["has_button_access"] = False
        return groups

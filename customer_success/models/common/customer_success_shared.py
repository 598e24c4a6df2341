import uuid

from odoo import api, fields, models
from odoo.tools import consteq, plaintext2html


class CustomerSuccessShared(models.AbstractModel):
    """A record about a customer that the CSM may show to the customer's people, one by one.

    Portal users have no access to our models. What is shared reaches them through the portal's
    controllers only, which ask ``_is_open_to`` first and read in sudo what their pages name. A link from
    a mail carries the record's token; sharing that ends gives it another token, so old links die.
    """

    _name = "customer.success.shared"
    _inherit = ["customer.success.open", "portal.mixin", "mail.thread"]
    _description = "Shared with a Customer"

    # Of each model: the ``PortalKind`` that says how the portal shows it.
    _portal_kind = None

    is_shared = fields.Boolean(
        "Shared",
        copy=False,
        tracking=True,
        help="The customer's people see it in their portal, with the messages, without the notes.",
    )
    share_until = fields.Date("Shared Until", copy=False, help="Empty: until you stop it.")
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
        # A record that goes to another customer was never shared with that one.
        moved = (
            self.filtered(lambda r: r.is_shared and r.partner_id.id != vals["partner_id"])
            if "partner_id" in vals
            else self.browse()
        )
        ended = self.filtered("is_shared") if vals.get("is_shared") is False else self.browse()
        if vals.get("is_shared"):
            vals = {"shared_by_id": self.env.uid, **vals}
        if "share_until" in vals or vals.get("is_shared"):
            # Links that had ended stay dead when it is shared anew.
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

    # -- who may see it -----------------------------------------------------------------------

    @api.model
    def _shared_domain(self, customer):
        """What is shared with ``customer`` today."""
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
        """Whether ``partner``, the person logged in, or whoever brings ``token`` may see it."""
        record = self.sudo()
        if not record._is_shared_now():
            return False
        customer = record.partner_id.commercial_partner_id
        if partner and partner.sudo().commercial_partner_id == customer:
            return True
        # As bytes: comparing text of which some is not ASCII raises.
        return bool(
            token
            and record.access_token
            and consteq(record.access_token.encode(), str(token).encode())
        )

    # -- what is offered to them --------------------------------------------------------------

    def _portal_offers(self, contact):
        """Return the names of the actions that ``contact``, somebody at the customer, may do now.

        The one list of what the portal may change; pages show it, and what is posted is held against it.
        """
        self.ensure_one()
        return set()

    def _portal_ask(self):
        """What is asked of the customer now, in words."""
        self.ensure_one()
        return ""

    def _portal_message(self, text, **kwargs):
        """A message that the customer sees, too; by whoever is logged in."""
        return self.message_post(
            body=plaintext2html(text),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **kwargs,
        )

    # -- chatter of the portal ----------------------------------------------------------------

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):  # pylint: disable=redefined-builtin
        """A token opens the messages as long as it opens the record; what is no token is none."""
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
        """With a token Odoo hands out activities, followers and every file: our side of the table."""
        if request_list is not None and not self.env.user._is_internal():
            request_list = [name for name in request_list if name == "display_name"]
        return super()._thread_to_store(store, fields, request_list=request_list)

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """A mail about what is not shared has no button that leads nowhere."""
        groups = super()._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        if self and not all(record.sudo()._is_shared_now() for record in self):
            for name, _is_in_group, options in groups:
                if name in ("portal", "portal_customer"):
                    options["has_button_access"] = False
        return groups

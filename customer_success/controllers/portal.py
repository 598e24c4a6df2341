from functools import partial

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.mail.controllers.attachment import AttachmentController
from odoo.addons.portal.controllers.portal import CustomerPortal, pager
from odoo.addons.portal.utils import validate_thread_with_hash_pid

from ..models.portal.portal_input import LARGEST_FILE, check_size, shown
from ..scoring.numerals import written

PAGE = 20  # records


class Understood(Exception):
    """Raised to show a person what was understood of a number, before it counts."""

    def __init__(self, action, posted, numbers):
        super().__init__(action.name)
        self.action = action
        self.posted = posted
        self.numbers = numbers


class SuccessPortal(CustomerPortal):
    """The portal pages on which a customer's people see shared records and act on them.

    These people have no access to our models. Each record is looked up in sudo and shown only if
    ``_is_open_to`` allows it; each change must be offered by ``_portal_offers`` of the record. The differences between
    kinds of records are in their ``PortalKind``.
    """

    # -- home and lists -----------------------------------------------------------------------

    def _success_kinds(self):
        """Return ``{path: model in sudo}`` of all kinds of records."""
        return request.env["customer.success.shared"].sudo()._portal_kinds()

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        kinds = [records._portal_kind for records in self._success_kinds().values()]
        return {**values, "success_kinds": kinds}

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        for records in self._success_kinds().values():
            name = records._portal_kind.counter
            if name in counters:
                domain = self._success_shared(records) & Domain("is_open", "=", True)
                domain &= Domain("partner_id.success_former_date", "=", False)
                values[name] = records.search_count(domain)
        return values

    def _success_shared(self, records):
        """Return the domain of the records that are shared with the logged-in user."""
        return records._shared_domain(request.env.user.partner_id)

    @route(
        ["/my/success/<string:paths>", "/my/success/<string:paths>/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def success_list(self, paths, page=1, sortby=None, **kw):
        """Show the shared records of one kind, page by page."""
        records = (
            self._success_kinds().get(paths.removesuffix("s")) if paths.endswith("s") else None
        )
        if records is None:
            return self._success_closed()
        kind, domain = records._portal_kind, self._success_shared(records)
        sortings = {
            key: {"label": request.env._(label), "order": order}
            for key, (label, order) in kind.sortings.items()
        }
        if sortby not in sortings:
            sortby = next(iter(sortings))
        pages = pager(
            url=kind.url,
            url_args={"sortby": sortby},
            total=records.search_count(domain),
            page=page,
            step=PAGE,
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": f"success_{kind.path}",
            "success_kind": kind,
            "default_url": kind.url,
            "shown": partial(shown, request.env),
            "records": records.search(
                domain, order=sortings[sortby]["order"], limit=PAGE, offset=max(0, pages["offset"])
            ),
            "pager": pages,
            "searchbar_sortings": sortings,
            "sortby": sortby,
        }
        return request.render(kind.list_template, values)

    # -- one record ---------------------------------------------------------------------------

    def _success_contact(self):
        """Return the contact of the logged-in user; an empty record for a visitor."""
        user = request.env.user
        return request.env["res.partner"] if user._is_public() else user.partner_id.sudo()

    def _success_record(self, path, record_id, token=None):
        """Return the record in sudo if this visitor may see it, otherwise ``None``."""
        records = self._success_kinds().get(path)
        if records is None:
            return None
        record = records.browse(record_id).exists() if record_id < 2**31 else records
        if not record:
            return records
        if record._is_open_to(self._success_contact(), token):
            return record
        # One of our own users looks at what the customer sees.
        may_look = request.env.user._is_internal() and record.sudo(False).has_access("read")
        return record if may_look and record._is_shared_now() else records

    def _success_offers(self, record):
        """Return the names of the actions offered to this visitor; none unless they belong to the customer.

        The people of a former customer still read what was shared with them; nothing is asked of them any more.
        """
        contact = self._success_contact()
        customer = record.partner_id.commercial_partner_id
        if not contact or contact.commercial_partner_id != customer or customer.success_former_date:
            return set()
        return record._portal_offers(contact)

    def _success_page(self, record, pid=None, refused=None, understood=None, **kw):
        """Render the page of a record; ``refused`` is the reason why a posted action was not done.

        ``understood`` is a posted number with what it may mean.
        """
        kind = record._portal_kind
        done = kind.action(kw.get("done"))
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": f"success_{kind.path}",
            "success_kind": kind,
            "record": record,
            "object": record,
            "offers": self._success_offers(record),
            "ask": record._portal_ask(),
            "refused": refused,
            "understood": understood,
            "shown": partial(shown, request.env),
            "written": written,
            "done": done and request.env._(done.done),
            "is_visitor": not self._success_contact(),
            "largest_file": LARGEST_FILE,
            # Portal users have no access rights of their own: the chatter uses the token.
            "token": record._portal_ensure_token(),
        }
        # The hash identifies the contact who received the link; they comment under their own name.
        sent_hash = kw.get("hash") or ""
        is_pid = str(pid).isdecimal() and str(pid).isascii() and int(pid) < 2**31
        if is_pid and sent_hash.isascii() and validate_thread_with_hash_pid(record, sent_hash, pid):
            values.update(pid=pid, hash=sent_hash)
        response = request.render(kind.page_template, values)
        # The address may contain a token, so no other site and no search engine may get it.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        response.status_code = 400 if refused else 200
        return response

    def _success_closed(self):
        """Render the answer for a record that is not open, the same whether the record exists or not."""
        response = request.render(
            "customer_success.portal_success_closed",
            {**self._prepare_portal_layout_values(), "page_name": "success_closed"},
        )
        response.status_code = 404
        return response

    @route("/my/success/<string:path>/<int:record_id>", type="http", auth="public", website=True)
    def success_record(self, path, record_id, access_token=None, **kw):
        """Show one record to the people of its customer and to visitors with its token."""
        record = self._success_record(path, record_id, access_token)
        if not record:
            return self._success_closed()
        asked = {name: kw[name] for name in ("pid", "hash", "done") if name in kw}
        return self._success_page(record, **asked)

    # -- actions ------------------------------------------------------------------------------

    @route(
        "/my/success/<string:path>/<int:record_id>/<string:action>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def success_do(self, path, record_id, action, **posted):
        """Perform one action that is offered to the logged-in user for this record in its state."""
        record = self._success_record(path, record_id)
        if not record:
            return self._success_closed()
        try:
            with request.env.cr.savepoint():
                self._success_act(record, action, posted)
        except Understood as understood:
            return self._success_page(record, understood=understood)
        except (UserError, ValidationError) as refusal:
            request.env.invalidate_all(flush=False)
            return self._success_page(record, refused=refusal.args[0])
        return request.redirect(f"{record.access_url}?done={action}")

    def _success_act(self, record, action, posted):
        env = request.env
        # If two people act at once, the second one sees the actions that are still offered.
        record.lock_for_update()
        done = record._portal_kind.action(action)
        if not done or action not in self._success_offers(record):
            raise UserError(env._("This action is not available, or somebody has done it already."))
        chosen = posted.pop("understood", None) if done.number else None
        if set(posted) - set(done.takes):
            raise UserError(env._("The form contains unexpected values. Nothing was changed."))
        values = {name: read(record, posted.get(name)) for name, read in done.takes.items()}
        if done.number:
            numbers = values[done.number]
            meant = [number for number in numbers if written(number) == chosen]
            if not meant:
                raise Understood(done, posted, numbers)
            values[done.number] = meant[0]
        getattr(record, f"_portal_do_{action}")(self._success_contact(), **values)


class SuccessAttachment(AttachmentController):
    @route()
    def mail_attachment_upload(self, ufile, thread_id, thread_model, is_pending=False, **kwargs):
        """Apply the size limit of attached files to files added to a comment in the portal."""
        kinds = request.env["customer.success.shared"].sudo()._portal_kinds().values()
        is_ours = thread_model in {records._name for records in kinds}
        if is_ours and not request.env.user._is_internal():
            size = ufile.seek(0, 2) or ufile.tell()
            ufile.seek(0)
            try:
                check_size(request.env, size)
            except UserError as refusal:
                return request.make_json_response({"error": refusal.args[0]})
        return super().mail_attachment_upload(
            ufile, thread_id, thread_model, is_pending=is_pending, **kwargs
        )

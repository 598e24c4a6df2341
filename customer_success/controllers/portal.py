from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.http import request, route
from odoo.tools.translate import LazyTranslate

from odoo.addons.mail.controllers.attachment import AttachmentController
from odoo.addons.portal.controllers.portal import CustomerPortal, pager
from odoo.addons.portal.utils import validate_thread_with_hash_pid

_lt = LazyTranslate(__name__)

MODELS = {
    "barrier": "customer.success.barrier",
    "objective": "customer.success.objective",
    "change": "customer.success.change",
}
SORTINGS = {
    "barrier": {
        "urgent": (_lt("Most Severe"), "severity desc, date_opened, id"),
        "due": (_lt("Due"), "date_due, id"),
        "newest": (_lt("Newest"), "date_opened desc, id desc"),
        "name": (_lt("Name"), "name, id"),
    },
    "objective": {
        "due": (_lt("Due"), "date_due, id"),
        "name": (_lt("Name"), "name, id"),
    },
    "change": {
        "date": (_lt("Date"), "date, id"),
        "name": (_lt("Name"), "name, id"),
    },
}
DONE = {
    "own": _lt("Thank you: this barrier is yours now."),
    "authority": _lt("Noted, with your name and today's date."),
    "progress": _lt("Thank you: your report is below."),
    "attach": _lt("Thank you: your file is below."),
    "figure": _lt("Thank you: your figure counts from now on."),
    "adopted": _lt("Thank you: the number is updated."),
}
PAGE = 20  # records
LONGEST_TEXT = 5000  # characters
LARGEST_FILE = 10  # MB
LARGEST_FIGURE = 1e12


class SuccessPortal(CustomerPortal):
    """What a customer's people see and do of what the CSM shared with them.

    They have no access to our models: each record is looked up in sudo, and handed out only once
    ``_is_open_to`` said so; each change is held against ``_portal_offers`` of the record.
    """

    # -- home and lists -----------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        for kind in MODELS:
            name = f"success_{kind}_count"
            if name in counters:
                records, domain = self._success_shared(kind)
                values[name] = records.search_count(domain & Domain("is_open", "=", True))
        return values

    def _success_shared(self, kind):
        """The model in sudo, with the domain of what is shared with whoever is logged in."""
        records = request.env[MODELS[kind]].sudo()
        return records, records._shared_domain(request.env.user.partner_id)

    def _success_list(self, kind, page, sortby):
        records, domain = self._success_shared(kind)
        sortings = {
            key: {"label": str(label), "order": order}
            for key, (label, order) in SORTINGS[kind].items()
        }
        if sortby not in sortings:
            sortby = next(iter(sortings))
        url = f"/my/success/{kind}s"
        pages = pager(
            url=url,
            url_args={"sortby": sortby},
            total=records.search_count(domain),
            page=page,
            step=PAGE,
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": f"success_{kind}",
            "default_url": url,
            "records": records.search(
                domain, order=sortings[sortby]["order"], limit=PAGE, offset=max(0, pages["offset"])
            ),
            "pager": pages,
            "searchbar_sortings": sortings,
            "sortby": sortby,
        }
        return request.render(f"customer_success.portal_success_{kind}s", values)

    @route(
        ["/my/success/barriers", "/my/success/barriers/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def success_barriers(self, page=1, sortby=None, **kw):
        return self._success_list("barrier", page, sortby)

    @route(
        ["/my/success/objectives", "/my/success/objectives/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def success_objectives(self, page=1, sortby=None, **kw):
        return self._success_list("objective", page, sortby)

    @route(
        ["/my/success/changes", "/my/success/changes/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def success_changes(self, page=1, sortby=None, **kw):
        return self._success_list("change", page, sortby)

    # -- one record ---------------------------------------------------------------------------

    def _success_contact(self):
        """Whoever is logged in; nobody for a visitor."""
        user = request.env.user
        return request.env["res.partner"] if user._is_public() else user.partner_id.sudo()

    def _success_record(self, kind, record_id, token=None):
        """The record in sudo, as far as this visitor may see it; else nothing."""
        records = request.env[MODELS[kind]].sudo()
        record = records.browse(record_id).exists() if record_id < 2**31 else records
        if not record:
            return records
        if record._is_open_to(self._success_contact(), token):
            return record
        # A colleague of ours looks at what the customer sees.
        may_look = request.env.user._is_internal() and record.sudo(False).has_access("read")
        return record if may_look and record._is_shared_now() else records

    def _success_offers(self, record):
        """What is offered to this visitor: nothing to who is not one of the customer's people."""
        contact = self._success_contact()
        customer = record.partner_id.commercial_partner_id
        if not contact or contact.commercial_partner_id != customer:
            return {}
        return record._portal_offers(contact)

    def _success_page(self, kind, record, token=None, pid=None, refused=None, **kw):
        """``refused`` says why what was posted was not done."""
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": f"success_{kind}",
            "record": record,
            "object": record,
            "offers": self._success_offers(record),
            "ask": record._portal_ask(),
            "refused": refused,
            "done": str(DONE[kw["done"]]) if kw.get("done") in DONE else None,
            "is_visitor": not self._success_contact(),
            "largest_file": LARGEST_FILE,
            # Portal users have no access of their own: the chatter goes by the token.
            "token": record._portal_ensure_token(),
        }
        # The hash says which contact the link was sent to, who then comments under their name.
        sent_hash = kw.get("hash") or ""
        is_pid = str(pid).isdecimal() and str(pid).isascii() and int(pid) < 2**31
        if is_pid and sent_hash.isascii() and validate_thread_with_hash_pid(record, sent_hash, pid):
            values.update(pid=pid, hash=sent_hash)
        response = request.render(f"customer_success.portal_success_{kind}", values)
        # The address may carry a token: it goes to no other site, and to no index.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        response.status_code = 400 if refused else 200
        return response

    def _success_closed(self):
        """The same answer to everybody, whether there is such a record or not."""
        response = request.render(
            "customer_success.portal_success_closed",
            {**self._prepare_portal_layout_values(), "page_name": "success_closed"},
        )
        response.status_code = 404
        return response

    def _success_show(self, kind, record_id, access_token, kw):
        record = self._success_record(kind, record_id, access_token)
        if not record:
            return self._success_closed()
        asked = {name: kw[name] for name in ("pid", "hash", "done") if name in kw}
        return self._success_page(kind, record, access_token, **asked)

    @route("/my/success/barrier/<int:record_id>", type="http", auth="public", website=True)
    def success_barrier(self, record_id, access_token=None, **kw):
        return self._success_show("barrier", record_id, access_token, kw)

    @route("/my/success/objective/<int:record_id>", type="http", auth="public", website=True)
    def success_objective(self, record_id, access_token=None, **kw):
        return self._success_show("objective", record_id, access_token, kw)

    @route("/my/success/change/<int:record_id>", type="http", auth="public", website=True)
    def success_change(self, record_id, access_token=None, **kw):
        return self._success_show("change", record_id, access_token, kw)

    # -- what they do -------------------------------------------------------------------------

    @route(
        "/my/success/<string:kind>/<int:record_id>/<string:action>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def success_do(self, kind, record_id, action, **posted):
        """Do one thing that is offered for this record, in its state, to who is logged in."""
        record = kind in MODELS and self._success_record(kind, record_id)
        if not record:
            return self._success_closed()
        try:
            with request.env.cr.savepoint():
                self._success_act(record, action, posted)
        except (UserError, ValidationError) as refusal:
            request.env.invalidate_all(flush=False)
            return self._success_page(kind, record, refused=refusal.args[0])
        return request.redirect(f"{record.access_url}?done={action}")

    def _success_act(self, record, action, posted):
        env = request.env
        # Two people at once: the second sees what the first has left to do.
        record.lock_for_update()
        offers = self._success_offers(record)
        if action not in offers:
            raise UserError(env._("This is not offered here, or somebody has done it already."))
        if set(posted) - set(offers[action]):
            raise UserError(env._("More was sent than is asked for. Nothing was changed."))
        contact = self._success_contact()
        if action == "own":
            record._portal_own(contact)
        elif action == "authority":
            record._portal_authority(contact)
        elif action == "progress":
            record._portal_message(self._text(posted.get("message"), required=True))
        elif action == "attach":
            name, content = self._file(posted.get("file"))
            record._portal_message(env._("A file for you:"), attachments=[(name, content)])
        elif action == "figure":
            figure = self._figure(posted.get("value"))
            record._portal_figure(contact, figure, self._text(posted.get("note")))
        elif action == "adopted":
            people = self._people(posted.get("people"), record.people_affected)
            record._portal_adopted(contact, people)

    def _text(self, text, required=False):
        text = text.strip() if isinstance(text, str) else ""
        if required and not text:
            raise UserError(request.env._("Write something first."))
        if len(text) > LONGEST_TEXT:
            raise UserError(
                request.env._("This is longer than %s characters: attach it.", LONGEST_TEXT)
            )
        if "\x00" in text:
            raise UserError(request.env._("This text has characters that cannot be stored."))
        return text

    def _file(self, file):
        name = getattr(file, "filename", "")
        if not name:
            raise UserError(request.env._("Choose a file first."))
        content = file.read(LARGEST_FILE * 1024 * 1024 + 1)
        _check_size(len(content))
        return self._text(name)[:255], content

    def _figure(self, text):
        text = self._text(text, required=True).replace("\u00a0", "").replace(" ", "")
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        try:
            figure = float(text) if "_" not in text else None
        except ValueError:
            figure = None
        if figure is None or not abs(figure) <= LARGEST_FIGURE:
            raise UserError(request.env._("“%s” is not a number; write it as 1234.5.", text))
        return figure

    def _people(self, text, affected):
        text = self._text(text, required=True)
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > affected:
            raise UserError(
                request.env._(
                    "“%(text)s” is not a number of people from 0 to %(affected)s.",
                    text=text,
                    affected=affected,
                )
            )
        return int(text)


def _check_size(size):
    if size > LARGEST_FILE * 1024 * 1024:
        raise UserError(
            request.env._(
                "This file is larger than %s MB: send a smaller one, or a link to it.", LARGEST_FILE
            )
        )


class SuccessAttachment(AttachmentController):
    @route()
    def mail_attachment_upload(self, ufile, thread_id, thread_model, is_pending=False, **kwargs):
        """Files added to a comment in the portal have the limit of those attached there."""
        if thread_model in MODELS.values() and not request.env.user._is_internal():
            size = ufile.seek(0, 2) or ufile.tell()
            ufile.seek(0)
            try:
                _check_size(size)
            except UserError as refusal:
                return request.make_json_response({"error": refusal.args[0]})
        return super().mail_attachment_upload(
            ufile, thread_id, thread_model, is_pending=is_pending, **kwargs
        )

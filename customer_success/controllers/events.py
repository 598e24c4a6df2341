from werkzeug.exceptions import RequestEntityTooLarge

from odoo.http import Controller, HttpDispatcher, request, route
from odoo.tools import config

from ..ingestion.events.meter import METER
from ..ingestion.events.wire import (
    LONGEST_BATCH,
    LONGEST_EVENT,
    Refused,
    calls,
    key_of,
    parsed,
    unpacked,
)

BATCHES = ("batch", "import")
CALLS = ("track", "identify", "group", "page", *BATCHES)


class EventDispatcher(HttpDispatcher):
    """Leaves the body to the controller, whatever kind its sender calls it.

    RudderStack's library for Node sends packed JSON as a form; read as a form, it would be lost.
    """

    routing_type = "customer_success_events"

    def dispatch(self, endpoint, args):
        self.request.params = dict(args)
        return self.request.registry["ir.http"]._dispatch(endpoint)


class EventController(Controller):
    """The door for events of products, in the form of the HTTP API that Segment has published.

    A key can only add: the answers say nothing about keys, customers or users. A browser may send from any page, as the key is all
    that counts and no session is read.
    """

    @route(
        [f"/customer_success/v1/{call}" for call in CALLS],
        type=EventDispatcher.routing_type,
        auth="public",
        methods=["POST"],
        csrf=False,
        cors="*",
        save_session=False,
    )
    def take(self, **_params):
        """Take the events of one request."""
        httprequest = request.httprequest
        call = httprequest.path.rpartition("/")[2]
        try:
            body = parsed(_text(httprequest, LONGEST_BATCH if call in BATCHES else LONGEST_EVENT))
            found = calls(body, call)
        except Refused as refused:
            return request.make_json_response(
                {"success": False, "message": refused.args[0]}, status=400
            )
        key = key_of(httprequest.headers.get("Authorization"), body)
        keys = request.env["customer.success.event.key"].sudo()
        plan = keys._plan(keys._digest(key)) if key else None
        sender = (request.db, plan.key_id if plan else httprequest.remote_addr)
        limit = request.env["customer.success.settings"]._limit("event_rate")
        wait = METER.wait(sender, len(found), limit / max(1, config["workers"]))
        if wait:
            return request.make_json_response(
                {"success": False, "message": "Too many events in a minute."},
                headers=[("Retry-After", str(wait))],
                status=429,
            )
        if plan:
            events = request.env["customer.success.event"].sudo()
            events._take(plan, found, body, METER.refused(sender))
        else:
            refusals = request.env["customer.success.event.refusal"].sudo()
            refusals._note(key, httprequest.remote_addr, len(found))
        return request.make_json_response({"success": True})


def _text(httprequest, limit):
    """Return the body of a request, unpacked."""
    if (httprequest.content_length or 0) > limit:
        raise Refused("The body is too large.")
    try:
        data = httprequest.get_data(cache=True)
    except RequestEntityTooLarge as error:
        raise Refused("The body is too large.") from error
    return unpacked(data, httprequest.headers.get("Content-Encoding", ""), limit)

"""Events through HTTP against requests that a bare route only parses, and their roll-up against one count.

Our side is all that a product meets: Odoo's HTTP server, the key, the reading of each event, the table, the commit. Half of the
events come in batches of 100 by ``batch``, half by ``import`` in the largest bodies. The bare route is one of Odoo that parses
the same bodies. The roll-up goes from the written events to the use of each customer; its floor is one ``count(DISTINCT)`` of users by
customer and day over the same rows. A second delivery of the same events must change nothing.
"""

import json
import resource
import threading
from datetime import timedelta
from http.client import HTTPConnection
from time import perf_counter
from uuid import UUID

from _vacuum import vacuum

from odoo import fields

CUSTOMERS, USERS, DAYS = 2_000, 25, 28
BATCH = 100
IMPORT = 1_500  # events; a body stays below 500 KB
BARE = "/customer_success/bench/bare"
KEY = "bench-key"
EVENTS = ("Order Saved", "Order Forced", "Order Corrected", "Orders Exported", "Menu Opened")


def add_arguments(parser):
    parser.add_argument(
        "--events", type=int, default=1_000_000, help="number of events (default: 1000000)"
    )


def main(env_factory, args):
    add_bare_route()
    with env_factory() as env:
        source = populate(env)
        bodies = list(requests(args.events))
        with served() as port:
            client = Client(port, env.cr.dbname)
            client.send(BARE, bodies[:20])  # what Odoo loads with its first request
            client.send("/customer_success/v1/", list(warm()))
            bare = client.send(BARE, bodies)
            peak = memory()
            tenth = client.send("/customer_success/v1/", bodies[: len(bodies) // 10])
            grown_tenth, peak = memory() - peak, memory()
            whole = tenth + client.send("/customer_success/v1/", bodies[len(bodies) // 10 :])
            grown = memory() - peak
            number = counted(env)
            assert number == args.events, number
            vacuum(env, ("customer_success_event",))
            rolled = timed(lambda: source._roll_up_one(), env)
            figures = use(env)
            assert len(figures) >= CUSTOMERS, len(figures)
            again = client.send("/customer_success/v1/", bodies)
        assert counted(env) == args.events
        source._roll_up_one()
        env.cr.commit()
        assert use(env) == figures
        floor = timed(lambda: env.cr.execute(FLOOR, [source.id]), env)
        print(f"{args.events:,} events, {CUSTOMERS:,} customers, {len(bodies):,} requests")
        print(
            f"{1e6 * whole / args.events:.1f} us an event; the same again: {again:.1f} s, nothing changed"
        )
        print(f"memory: +{grown_tenth:.0f} MB for a tenth, +{grown:.0f} MB for the rest")
        print(f"roll-up ratio {rolled / floor:.2f} (ours {rolled:.2f} s, floor {floor:.2f} s)")
        print(f"ratio {whole / bare:.2f} (ours {whole:.2f} s, floor {bare:.2f} s)")


FLOOR = """
SELECT key, day, count(DISTINCT person) FROM customer_success_event WHERE source_id = %s GROUP BY key, day
"""


def populate(env):
    """Create customers, a source with rules and a key that is known; return the source."""
    env.cr.execute(POPULATE, {"n": CUSTOMERS})
    product = env["product.product"].create({"name": "Product"})
    source = env["customer.success.event.source"].create(
        {
            "name": "Bench",
            "product_id": product.id,
            "intended_days": 4,
            "rule_ids": [
                fields.Command.create({"name": name, "meaning": meaning})
                for name, meaning in zip(EVENTS, ("intended", "core", "failed", "beside"))
            ],
        }
    )
    keys = env["customer.success.event.key"]
    keys.create({"source_id": source.id, "prefix": KEY[:8], "key_hash": keys._digest(KEY)})
    env["ir.config_parameter"].set_param("customer_success.event_rate", 10**9)
    env["customer.success.event"]._tend()
    env.cr.commit()
    return source


def event(number, total):
    """Return an event; they come in the order of their time, as those of a product do."""
    today = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
    at = today - timedelta(days=DAYS) + timedelta(days=DAYS) * number / total
    customer = number % CUSTOMERS
    return {
        "type": "track",
        "messageId": str(UUID(int=number * 7919 + 2**100)),
        "userId": f"user-{customer}-{number // CUSTOMERS % USERS}",
        "event": EVENTS[number // 3 % len(EVENTS)],
        "timestamp": f"{at.isoformat(timespec='milliseconds')}Z",
        "context": {"groupId": f"BENCH-{customer}", "library": {"name": "bench", "version": "1"}},
        "properties": {"amount": number % 1000},
    }


def requests(number):
    """Yield ``(call, body)``: half of the events by ``batch``, half by ``import``."""
    start = 0
    while start < number:
        call, size = ("batch", BATCH) if start < number // 2 else ("import", IMPORT)
        stop = min(start + size, number // 2 if call == "batch" else number)
        batch = [event(place, number) for place in range(start, stop)]
        yield call, json.dumps({"batch": batch, "sentAt": f"{fields.Datetime.now().isoformat()}Z"})
        start = stop


def warm():
    """Yield bodies whose events are not counted."""
    for _n in range(20):
        yield "batch", json.dumps({"batch": [{"type": "alias"}] * BATCH})


class Client:
    def __init__(self, port, database):
        self.port, self.database = port, database

    def send(self, path, bodies):
        """Send bodies one after the other; return the seconds."""
        start = perf_counter()
        for call, body in bodies:
            connection = HTTPConnection("127.0.0.1", self.port)
            connection.request(
                "POST",
                path if path == BARE else path + call,
                body,
                {
                    "Content-Type": "application/json",
                    "X-Odoo-Database": self.database,
                    "Authorization": "Basic YmVuY2gta2V5Og==",
                },
            )
            answer = connection.getresponse()
            assert answer.status == 200, (answer.status, answer.read())
            answer.read()
            connection.close()
        return perf_counter() - start


class served:
    """A server of this Odoo on a free port, in a thread."""

    def __enter__(self):
        from werkzeug.serving import WSGIRequestHandler, make_server

        from odoo.http import root

        class Quiet(WSGIRequestHandler):
            def log(self, *_args):
                pass

        self.server = make_server("127.0.0.1", 0, root, threaded=True, request_handler=Quiet)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.server_port

    def __exit__(self, *_error):
        self.server.shutdown()


def add_bare_route():
    """Add a route that only parses the body, beside those of the addon."""
    from odoo.http import Controller, request, route

    class BareController(Controller):
        __module__ = "odoo.addons.customer_success.controllers.bench"

        @route(BARE, type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
        def take(self):
            json.loads(request.httprequest.get_data())
            return request.make_json_response({"success": True})


def counted(env):
    env.cr.rollback()
    env.cr.execute("SELECT count(*) FROM customer_success_event")
    return env.cr.fetchone()[0]


def use(env):
    env.cr.execute(
        "SELECT partner_id, date, active_users, as_intended, frequency, in_place, accuracy, write_date"
        " FROM customer_success_usage ORDER BY 1, 2"
    )
    return env.cr.fetchall()


def timed(work, env):
    start = perf_counter()
    work()
    env.cr.commit()
    return perf_counter() - start


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


POPULATE = """
INSERT INTO res_partner (name, complete_name, ref, active, is_company, type, success_stage_id)
SELECT 'Customer ' || n, 'Customer ' || n, 'BENCH-' || n, TRUE, TRUE, 'contact',
       (SELECT min(id) FROM customer_success_stage)
  FROM generate_series(0, %(n)s - 1) n;
UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL
"""

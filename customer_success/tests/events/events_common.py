import json
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase

from ...ingestion.events.meter import METER
from ..common import SuccessCase

ROUTE = "/customer_success/v1/"


class EventCase(HttpCase, SuccessCase):
    """A base class with a source of events and its key, and the requests of a product's library."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sources = cls.env["customer.success.event.source"]
        cls.source = cls.sources.with_user(cls.manager).create(
            {"name": "Planner", "product_id": cls.product.id}
        )
        cls.key = cls.source.action_make_key()["context"]["default_key"]

    def setUp(self):
        super().setUp()
        METER._sent.clear()

    @staticmethod
    def _event(name="Order Saved", user="ada", when=None, **said):
        """Return a track call, a day old."""
        when = when or fields.Datetime.now() - timedelta(days=1)
        return {
            "type": "track",
            "event": name,
            "userId": user,
            "timestamp": f"{when.isoformat(timespec='milliseconds')}Z",
            **said,
        }

    def _post(self, call, body, key=None, **headers):
        """Post a body as a library does: the key as user name of Basic, without a password."""
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.opener.post(
            self.base_url() + ROUTE + call,
            data=data,
            headers={"Content-Type": "application/json", **headers},
            auth=(self.key if key is None else key, ""),
            timeout=30,
        )

    def _send(self, *events, **said):
        """Send a batch that must be accepted."""
        answer = self._post("batch", {"batch": events, **said})
        self.assertEqual((answer.status_code, answer.json()), (200, {"success": True}))

    def _kept(self, columns="name"):
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT {columns} FROM customer_success_event WHERE source_id = %s ORDER BY at, name",
            [self.source.id],
        )
        rows = self.env.cr.fetchall()
        return [row[0] for row in rows] if columns == "name" else rows

    def _counts(self):
        """Return what was counted of the source, ``{name: number}``, without zeros."""
        counts = self.env["customer.success.event.count"]
        counts.invalidate_model()
        names = ["taken", "repeated", *counts._unused()]
        [sums] = counts._read_group(
            [("source_id", "=", self.source.id)], [], [f"{name}:sum" for name in names]
        )
        return {name: number for name, number in zip(names, sums) if number}

    def _refusals(self):
        refusals = self.env["customer.success.event.refusal"]
        refusals.invalidate_model()
        return refusals.search([])


class RollUpCase(EventCase):
    """A base class of what comes of events: they are taken without HTTP, and counted at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.acme = cls._customer("Acme", ref="C-1", success_user_id=cls.csm.id)

    def _said(self, kind, user="ada", when=None, **said):
        when = when or fields.Datetime.now() - timedelta(hours=1)
        return {"type": kind, "userId": user, "timestamp": f"{when.isoformat()}Z", **said}

    def _take(self, *events, source=None):
        """Take events and count them."""
        keys = self.env["customer.success.event.key"]
        key = self.key if source is None else source.action_make_key()["context"]["default_key"]
        plan = keys._plan(keys._digest(key))
        calls = [(event.get("type"), event) for event in events]
        self.env["customer.success.event"]._take(plan, calls, {})
        self._roll(source)

    def _roll(self, source=None):
        self.env.flush_all()
        (source or self.source).sudo()._roll_up_one()
        self.env.invalidate_all()

    def _group(self, key):
        return self.env["customer.success.event.group"].search(
            [("source_id", "=", self.source.id), ("key", "=", key)]
        )

    def _use(self, customer):
        """Return the newest use of a customer."""
        return customer.success_usage_ids.sorted("date")[-1:]

    def _rows(self, name):
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT count(*) FROM customer_success_{name} WHERE source_id = %s", [self.source.id]
        )
        return self.env.cr.fetchone()[0]

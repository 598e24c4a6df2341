import gzip
import json
from base64 import b64encode
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .events_common import EventCase


@tagged("post_install", "-at_install")
class TestEventDoor(EventCase):
    """The door for events over HTTP, as libraries use it and as attackers do."""

    def test_each_call_is_taken(self):
        for call, body in {
            "track": self._event(),
            "identify": {"userId": "ada", "traits": {"email": "ada@acme.example.com"}},
            "group": {"userId": "ada", "groupId": "C-1", "traits": {"plan": "gold"}},
            "page": {"userId": "ada", "name": "Orders"},
            "batch": {"batch": [self._event("One"), self._event("Two")]},
            "import": {"batch": [self._event("Three")]},
        }.items():
            with self.subTest(call):
                answer = self._post(call, body)
                self.assertEqual((answer.status_code, answer.json()), (200, {"success": True}))
        named = {name for name in self._kept() if name}
        self.assertEqual(named, {"Order Saved", "Viewed Orders Page", "One", "Two", "Three"})
        self.assertEqual(self._counts(), {"taken": 7})
        self.source.invalidate_recordset()
        self.assertEqual(self.source.event_count, 7)

    def test_the_key_may_stand_in_the_body_and_the_body_may_be_packed(self):
        body = json.dumps({**self._event(), "writeKey": self.key}).encode()
        answer = self.opener.post(
            self.base_url() + "/customer_success/v1/track",
            data=gzip.compress(body),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
            timeout=30,
        )
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self._kept(), ["Order Saved"])

    def test_the_body_is_read_whatever_kind_it_is_called(self):
        """RudderStack's library for Node calls packed JSON a form."""
        packed = gzip.compress(json.dumps({"batch": [self._event("Packed")]}).encode())
        form = "application/x-www-form-urlencoded"
        answer = self._post("batch", packed, **{"Content-Encoding": "gzip", "Content-Type": form})
        self.assertEqual(answer.status_code, 200)
        answer = self._post("track", self._event("Plain"), **{"Content-Type": form})
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(set(self._kept()), {"Packed", "Plain"})

    def test_nothing_of_context_and_properties_and_no_user_is_kept(self):
        secret = "Canary"
        self._send(
            self._event(
                user=secret,
                context={"ip": secret, "traits": {"name": secret}, "groupId": "C-1"},
                properties={"note": secret},
                integrations={"All": secret},
                anonymousId=secret,
                messageId=secret,
            ),
            {
                "type": "identify",
                "userId": secret,
                "traits": {"name": secret, "email": f"{secret}@acme.example.com"},
            },
        )
        self.assertEqual(len(self._kept()), 2)
        self.assertNotIn(secret.lower(), str(self._kept("*")).lower())

    def test_the_same_message_counts_once_however_it_comes(self):
        event = self._event(messageId="m-1")
        self._send(event, event)
        self._send(event, {**event, "event": "Other Content"}, self._event("New", messageId="m-2"))
        answer = self._post("track", event)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(sorted(self._kept()), ["New", "Order Saved"])
        self.assertEqual(self._counts(), {"taken": 2, "repeated": 4})

    def test_the_same_message_counts_once_by_a_clock_that_is_off(self):
        midnight = fields.Datetime.now().replace(hour=0, minute=0, second=30, microsecond=0)
        event = self._event(when=midnight - timedelta(days=1), messageId="m-1")
        for ahead in (0, 2, 26):
            self._send(
                event, sentAt=f"{(fields.Datetime.now() + timedelta(hours=ahead)).isoformat()}Z"
            )
        self.assertEqual(self._counts(), {"taken": 1, "repeated": 2})

    def test_the_clock_of_the_sender_is_corrected(self):
        now = fields.Datetime.now()
        ahead = now + timedelta(days=400)
        self._send(self._event(when=ahead - timedelta(hours=3)), sentAt=f"{ahead.isoformat()}Z")
        [(at,)] = self._kept("at")
        self.assertAlmostEqual(at, now - timedelta(hours=3), delta=timedelta(minutes=1))

    def test_late_events_stand_where_they_belong(self):
        when = fields.Datetime.now() - timedelta(days=60)
        self._send(self._event(when=when))
        self.assertEqual(self._kept("day"), [(when.date(),)])

    def test_what_cannot_be_counted_is_counted_as_such(self):
        self._send(
            self._event(timestamp="1970-01-01T00:00:00Z"),
            self._event(timestamp="2099-01-01T00:00:00Z"),
            self._event(timestamp="soon"),
            self._event(timestamp=17),
            self._event(when=fields.Datetime.now() - timedelta(days=500)),
            self._event(name=None),
            self._event(name=["x"]),
            self._event(name="x" * 10_000),
            self._event(user=None, anonymousId="visitor"),
            self._event(user={"id": 1}),
            self._event(type="alias"),
            self._event(type="_read_track"),
            self._event(type=None),
            "no event",
            None,
        )
        self.assertEqual(self._kept(), [])
        self.assertEqual(
            self._counts(),
            {"late": 1, "impossible": 4, "nameless": 3, "anonymous": 2, "unread": 5},
        )
        self.source.invalidate_recordset()
        self.assertEqual(self.source.unused_count, 15)

    def test_odd_values_are_kept_as_text_or_left_out(self):
        odd = "a\x00b\ud800\t\n\\N\\."
        for number, group in enumerate((7, 7.5, True, None, [], {}, "None", odd, "x" * 300)):
            self._send(self._event(f"Saved {number}", context={"groupId": group}))
        self._send(
            self._event(odd), self._event("None"), self._event("'; DROP TABLE res_partner --")
        )
        self._send(self._event(context=[]), self._event(properties=7))
        self.assertEqual([key for (key,) in self._kept("key") if key], ["7", "None", "a b \\N\\."])
        self.assertIn("None", self._kept())
        self.assertIn("a b \\N\\.", self._kept())

    def test_what_is_no_json_is_refused(self):
        for body in (
            b"",
            b"{",
            b"7",
            b"[]",
            b"null",
            b"\xff\xfe",
            b"[" * 200_000,
            json.dumps(self._event())[:-5],
            b'{"event": ' + b"9" * 9999 + b"}",
        ):
            with self.subTest(body=body[:20]):
                answer = self._post("track", body)
                self.assertEqual(answer.status_code, 400)
                self.assertFalse(answer.json()["success"])
        for body in ({}, {"batch": None}, {"batch": {"event": "x"}}):
            self.assertEqual(self._post("batch", body).status_code, 400)
        self.assertEqual(self._kept(), [])

    def test_what_is_too_large_is_refused_and_nothing_of_it_is_kept(self):
        long = self._event(properties={"text": "x" * 33_000})
        wide = self._event(properties={"text": "é" * 17_000})
        many = [self._event(properties={"text": "x" * 1000}) for _n in range(500)]
        self.assertEqual(self._post("track", long).status_code, 400)
        self.assertEqual(self._post("batch", {"batch": [self._event(), long]}).status_code, 400)
        self.assertEqual(self._post("batch", {"batch": [self._event(), wide]}).status_code, 400)
        self.assertEqual(self._post("batch", {"batch": many}).status_code, 400)
        self.assertEqual(self._kept(), [])
        self._send(*many[:400])

    def test_packed_bodies_that_are_bombs_or_cut_off_are_refused(self):
        good = gzip.compress(json.dumps({"batch": [self._event()]}).encode())
        for body in (
            gzip.compress(b"0" * 200_000_000),
            gzip.compress(json.dumps({"batch": [self._event()] * 9000}).encode()),
            good[:-9],
            good * 2,
            b"no gzip",
        ):
            answer = self._post("batch", body, **{"Content-Encoding": "gzip"})
            self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._kept(), [])

    def test_an_unknown_key_is_not_told_and_an_administrator_sees_it(self):
        other = self.sources.create({"name": "Other", "product_id": self.product.id})
        revoked = other.action_make_key()["context"]["default_key"]
        other.key_ids.action_revoke()
        archived_source = self.sources.create({"name": "Old", "product_id": self.product.id})
        archived = archived_source.action_make_key()["context"]["default_key"]
        archived_source.active = False
        for key in ("wrong-key-that-is-long", revoked, archived, self.key[:-1], self.key.upper()):
            for call, body in (("track", self._event()), ("batch", {"batch": [self._event()] * 2})):
                answer = self._post(call, body, key=key)
                self.assertEqual((answer.status_code, answer.json()), (200, {"success": True}))
        found = self._refusals().with_user(self.manager)
        self.assertEqual(sum(found.mapped("number")), 15)
        self.assertIn("wrong-ke", found.mapped("key_start"))
        self.assertEqual(set(found.mapped("address")), {"127.0.0.1"})
        self.env["customer.success.event.refusal"]._fold()
        found = self._refusals()
        self.assertEqual(len(found), 5)
        self.assertEqual(set(found.mapped("number")), {3})
        self.assertEqual(self._kept(), [])

    def test_no_key_and_odd_keys_are_refused_in_silence(self):
        for header in (
            "",
            "Basic",
            "Basic ***",
            "Bearer x",
            "Basic " + b64encode(b"\xff:").decode(),
        ):
            answer = self.opener.post(
                self.base_url() + "/customer_success/v1/track",
                data=json.dumps({**self._event(), "writeKey": ["x"]}),
                headers={"Content-Type": "application/json", "Authorization": header},
                timeout=30,
            )
            self.assertEqual((answer.status_code, answer.json()), (200, {"success": True}))
        self.assertEqual(sum(self._refusals().mapped("number")), 5)

    def test_a_flood_of_unknown_keys_writes_few_rows(self):
        from ...models.events import customer_success_event_refusal as refusal

        refusals = self.env["customer.success.event.refusal"]
        self.addCleanup(refusal.METER._sent.clear)
        refusal.METER._sent.clear()
        for number in range(1000):
            refusals._note(f"key {number}", "203.0.113.7", 1)
        self.assertEqual(len(self._refusals()), refusal.ROWS_A_MINUTE)

    def test_too_much_in_a_minute_is_sent_back_and_counted(self):
        self.env["ir.config_parameter"].set_param("customer_success.event_rate", 150)
        batch = {"batch": [self._event() for _n in range(100)]}
        self.assertEqual(self._post("batch", batch).status_code, 200)
        answer = self._post("batch", batch)
        self.assertEqual(answer.status_code, 429)
        self.assertLessEqual(1, int(answer.headers["Retry-After"]))
        self.assertLessEqual(int(answer.headers["Retry-After"]), 60)
        self.assertEqual(self._post("track", self._event()).status_code, 200)
        self.assertEqual(self._counts(), {"taken": 101, "limited": 100})
        other = self.sources.create({"name": "Other", "product_id": self.product.id})
        key = other.action_make_key()["context"]["default_key"]
        self.assertEqual(
            self._post("batch", batch, key=key).status_code, 200, "each key has its own"
        )

    def test_it_reads_nothing_and_takes_only_posts(self):
        for call in ("track", "batch"):
            answer = self.opener.get(self.base_url() + f"/customer_success/v1/{call}", timeout=30)
            self.assertEqual(answer.status_code, 405)
        answer = self._post("alias", self._event())
        self.assertEqual(answer.status_code, 404)

    def test_a_browser_may_send_from_any_page(self):
        answer = self.opener.options(
            self.base_url() + "/customer_success/v1/track",
            headers={"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"},
            timeout=30,
        )
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
        answer = self._post("track", self._event(), Origin="https://app.example.com")
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
        self.assertNotIn("Set-Cookie", answer.headers)

    def test_the_session_of_a_user_gives_no_right_and_takes_none(self):
        self.authenticate("test_csm", "test_csm")
        self.assertEqual(self._post("track", self._event(), key="wrong").status_code, 200)
        self.assertEqual(self._kept(), [])
        self.assertEqual(self._post("track", self._event()).status_code, 200)
        self.assertEqual(self._kept(), ["Order Saved"])

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .events_common import EventCase

MODELS = ("source", "key", "count", "refusal")


@tagged("post_install", "-at_install")
class TestEventSources(EventCase):
    """Sources of events: their keys, who may make them, and what is dropped in time."""

    def test_a_key_is_shown_once_and_only_its_digest_is_stored(self):
        key = self.source.key_ids
        self.assertEqual(key.prefix, self.key[:8])
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM customer_success_event_key WHERE id = %s", [key.id])
        self.assertNotIn(self.key, str(self.env.cr.fetchall()))
        for user in (self.manager, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                key.with_user(user).read(["key_hash"])
            with self.assertRaises(AccessError):
                key.with_user(user).search([("key_hash", "=like", "a%")])

    def test_a_key_is_replaced_without_a_gap(self):
        second = self.source.action_make_key()["context"]["default_key"]
        for key in (self.key, second):
            self.assertEqual(self._post("track", self._event(), key=key).status_code, 200)
        self.assertEqual(len(self._kept()), 2)
        former = self.source.key_ids.filtered(lambda one: one.prefix == self.key[:8])
        former.with_user(self.manager).action_revoke()
        self.assertTrue(former.revoked_date)
        self._post("track", self._event(), key=self.key)
        self._post("track", self._event(), key=second)
        self.assertEqual(len(self._kept()), 3)
        former.invalidate_recordset()
        self.assertEqual(former.last_date, fields.Date.today())

    def test_only_administrators_make_sources_and_keys(self):
        for user in (self.csm, self.lead_csm, self.sales):
            for model in MODELS:
                self.assertFalse(
                    self.env[f"customer.success.event.{model}"].with_user(user).has_access("read")
                )
            with self.assertRaises(AccessError):
                self.source.with_user(user).action_make_key()
            with self.assertRaises(AccessError):
                self.source.key_ids.with_user(user).action_revoke()
            with self.assertRaises(AccessError):
                self.sources.with_user(user).create({"name": "X", "product_id": self.product.id})
        for model in ("key", "count", "refusal"):
            for operation in ("create", "write", "unlink"):
                records = self.env[f"customer.success.event.{model}"].with_user(self.manager)
                self.assertFalse(records.has_access(operation), (model, operation))

    def test_an_administrator_of_another_company_sees_none_of_it(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "test_stranger",
            "customer_success.group_success_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self._send(self._event())
        for model in ("source", "key", "count"):
            records = self.env[f"customer.success.event.{model}"].with_user(stranger)
            self.assertFalse(records.search([("id", "!=", 0)]), model)
        with self.assertRaises(AccessError):
            self.source.with_user(stranger).action_make_key()

    def test_the_job_makes_days_drops_old_ones_and_adds_up_counts(self):
        old = fields.Datetime.now() - timedelta(days=60)
        self._send(self._event(when=old), self._event())
        self._send(self._event())
        self.env["ir.config_parameter"].set_param("customer_success.event_days", 50)
        self.env.ref("customer_success.ir_cron_events").method_direct_trigger()
        self.assertEqual(len(self._kept()), 2, "the old day is gone")
        counts = self.env["customer.success.event.count"].search(
            [("source_id", "=", self.source.id)]
        )
        self.assertEqual((len(counts), counts.taken), (1, 3))
        self._send(self._event(when=old))
        self.assertEqual(self._counts(), {"taken": 3, "late": 1})

    def test_a_deleted_source_takes_its_events_with_it(self):
        self._send(self._event())
        self.source.unlink()
        self.assertEqual(self._kept(), [])
        self.assertEqual(self._post("track", self._event()).status_code, 200)
        self.assertTrue(self._refusals())

    def test_settings_have_limits(self):
        for name, value in (("success_event_days", 5), ("success_event_rate", 3)):
            with self.assertRaises(ValidationError):
                self.env["res.config.settings"].create({name: value})

from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import ormcache

SHOWN = 8  # characters of a key that tell it from others


class Plan(NamedTuple):
    """The values of a source that a request with its key needs; plain, so that the server may keep them."""

    source_id: int
    key_id: int
    licensed_trait: str
    dates: tuple  # ((name of an event, property with its business date), …)


class CustomerSuccessEventKey(models.Model):
    """A key with which a product writes events, and can do nothing else.

    A key has 192 random bits, so a plain digest of it tells nothing. It is replaced without a gap: make another one, give it to the
    product, and revoke the former one when nothing comes with it any more.
    """

    _name = "customer.success.event.key"
    _description = "Key of a Source of Events"
    _order = "active desc, id desc"
    _rec_name = "prefix"

    source_id = fields.Many2one(
        "customer.success.event.source",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    prefix = fields.Char(
        "Begins With",
        required=True,
        readonly=True,
        help="The first characters, to recognise the key.",
    )
    key_hash = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    active = fields.Boolean("In Force", default=True, readonly=True)
    create_date = fields.Datetime("Made On", readonly=True)
    revoked_date = fields.Datetime("Revoked On", readonly=True)
    last_date = fields.Date("Last Event Received", compute="_compute_last_date")

    _hash_uniq = models.UniqueIndex("(key_hash)", "A key belongs to one source.")

    def _compute_last_date(self):
        last = dict(
            self.env["customer.success.event.count"]._read_group(
                [("key_id", "in", self.ids)], ["key_id"], ["date:max"]
            )
        )
        for key in self:
            key.last_date = last.get(key, False)

    @api.model
    def _make(self, source):
        """Return a new key of a source as a text; what is stored is its digest."""
        key = token_urlsafe(24)
        self.create({"source_id": source.id, "prefix": key[:SHOWN], "key_hash": self._digest(key)})
        self.env.registry.clear_cache()
        return key

    def action_revoke(self):
        """Refuse this key from now on."""
        self.source_id.check_access("write")
        self.sudo().filtered("active").write(
            {"active": False, "revoked_date": fields.Datetime.now()}
        )
        self.env.registry.clear_cache()

    @api.model
    def _digest(self, key):
        return sha256(key.encode("utf-8", "replace")).hexdigest()

    @api.model
    @ormcache("key_hash")
    def _plan(self, key_hash):
        """Return the :class:`Plan` of a key in force, ``None`` if there is none."""
        key = self.sudo().search([("key_hash", "=", key_hash), ("source_id.active", "=", True)])
        if not key:
            return None
        source = key.source_id
        dated = source.rule_ids.filtered("date_property")
        return Plan(
            source.id,
            key.id,
            source.licensed_trait or "",
            tuple((rule.name, rule.date_property) for rule in dated),
        )

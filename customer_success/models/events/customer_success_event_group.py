from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...ingestion.naming import CUSTOMER, Names
from ...ingestion.rejections import Reject
from ...scoring.followed import followed

# What a company is found by, in this order; a name is no key.
FOUND_BY = tuple(column for column, _source in CUSTOMER if column != "customer_name")
AT = "@"  # begins the domain of an e-mail address, where a product does not say the company
RETRY_HOURS = 24

_OF_DOMAINS = """
WITH found AS (
    SELECT lower(split_part(email_normalized, '@', 2)) AS domain, commercial_partner_id AS id
      FROM res_partner
     WHERE active AND lower(split_part(email_normalized, '@', 2)) = ANY(%(domains)s)
     UNION
    SELECT substring(lower(website) FROM '^(?:https?://)?(?:www[.])?([^/:]+)'), commercial_partner_id
      FROM res_partner
     WHERE active AND substring(lower(website) FROM '^(?:https?://)?(?:www[.])?([^/:]+)') = ANY(%(domains)s)
)
SELECT domain, array_agg(DISTINCT c.id)
  FROM found
  JOIN res_partner c ON c.id = found.id
 WHERE (c.company_id IS NULL OR c.company_id = %(company)s) AND {followed}
 GROUP BY domain
"""


class CustomerSuccessEventGroup(models.Model):
    """A company as a product names it, and the customer that it is.

    It is found by external id, reference or VAT number, else by the domain of its users' addresses; what is not found waits for a
    person. Whoever matches it counts what is kept of its events backwards.
    """

    _name = "customer.success.event.group"
    _description = "Company in Events"
    _order = "event_count desc, id"
    _log_access = False
    _rec_name = "key"

    source_id = fields.Many2one(
        "customer.success.event.source",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="source_id.company_id")
    key = fields.Char(
        "Named in Events",
        required=True,
        readonly=True,
        help="The groupId of the events; if they have none, the domain of the users' e-mail addresses.",
    )
    state = fields.Selection(
        [("waiting", "To Match"), ("matched", "Matched"), ("ignored", "No Customer")],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index="btree_not_null",
        ondelete="set null",
        domain="[('success_is_followed', '=', True), ('company_id', 'in', (company_id, False))]",
    )
    found_by = fields.Selection(
        [
            ("customer_external_id", "External Id"),
            ("customer_ref", "Reference"),
            ("customer_vat", "VAT Number"),
            ("domain", "E-Mail Domain"),
            ("person", "A Person"),
        ],
        readonly=True,
    )
    reason = fields.Char("Why Not Found", readonly=True)
    event_count = fields.Integer("Events", readonly=True, help="Of the days that are kept.")
    user_count = fields.Integer("Users", readonly=True, help="Of the days that are kept.")
    last_date = fields.Date("Last Event On", readonly=True)
    licensed_users = fields.Integer("Licences Told", readonly=True)
    licensed_date = fields.Date(readonly=True)
    tried_at = fields.Datetime(readonly=True)
    # The customer whose figures contain this company, and whether they have to be counted again.
    counted_partner_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="set null"
    )
    is_changed = fields.Boolean(readonly=True)

    _key_uniq = models.UniqueIndex("(source_id, key)", "A source names a company once.")

    def write(self, vals):
        if "partner_id" in vals and not self.env.context.get("success_found"):
            if self.env["res.partner"].browse(vals["partner_id"]).sudo().success_former_date:
                raise UserError(self.env._("A former customer has no use to count."))
            vals = {
                **vals,
                "state": "matched" if vals["partner_id"] else "waiting",
                "found_by": "person" if vals["partner_id"] else False,
                "reason": False,
            }
            self._wake()
        if "partner_id" in vals:
            vals = {**vals, "is_changed": True}
        return super().write(vals)

    @api.model
    def _wake(self):
        """Let the job count soon."""
        self.env.ref("customer_success.ir_cron_events").sudo()._trigger()

    def action_ignore(self):
        """Put these companies aside: they are no customers, such as our own tests."""
        self.check_access("write")
        self.write({"partner_id": False})
        self.sudo().write({"state": "ignored"})

    def action_wait(self):
        """Let these companies wait for a match again."""
        self.check_access("write")
        self.sudo().filtered(lambda group: group.state == "ignored").write(
            {"state": "waiting", "tried_at": False}
        )
        self._wake()

    # ------------------------------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------------------------------

    @api.model
    def _match_waiting(self, source):
        """Look up the companies of a source that wait, new ones now and others once a day."""
        # Their customer was deleted.
        self.search(
            [("source_id", "=", source.id), ("state", "=", "matched"), ("partner_id", "=", False)]
        ).write({"state": "waiting"})
        before = fields.Datetime.subtract(fields.Datetime.now(), hours=RETRY_HOURS)
        waiting = self.search(
            [
                ("source_id", "=", source.id),
                ("state", "=", "waiting"),
                "|",
                ("tried_at", "=", False),
                ("tried_at", "<", before),
            ]
        )
        if waiting:
            waiting._match(source.company_id)

    def _match(self, company):
        """Look these companies up as a delivery of use does, in sets."""
        now = fields.Datetime.now()
        groups = self.with_context(success_found=True, allowed_company_ids=company.ids)
        named = groups.filtered(lambda group: not group.key.startswith(AT))
        names = Names(groups.env)
        names.learn({(*(group.key,) * len(FOUND_BY), None) for group in named}, set())
        domains = self._of_domains([group.key[1:] for group in groups - named], company)
        found = {}  # what was found -> groups
        for group in groups:
            told = (
                group._said(names)
                if group in named
                else group._said_of_domain(domains.get(group.key[1:], []))
            )
            found[told] = found.get(told, groups.browse()) | group
        for (partner_id, found_by, reason), those in found.items():
            vals = {"tried_at": now, "reason": reason}
            if partner_id:
                vals |= {"partner_id": partner_id, "found_by": found_by, "state": "matched"}
            those.write(vals)

    def _said(self, names):
        """Return ``(customer, found by, reason)`` of a key; the first thing that it may be counts."""
        for column in FOUND_BY:
            told = names.found[column, self.key]
            if not isinstance(told, Reject):
                return told, column, False
            if told.code != "not_found":
                return False, False, told.message
        return False, False, False

    def _said_of_domain(self, partner_ids):
        if len(partner_ids) == 1:
            return partner_ids[0], "domain", False
        if partner_ids:
            return False, False, self.env._("Several customers have this domain.")
        return False, False, False

    @api.model
    def _of_domains(self, domains, company):
        """Return the followed customers whose address, contacts or website have a domain, ``{domain: ids}``."""
        if not domains:
            return {}
        self.env["res.partner"].flush_model()
        self.env.cr.execute(
            _OF_DOMAINS.format(followed=followed("c")),
            {"domains": domains, "company": company.id},
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _forget(self, source, keys):
        """Delete all that is kept of these companies."""
        for table in ("customer_success_event", "customer_success_event_day"):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE source_id = %s AND key = ANY(%s)",
                    SQL.identifier(table),
                    source.id,
                    keys,
                )
            )

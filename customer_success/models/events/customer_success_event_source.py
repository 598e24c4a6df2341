from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

# The days that the page of a source counts.
SHOWN_DAYS = 30
MOST_NAMES = 30


class CustomerSuccessEventSource(models.Model):
    """A product whose events come in over HTTP, with the keys that it writes with."""

    _name = "customer.success.event.source"
    _description = "Source of Events"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="The product whose use the events show.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="Events find customers of this company, and those that all companies share.",
    )
    active = fields.Boolean(
        default=True, help="Events of an archived source are refused, as those of an unknown key."
    )
    key_ids = fields.One2many("customer.success.event.key", "source_id", "Keys")
    has_key = fields.Boolean(compute="_compute_has_key")
    address = fields.Char(
        compute="_compute_address",
        help="The address to give to the library of your product, as its host or data plane.",
    )
    rule_ids = fields.One2many("customer.success.event.rule", "source_id", "Rules")
    period = fields.Selection(
        [("month", "Month"), ("week", "Week")],
        "Counted By",
        required=True,
        default="month",
        help="The period for which active users and degrees are counted. A month fits most products; take weeks if everybody works with "
        "it every week.",
    )
    intended_days = fields.Integer(
        "Intended Days a Week",
        help="On how many days a week a user is meant to work with the product. It makes the degree of frequency; 0 leaves it unknown.",
    )
    licensed_trait = fields.Char(
        "Trait with Licences",
        default="licensed_users",
        help="The trait of group calls with the number of licensed users. Where it is not told, the seats of the contract count.",
    )
    group_ids = fields.One2many("customer.success.event.group", "source_id", "Companies")
    waiting_count = fields.Integer("To Match", compute="_compute_waiting_count")
    names_seen = fields.Html("Events Seen", compute="_compute_names_seen", sanitize=False)
    event_count = fields.Integer("Events", compute="_compute_counts")
    unused_count = fields.Integer("Not Counted", compute="_compute_counts")
    last_date = fields.Date("Last Event Received", compute="_compute_counts")

    _check_intended_days = models.Constraint(
        "CHECK(intended_days BETWEEN 0 AND 7)",
        "A week has 0 to 7 days on which the product is used.",
    )

    @api.depends("key_ids.active")
    def _compute_has_key(self):
        for source in self:
            source.has_key = any(source.key_ids.mapped("active"))

    def _compute_address(self):
        for source in self:
            source.address = f"{source.get_base_url()}/customer_success"

    def _compute_counts(self):
        since = fields.Date.subtract(fields.Date.today(), days=SHOWN_DAYS)
        counts = self.env["customer.success.event.count"]
        found = {
            source: (taken, sum(unused or 0 for unused in others))
            for source, taken, *others in counts._read_group(
                [("source_id", "in", self.ids), ("date", ">=", since)],
                ["source_id"],
                ["taken:sum", *(f"{name}:sum" for name in counts._unused())],
            )
        }
        last = dict(
            counts._read_group(
                [("source_id", "in", self.ids), ("taken", ">", 0)], ["source_id"], ["date:max"]
            )
        )
        for source in self:
            source.event_count, source.unused_count = found.get(source._origin, (0, 0))
            source.last_date = last.get(source._origin, False)

    def _compute_waiting_count(self):
        waiting = dict(
            self.env["customer.success.event.group"]._read_group(
                [("source_id", "in", self.ids), ("state", "=", "waiting")],
                ["source_id"],
                ["__count"],
            )
        )
        for source in self:
            source.waiting_count = waiting.get(source._origin, 0)

    @api.depends("rule_ids.name")
    def _compute_names_seen(self):
        """List the events that came in most, and those of them that no rule names."""
        since = fields.Date.subtract(fields.Date.today(), days=SHOWN_DAYS)
        for source in self:
            ruled = set(source.rule_ids.mapped("name"))
            found = self.env.execute_query(
                SQL(
                    """
                    SELECT name, count(*), count(DISTINCT person)
                      FROM customer_success_event
                     WHERE source_id = %s AND day >= %s AND name IS NOT NULL
                  GROUP BY name
                  ORDER BY count(*) DESC, name
                     LIMIT %s
                    """,
                    source._origin.id or 0,
                    since,
                    MOST_NAMES,
                )
            )
            rows = Markup().join(
                Markup(
                    "<tr><td>%s</td><td class='text-end'>%s</td><td class='text-end'>%s</td><td>%s</td></tr>"
                )
                % (name, number, users, "" if name in ruled else self.env._("no rule"))
                for name, number, users in found
            )
            head = Markup(
                "<tr><th>%s</th><th class='text-end'>%s</th><th class='text-end'>%s</th><th></th></tr>"
            ) % (
                self.env._("Event"),
                self.env._("Events"),
                self.env._("Users"),
            )
            source.names_seen = rows and Markup(
                "<table class='table table-sm'><thead>%s</thead><tbody>%s</tbody></table>"
            ) % (head, rows)

    @api.model_create_multi
    def create(self, vals_list):
        sources = super().create(vals_list)
        self.env.registry.clear_cache()
        return sources

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"rolled_at", "is_recount"}:
            self.env.registry.clear_cache()
        if {"period", "intended_days", "product_id"} & vals.keys():
            self._recount()
        return result

    def unlink(self):
        """Delete the events of these sources with them."""
        ids = self.ids
        result = super().unlink()
        self.env.cr.execute(
            SQL("DELETE FROM customer_success_event WHERE source_id = ANY(%s)", ids)
        )
        self.env.registry.clear_cache()
        return result

    # ------------------------------------------------------------------------------------------
    # Keys
    # ------------------------------------------------------------------------------------------

    def action_make_key(self):
        """Make a further key and show it, once: only its digest is stored."""
        self.ensure_one()
        self.check_access("write")
        key = self.env["customer.success.event.key"].sudo()._make(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Your New Key"),
            "res_model": "customer.success.event.key.show",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_key": key,
                "default_address": self.address,
            },
        }

    def action_open_counts(self):
        """Open what came in by day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_event_count_action"
        )
        return {**action, "domain": [("source_id", "=", self.id)]}

    def action_open_groups(self):
        """Open the companies that the events name."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_event_group_action"
        )
        return {**action, "domain": [("source_id", "=", self.id)]}

    # ------------------------------------------------------------------------------------------
    # Job
    # ------------------------------------------------------------------------------------------

    @api.model
    def _roll_up(self):
        """Do what is due with the events that came in; a scheduled action calls it every fifteen minutes."""
        commit = self.env["ir.cron"]._commit_progress
        self.env["customer.success.event"]._tend()
        commit()
        self.env["customer.success.event.count"]._fold()
        self.env["customer.success.event.refusal"]._fold()
        commit()

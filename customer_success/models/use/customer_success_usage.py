from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import split_every

from ...ingestion.landing import Landing
from ..common.known_float import KnownFloat
from .customer_success_usage_figures import FIGURES, KEY


class CustomerSuccessUsage(models.Model):
    """How one product was used at one customer in one period, as it is known now.

    What a correction replaced is kept as :class:`customer.success.usage.revision`.
    """

    _name = "customer.success.usage"
    _inherit = ["customer.success.fact", "customer.success.usage.figures"]
    _description = "Use of a Product"
    _order = "date desc, id desc"
    _rec_name = "product_id"

    adoption = KnownFloat(
        "Adoption %",
        compute="_compute_adoption",
        store=True,
        digits=(5, 1),
        help="Active users in % of the licensed ones.",
    )
    is_over_licensed = fields.Boolean(
        "More Active than Licensed",
        compute="_compute_adoption",
        store=True,
        help="It happens: licences are shared, or the number of licences is not up to date.",
    )
    delivery_id = fields.Many2one(
        "customer.success.usage.delivery",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The delivery that last said so; empty for what was typed in.",
    )
    revision_ids = fields.One2many(
        "customer.success.usage.revision", "usage_id", "What It Said Before"
    )

    _period_uniq = models.UniqueIndex(
        "(partner_id, product_id, source, date, period)",
        "This customer already has the use of this product in this period. Change that entry.",
    )
    _latest_idx = models.Index("(partner_id, product_id, source, date DESC)")
    _check_users = models.Constraint(
        "CHECK(licensed_users BETWEEN 0 AND 1e12 AND active_users BETWEEN 0 AND 1e12)",
        "Numbers of users are 0 or more.",
    )
    _check_degrees = models.Constraint(
        "CHECK(as_intended BETWEEN 0 AND 100 AND timely BETWEEN 0 AND 100"
        " AND quality BETWEEN 0 AND 100 AND frequency BETWEEN 0 AND 100"
        " AND in_place BETWEEN 0 AND 100 AND accuracy BETWEEN 0 AND 100)",
        "The degrees of use go from 0 to 100; leave empty what is not known.",
    )

    @api.depends("licensed_users", "active_users")
    def _compute_adoption(self):
        for usage in self:
            known = usage.licensed_users and usage.active_users is not False
            usage.adoption = bool(known) and min(
                100.0, 100.0 * usage.active_users / usage.licensed_users
            )
            usage.is_over_licensed = (
                usage.licensed_users is not False and usage.active_users > usage.licensed_users
            )

    @api.constrains("date")
    def _check_date(self):
        tomorrow = fields.Date.add(fields.Date.context_today(self), days=1)
        for usage in self:
            if not usage.date.year >= 2000 or usage.date > tomorrow:
                raise ValidationError(
                    self.env._("A period of use starts between the year 2000 and today.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("date"):
                vals["date"] = self._period_start(vals["date"], vals.get("period") or "month")
        return super().create(vals_list)

    def write(self, vals):
        if {*KEY, *FIGURES} & vals.keys():
            self._keep_revision(vals)
        if {"date", "period"} & vals.keys():
            for usage in self:
                period = vals.get("period") or usage.period
                start = self._period_start(vals.get("date") or usage.date, period)
                super(CustomerSuccessUsage, usage).write({**vals, "date": start})
            return True
        return super().write(vals)

    def unlink(self):
        self._keep_revision()
        return super().unlink()

    def _keep_revision(self, vals=None):
        """Keep what these records say, where ``vals``, or their end, would have them say something else."""
        self.check_access("write" if vals else "unlink")
        names = [name for name in (*KEY, *FIGURES) if vals is None or name in vals]
        former = []
        for usage in self.sudo():
            if vals is None or any(
                self._fields[name].convert_to_cache(vals[name], usage)
                != self._fields[name].convert_to_cache(usage[name], usage)
                for name in names
            ):
                values = usage.read([*KEY, *FIGURES, "delivery_id"], load=None)[0]
                del values["id"]
                former.append({**values, "usage_id": usage.id, "user_id": self.env.uid})
        self.env["customer.success.usage.revision"].sudo().create(former)

    @api.model
    def _period_start(self, date, period):
        """The first day of the week or month that a date lies in, so that a period has one key."""
        return fields.Date.start_of(fields.Date.to_date(date), period)

    # ------------------------------------------------------------------------------------------
    # Ingestion
    # ------------------------------------------------------------------------------------------

    @api.model
    def ingest(self, rows):
        """Take in a delivery of use; the way in for product telemetry, by JSON-2 with an API key.

        Each row is a dict that names the customer by ``customer_external_id``, ``customer_ref`` or
        ``customer_vat``, the product by ``product_external_id`` or ``product_code``, and brings ``date``
        (any day of the period, as 2026-01-31), ``period`` (week or month, the default), ``source`` (measured,
        the default, or assessed) and at least one figure: ``licensed_users``, ``active_users``, and the
        degrees from 0 to 100. A figure that is left out stays as it is; ``null`` says that it is unknown.

        Good rows land and correct what was known of the same customer, product, source and period. Bad
        ones are refused, each by row, counted from 0, and field. Sending a delivery again changes nothing.

        :param list[dict] rows: the delivery
        :return: ``{delivery_id, created, updated, unchanged, rejected: [{row, field, message}]}``
        :raise AccessError: who does not belong to the customer-success team
        :raise UserError: what is no list of rows, or an empty one
        """
        if not isinstance(rows, list):
            raise UserError(self.env._("Send a list of rows, each with its own fields."))
        if not rows:
            raise UserError(self.env._("The delivery has no rows."))
        return self._ingest(rows)

    @api.model
    def _ingest(self, rows, delivery=None):
        """Take in any iterable of rows, in memory that does not grow with their number.

        ``delivery`` is the record to add to, where a file arrives in several parts.
        """
        self._check_may_ingest()
        delivery = delivery or self.env["customer.success.usage.delivery"].sudo().create({})
        landing = Landing(self.env, delivery)
        for chunk in split_every(CHUNK, rows, list):
            landing.stage(chunk)
        return landing.land()

    @api.model
    def _check_may_ingest(self):
        if not self.env.user.has_group("customer_success.group_success_user"):
            raise AccessError(self.env._("Only the customer-success team may deliver use."))
        self.check_access("create")
        self.check_access("write")


# Rows that are read, looked up and copied to the staging table together.
CHUNK = 10_000

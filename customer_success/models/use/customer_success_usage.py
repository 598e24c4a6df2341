from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...scoring.limits import EARLIEST_USE
from ..common.known_float import KnownFloat
from .customer_success_usage_figures import FIGURES, KEY

# What is said about an entry and not kept with it.
SAID = ("confirmed", "figure_reason", "week_start")
WEEK_STARTS = [
    ("monday", "Monday"),
    ("tuesday", "Tuesday"),
    ("wednesday", "Wednesday"),
    ("thursday", "Thursday"),
    ("friday", "Friday"),
    ("saturday", "Saturday"),
    ("sunday", "Sunday"),
]


class CustomerSuccessUsage(models.Model):
    """The current figures of how a customer used a product in a period.

    Former figures are kept in the model ``customer.success.usage.revision``.
    """

    _name = "customer.success.usage"
    _inherit = ["customer.success.fact", "customer.success.usage.figures"]
    _description = "Use of a Product"
    _order = "date desc, id desc"
    _rec_name = "product_id"

    adoption = KnownFloat(
        "Adoption Rate %",
        compute="_compute_adoption",
        store=True,
        digits=(5, 1),
        help="Active users as a percentage of licensed users.",
    )
    is_over_licensed = fields.Boolean(
        "More Active than Licensed",
        compute="_compute_adoption",
        store=True,
        help="There are more active users than licences: licences are shared, or their number is not up to date.",
    )
    revision_ids = fields.One2many("customer.success.usage.revision", "usage_id", "Former Figures")
    week_start = fields.Selection(
        WEEK_STARTS,
        "Weeks Start On",
        store=False,
        copy=False,
        help="The day on which the weeks of the source start. If it is not said, they start on Monday.",
    )
    segment_id = fields.Many2one(
        related="partner_id.success_segment_id",
        string="Segment",
        help="The segment of the customer today.",
    )

    _period_uniq = models.UniqueIndex(
        "(partner_id, product_id, source, date, period)",
        "The use of this product in this period is already recorded for this customer. Change that entry instead.",
    )
    _latest_idx = models.Index("(partner_id, product_id, source, date DESC)")
    _check_users = models.Constraint(
        "CHECK(licensed_users BETWEEN 0 AND 1e12 AND active_users BETWEEN 0 AND 1e12)",
        "The number of users cannot be negative.",
    )
    _check_degrees = models.Constraint(
        "CHECK(as_intended BETWEEN 0 AND 100 AND timely BETWEEN 0 AND 100"
        " AND quality BETWEEN 0 AND 100 AND frequency BETWEEN 0 AND 100"
        " AND in_place BETWEEN 0 AND 100 AND accuracy BETWEEN 0 AND 100)",
        "The degrees of use must be between 0 and 100. Leave a degree empty if it is unknown.",
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
            if not EARLIEST_USE <= usage.date <= tomorrow:
                raise ValidationError(
                    self.env._("A period of use must start between the year 2000 and today.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("date"):
                period = vals.get("period") or "month"
                vals["date"] = self._period_start(vals["date"], period, vals.get("week_start"))
        usages = super().create([_entered(vals) for vals in vals_list])
        if not self.env.su:
            usages._check_new(vals_list)
        return usages

    def write(self, vals):
        if {*KEY, *FIGURES} & vals.keys():
            if not self.env.su:
                self.check_access("write")
                self._check_changes(vals)
            self._keep_revision(vals)
        week_start = vals.get("week_start")
        vals = _entered(vals)
        if {"date", "period"} & vals.keys():
            for usage in self:
                period = vals.get("period") or usage.period
                day = fields.Date.to_date(vals.get("date")) or usage.date
                # A week keeps the first day that its source gave it, whatever day of the week that is.
                stays = (day, period) == (usage.date, usage.period) and not week_start
                start = day if stays else self._period_start(day, period, week_start)
                super(CustomerSuccessUsage, usage).write({**vals, "date": start})
            return True
        return super().write(vals)

    def unlink(self):
        self._keep_revision()
        return super().unlink()

    def _keep_revision(self, vals=None):
        """Keep a revision of each record that ``vals`` would change; without ``vals``, of all of them."""
        self.check_access("write" if vals else "unlink")
        former = []
        for usage in self.sudo():
            if vals is None or usage._changed(vals):
                values = usage.read(self._revised_fields(), load=None)[0]
                del values["id"]
                former.append({**values, "usage_id": usage.id, "user_id": self.env.uid})
        self.env["customer.success.usage.revision"].sudo().create(former)

    def _changed(self, vals):
        """Return the names of the key and the figures that ``vals`` would change."""
        self.ensure_one()
        return [
            name
            for name in (*KEY, *FIGURES)
            if name in vals
            and self._fields[name].convert_to_cache(vals[name], self)
            != self._fields[name].convert_to_cache(self[name], self)
        ]

    def _check_new(self, vals_list):
        """Refuse records that a person or program enters; extensions say which. ``vals_list`` is what was entered."""

    def _check_changes(self, vals):
        """Refuse changes of records by a person or program; extensions say which."""

    @api.model
    def _revised_fields(self):
        """Return the names of the fields that a revision keeps."""
        return [*KEY, *FIGURES]

    @api.model
    def _period_start(self, date, period, week_start=None):
        """Return the first day of the week or month of a date, so that each period has one key.

        ``week_start`` is the day on which weeks start: the name of a day, Monday if it is not said.
        """
        day = fields.Date.to_date(date)
        if period == "week" and week_start:
            first = [name for name, _label in WEEK_STARTS].index(week_start)
            return day - timedelta(days=(day.weekday() - first) % 7)
        return fields.Date.start_of(day, period)


def _entered(vals):
    """Return values without those that only say something about the entry."""
    return {name: value for name, value in vals.items() if name not in SAID}

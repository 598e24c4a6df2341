from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .known_float import KnownFloat

DEGREES = {
    "as_intended": "How: as intended",
    "timely": "When: in time",
    "quality": "How well",
    "frequency": "How often",
    "in_place": "Where: in the system",
    "accuracy": "Accuracy of data",
}


def _degree(code, help):
    return KnownFloat(DEGREES[code], digits=(5, 1), help=help)


class CustomerSuccessUsage(models.Model):
    """How one product was used at one customer in one period. What is empty is unknown."""

    _name = "customer.success.usage"
    _inherit = ["customer.success.fact"]
    _description = "Use of a Product"
    _order = "date desc, id desc"
    _rec_name = "product_id"

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    product_id = fields.Many2one("product.product", required=True, index=True, ondelete="restrict")
    date = fields.Date(
        "Period From",
        required=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), "month"),
        help="The first day of the week or month.",
    )
    period = fields.Selection(
        [("week", "Week"), ("month", "Month")], required=True, default="month"
    )
    source = fields.Selection(
        [("measured", "Measured"), ("assessed", "Assessed")],
        required=True,
        default="assessed",
        help="Measured by the product, or assessed by a person. What was measured goes first.",
    )
    licensed_users = KnownFloat(digits=(16, 0), aggregator="sum")
    active_users = KnownFloat(digits=(16, 0), aggregator="sum")
    adoption = KnownFloat(
        "Adoption %",
        compute="_compute_adoption",
        store=True,
        digits=(5, 1),
        help="Active users in % of the licensed ones.",
    )
    as_intended = _degree(
        "as_intended", "Do they use it in the way it was meant for them? 0 to 100."
    )
    timely = _degree("timely", "Do they use it when it should be used, not days later? 0 to 100.")
    quality = _degree("quality", "How good is what they do with it? 0 to 100.")
    frequency = _degree("frequency", "Do they use it as often as it takes? 0 to 100.")
    in_place = _degree(
        "in_place", "Is the work done in the system, not in private sheets? 0 to 100."
    )
    accuracy = _degree("accuracy", "How accurate is what they enter? 0 to 100.")

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
        if {"date", "period"} & vals.keys():
            for usage in self:
                period = vals.get("period") or usage.period
                start = self._period_start(vals.get("date") or usage.date, period)
                super(CustomerSuccessUsage, usage).write({**vals, "date": start})
            return True
        return super().write(vals)

    @api.model
    def _period_start(self, date, period):
        """The first day of the week or month that a date lies in, so that a period has one key."""
        return fields.Date.start_of(fields.Date.to_date(date), period)

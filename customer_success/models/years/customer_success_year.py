from odoo import api, fields, models

from ..common.known_float import KnownFloat
from .customer_success_target import KINDS

VERDICTS = [
    ("missed", "Missed"),
    ("behind", "Behind"),
    ("on_track", "On Track"),
    ("met", "Met"),
    ("unknown", "Not Known"),
    ("none", "No Target"),
]
BAD = ("missed", "behind")


def _rate(label, **more):
    return KnownFloat(label, readonly=True, digits=(5, 1), **more)


class CustomerSuccessYear(models.Model):
    """A year of a customer after go-live: what it reached, and the targets against which it is held.

    Only the job writes it. A row without a product is about all products together; a product that has a target of its
    own has a row of its own. The years go on for as long as the customer is followed.
    """

    _name = "customer.success.year"
    _description = "Year after Go-Live"
    _log_access = False
    _order = "date_from desc, product_id nulls first, id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    segment_id = fields.Many2one(related="partner_id.success_segment_id")
    csm_id = fields.Many2one(related="partner_id.success_user_id")
    product_id = fields.Many2one(
        "product.product",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Empty for all products together.",
    )
    year = fields.Integer("Year after Go-Live", readonly=True, aggregator=None)
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    is_running = fields.Boolean("Running", readonly=True)
    months = fields.Integer(
        "Months Known",
        readonly=True,
        aggregator="avg",
        help="The months with an adoption rate. The months of the first year in which use is still ramping up do not count.",
    )
    adoption = _rate(
        "Adoption Rate %",
        help="The mean of the months, of the licences whose use is expected: new ones are expected little by little. Unknown "
        "below three months.",
    )
    adoption_target = _rate("Adoption Target %")
    use = _rate(
        "Degrees of Use %",
        help="The mean of the degrees, in % of what is intended; unknown below three months.",
    )
    use_target = _rate("Degrees Target %")
    value = _rate(
        "Value Confirmed %",
        help="The objectives that were due in the year, as the health score counts them.",
    )
    value_target = _rate("Value Target %")
    sustain = _rate(
        "Use Kept %",
        help="The active users in % of the same months a year before; unknown below three months that can be compared.",
    )
    sustain_target = _rate("Use Kept Target %")
    sustain_first = _rate(
        "Use Kept since First Year %",
        help="The active users in % of the same months of the first year after go-live, once use was no longer ramping up.",
    )
    below_adoption = fields.Boolean("Adoption below Target", readonly=True)
    below_use = fields.Boolean("Degrees below Target", readonly=True)
    below_value = fields.Boolean("Value below Target", readonly=True)
    below_sustain = fields.Boolean("Use Kept below Target", readonly=True)
    verdict = fields.Selection(
        VERDICTS,
        "Compared with Targets",
        readonly=True,
        help="A year that is over met or missed its targets; the one that runs is on track or behind. It is not known as long as "
        "too few months have figures.",
    )
    shortfall = fields.Char("What Was Missed", compute="_compute_shortfall")

    _key_uniq = models.UniqueIndex(
        "(partner_id, year, COALESCE(product_id, 0))", "A customer has each year once."
    )
    _verdict_idx = models.Index("(verdict, partner_id)")

    @api.depends("partner_id", "year", "product_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for year in self:
            year.display_name = self.env._(
                "%(customer)s, year %(year)d", customer=year.partner_id.display_name, year=year.year
            )

    @api.depends("verdict", *(f"below_{kind}" for kind, _label in KINDS))
    @api.depends_context("lang")
    def _compute_shortfall(self):
        labels = dict(
            self.env["customer.success.target"]._fields["kind"]._description_selection(self.env)
        )
        for year in self:
            year.shortfall = ", ".join(
                self.env._(
                    "%(what)s %(figure).0f %% of %(target).0f %%",
                    what=labels[kind].lower(),
                    figure=year[kind],
                    target=year[f"{kind}_target"],
                )
                for kind, _label in KINDS
                if year[f"below_{kind}"]
            )

    def action_open_customer(self):
        """Open the customer of this year."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(self.env.ref("customer_success.res_partner_view_success_form").id, "form")],
        }

from odoo import fields, models

from ..common.known_float import KnownFloat

DEGREES = {
    "as_intended": "How: as intended",
    "timely": "When: in time",
    "quality": "How well",
    "frequency": "How often",
    "in_place": "Where: in the system",
    "accuracy": "Accuracy of data",
}
# What a record of use is known by, and what it says.
KEY = ("partner_id", "product_id", "source", "date", "period")
FIGURES = ("licensed_users", "active_users", *DEGREES)


def _degree(code, help):
    return KnownFloat(DEGREES[code], digits=(5, 1), help=help)


class CustomerSuccessUsageFigures(models.AbstractModel):
    """How one product was used at one customer in one period. What is empty is unknown."""

    _name = "customer.success.usage.figures"
    _description = "Figures of Use"

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

from odoo import fields, models

from ..common.known_float import KnownFloat

DEGREES = {
    "as_intended": "How: As Intended",
    "timely": "When: On Time",
    "quality": "How Well",
    "frequency": "How Often",
    "in_place": "Where: In the System",
    "accuracy": "Accuracy of Data",
}
SOURCES = [("measured", "Measured"), ("assessed", "Assessed")]
# The fields that identify a record of use, and the figures it holds.
KEY = ("partner_id", "product_id", "source", "date", "period")
FIGURES = ("licensed_users", "active_users", *DEGREES)


def _degree(code, help):
    return KnownFloat(DEGREES[code], digits=(5, 1), help=help)


class CustomerSuccessUsageFigures(models.AbstractModel):
    """The figures of how a customer used a product in a period; an empty figure is unknown."""

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
        SOURCES,
        required=True,
        default="assessed",
        help="Use is measured by the product or assessed by a person. Measured figures take precedence.",
    )
    licensed_users = KnownFloat(digits=(16, 0), aggregator="sum")
    active_users = KnownFloat(digits=(16, 0), aggregator="sum")
    as_intended = _degree("as_intended", "From 0 to 100: do they use it in the intended way?")
    timely = _degree(
        "timely", "From 0 to 100: do they use it when they should, and not days later?"
    )
    quality = _degree("quality", "From 0 to 100: how good is the work they do with it?")
    frequency = _degree("frequency", "From 0 to 100: do they use it as often as they need to?")
    in_place = _degree(
        "in_place", "From 0 to 100: do they work in the system, and not in private spreadsheets?"
    )
    accuracy = _degree("accuracy", "From 0 to 100: how accurate is the data they enter?")

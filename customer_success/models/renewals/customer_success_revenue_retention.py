from odoo import fields, models

from ...scoring import revenue
from ..common.known_float import KnownFloat
from ..common.money import Money
from .customer_success_revenue_bridge import CustomerSuccessRevenueBridge

# The ratios of sums: each is its amount divided by the revenue at the start, at the rates of the end.
RATIOS = {"gross_retention": "kept", "net_retention": "renewed"}
AMOUNTS = (
    "at_start",
    "currency_change",
    "base",
    "new_value",
    "expansion",
    "contraction",
    "lost",
    "come_back",
    "at_end",
    "kept",
    "renewed",
    "undecided",
)


class CustomerSuccessRevenueRetention(models.Model):
    """Gross and net retention over twelve months: what became of the recurring revenue that stood at their start.

    There is one row for each product of a customer and each month: the twelve months that end with that month, or today.
    Groups of several months have the figures of the last one, because their twelve months overlap.
    """

    _name = "customer.success.revenue.retention"
    _inherit = "customer.success.revenue"
    _description = "Retention of Recurring Revenue"
    _auto = False
    _depends = CustomerSuccessRevenueBridge._depends
    _stands = dict.fromkeys([*AMOUNTS, *RATIOS], "last")
    _months_back = 12
    _ratios = RATIOS
    _ratio_base = "base"

    first_day = fields.Date(
        "Stood On", readonly=True, help="The day at whose end the revenue at the start stood."
    )
    last_day = fields.Date("Twelve Months Until", readonly=True)
    base = Money(
        "At the Start, at Rates of the End",
        readonly=True,
        help="The revenue at the start, at the exchange rates of the last day, so that a rate is neither a gain nor a loss.",
    )
    kept = Money(readonly=True, help="What is left of the revenue at the start, without expansion.")
    renewed = Money(
        "Kept with Expansion",
        readonly=True,
        help="What customers with revenue at the start bring at the end. Who left and came back counts as gone.",
    )
    undecided = Money(
        "Of It Due, Not Decided",
        readonly=True,
        help="The part of the revenue at the end whose term is past its end and not decided.",
    )
    gross_retention = KnownFloat(
        "Gross Retention %",
        readonly=True,
        digits=(6, 1),
        help="What is left of the revenue at the start, without expansion. It is never above 100 %.",
    )
    net_retention = KnownFloat(
        "Net Retention %",
        readonly=True,
        digits=(6, 1),
        help="The same with expansion. New customers and those who came back do not count.",
    )

    @property
    def _table_query(self):
        return self._rows(revenue.YEAR)

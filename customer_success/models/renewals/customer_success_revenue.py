import operator
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...scoring import revenue
from ..common.money import Money

MONTH = "month:month"
# The web client asks for it with each amount.
CURRENCIES = "currency_id:array_agg_distinct"
# The context key of the months that a statement needs; only a ``_Span`` is read, which no remote caller can send.
SPAN = "success_revenue_span"
COMPARE = {
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
# A renewal and a month make the id of a row, see scoring/revenue.py.
RENEWAL = 2**31


class CustomerSuccessRevenue(models.AbstractModel):
    """The rows of recurring revenue: what it was, what came and went, and what it is, in the company's currency.

    Amounts of several months are not all to be added up: what stood at the start of a year is what stood at the start of
    its first month. ``_stands`` names these amounts and says whether they are those of the first or of the last month.
    """

    _name = "customer.success.revenue"
    _inherit = "customer.success.kept"
    _description = "Recurring Revenue"
    _auto = False
    _order = "month desc, id desc"
    _rec_name = "partner_id"
    _stands = {}
    # How many months before a month its revenue at the start stood.
    _months_back = 0

    month = fields.Date(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    product_id = fields.Many2one(
        "product.product",
        readonly=True,
        help="A product that was replaced is shown as its successor, if the customer has a term of that one.",
    )
    renewal_id = fields.Many2one("customer.success.renewal", "Term", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one(
        "res.users", "CSM", readonly=True, help="The CSM who follows the customer today."
    )
    segment_id = fields.Many2one(
        "customer.success.segment", readonly=True, help="The segment of the customer today."
    )
    country_id = fields.Many2one("res.country", readonly=True)
    missing = fields.Selection(
        [("rate", "No exchange rate on that day")], "Reason Not Counted", readonly=True
    )

    at_start = Money(
        "At the Start",
        readonly=True,
        help="The annual value of the terms in force before the first day.",
    )
    new_value = Money(
        "New", readonly=True, help="From customers who had no recurring revenue before."
    )
    expansion = Money(
        readonly=True,
        help="More from customers who had recurring revenue at the start: more of a product, a higher price, or one more product.",
    )
    contraction = Money(
        readonly=True,
        help="Less from customers who stay: less of a product, a lower price, or one product less.",
    )
    lost = Money(readonly=True, help="From customers who left altogether.")
    come_back = Money(
        readonly=True, help="From customers who had left and have recurring revenue again."
    )
    currency_change = Money(
        "Exchange Rates",
        readonly=True,
        help="What exchange rates changed in the revenue that stood at the start.",
    )
    at_end = Money(
        "At the End", readonly=True, help="The annual value of the terms in force on the last day."
    )

    def _renewal_of_row(self):
        return self.id % RENEWAL

    # ------------------------------------------------------------------------------------------
    # The months that are computed
    # ------------------------------------------------------------------------------------------

    @api.model
    def _rows(self, sql):
        """Return the SQL of the rows of a model: of all months in sight, or of those that :meth:`_within` found."""
        span = self._span() or self._every_month()
        today = fields.Date.context_today(self)
        return SQL(sql, **revenue.span(span[0], span[-1], today, self._months_back))

    @api.model
    def _span(self):
        """Return the months that :meth:`_within` found, an empty list before."""
        span = self.env.context.get(SPAN)
        return span if isinstance(span, _Span) else []

    @api.model
    def _every_month(self):
        """Return the first days of all months in sight."""
        today = fields.Date.context_today(self).replace(day=1)
        return [fields.Date.subtract(today, months=n) for n in reversed(range(revenue.MONTHS))]

    def _within(self, domain):
        """Return this model with no more months than a domain is about, as the others need not be computed."""
        domain = Domain(domain)
        about = [
            month
            for month in self._every_month()
            if not domain.map_conditions(partial(_at, month)).is_false()
        ]
        return self.with_context(**{SPAN: _Span(about)}) if about else self

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super(CustomerSuccessRevenue, self._within(domain))._search(domain, *args, **kwargs)

    # ------------------------------------------------------------------------------------------
    # Groups of several months
    # ------------------------------------------------------------------------------------------

    @api.model
    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        if not (having or offset or limit or order):
            return self._read_grouping_sets(domain, [groupby], aggregates)[0]
        model = self._within(domain)
        read = super(CustomerSuccessRevenue, model)._read_group
        found = read(domain, groupby, aggregates, having, offset, limit, order)
        standing = model._standing(aggregates)
        if not found or not standing or MONTH in groupby:
            return found
        monthly = read(domain, [*groupby, MONTH], list(standing))
        return self._fold(found, monthly, groupby, aggregates, standing)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        model = self._within(domain)
        read = partial(super(CustomerSuccessRevenue, model)._read_grouping_sets, order=order)
        found = self._read_sums(read, domain, grouping_sets, aggregates)
        standing = model._standing(aggregates)
        several = [n for n, groupby in enumerate(grouping_sets) if MONTH not in groupby]
        if not standing or not several:
            return found
        monthly = read(domain, [[*grouping_sets[n], MONTH] for n in several], list(standing))
        for n, rows in zip(several, monthly):
            found[n] = self._fold(found[n], rows, grouping_sets[n], aggregates, standing)
        return found

    @api.model
    def _read_sums(self, read, domain, grouping_sets, aggregates):
        """Call ``read``, but take the currencies of each group from groups by currency.

        An aggregate of distinct values would sort all rows. Groups with several currencies are rare, and read as usual.
        """
        named = any("currency_id" in groupby for groupby in grouping_sets)
        if CURRENCIES not in aggregates or named:
            return read(domain, grouping_sets, aggregates)
        place = aggregates.index(CURRENCIES)
        others = [*aggregates[:place], *aggregates[place + 1 :]]
        found = read(domain, [[*groupby, "currency_id"] for groupby in grouping_sets], others)
        for n, groupby in enumerate(grouping_sets):
            size = len(groupby)
            if len({row[:size] for row in found[n]}) < len(found[n]) or not (groupby or found[n]):
                return read(domain, grouping_sets, aggregates)
            found[n] = [
                (
                    *row[:size],
                    *row[size + 1 : size + 1 + place],
                    row[size].ids,
                    *row[size + 1 + place :],
                )
                for row in found[n]
            ]
        return found

    def _standing(self, aggregates):
        """Return ``{aggregate: whether it is that of the last month}`` for those that are not added up over months.

        There is nothing to add up if only one month is needed.
        """
        if len(self._span()) == 1:
            return {}
        stands = {spec: self._stands.get(spec.partition(":")[0]) for spec in aggregates}
        return {spec: which == "last" for spec, which in stands.items() if which}

    @api.model
    def _fold(self, found, monthly, groupby, aggregates, standing):
        """Return the groups with the amounts of their first or last month, from the same groups by month.

        The first and the last month are those of all groups, or of the quarter or year by which they are grouped.
        """
        size = len(groupby)
        dated = [n for n, spec in enumerate(groupby) if spec.startswith("month:")]

        def period(row):
            return tuple(row[n] for n in dated)

        ends = {}
        for row in monthly:
            first, last = ends.get(period(row), (row[size], row[size]))
            ends[period(row)] = (min(first, row[size]), max(last, row[size]))
        amounts = {
            (spec, row[:size]): value
            for row in monthly
            for (spec, is_last), value in zip(standing.items(), row[size + 1 :])
            if row[size] == ends[period(row)][is_last]
        }
        return [
            row[:size]
            + tuple(
                amounts.get((spec, row[:size]), 0.0) if spec in standing else value
                for spec, value in zip(aggregates, row[size:])
            )
            for row in found
        ]


class _Span(tuple):
    """The first days of the months that a statement needs, in order."""


def _at(month, leaf):
    """Return a condition for one month: TRUE or FALSE if it is about the month."""
    if leaf.field_expr != "month":
        return leaf
    try:
        if leaf.operator == "in":
            days = [fields.Date.to_date(value) for value in leaf.value if value]
            return Domain.TRUE if month in days else Domain.FALSE
        compare = COMPARE.get(leaf.operator)
        day = compare and leaf.value and fields.Date.to_date(leaf.value)
    except ValueError:  # a day in words, as "today"
        return leaf
    return (Domain.TRUE if compare(month, day) else Domain.FALSE) if day else leaf

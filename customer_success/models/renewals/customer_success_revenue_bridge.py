from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ...scoring import revenue
from ..common.money import Money
from .customer_success_revenue import CURRENCIES, MONTH, _at
from .customer_success_revenue_source import READ

KINDS = [
    ("standing", "Standing"),
    ("new", "New"),
    ("expansion", "Expansion"),
    ("contraction", "Contraction"),
    ("lost", "Lost"),
    ("come_back", "Come Back"),
    ("currency", "Exchange Rates"),
]
SUMS = ("sum", "sum_currency")
# What a customer is today. Groups and filters by these, and by the month, are computed from changes alone.
TRAITS = {
    "partner_id",
    "product_id",
    "company_id",
    "currency_id",
    "user_id",
    "segment_id",
    "country_id",
}
FLOWS = {
    "amount",
    "new_value",
    "expansion",
    "contraction",
    "lost",
    "come_back",
    "currency_change",
}


class CustomerSuccessRevenueBridge(models.Model):
    """The bridge of recurring revenue: from the start of each month to its end, by customer, product and kind of change.

    A row is what a term brings in a month (*standing*), or what changed of a product at a customer. ``at_start`` plus the
    changes is ``at_end``, to the last cent, for each month and whatever the rows are grouped by.
    """

    _name = "customer.success.revenue.bridge"
    _inherit = "customer.success.revenue"
    _description = "Recurring Revenue by Month"
    _auto = False
    _depends = {
        **READ,
        "product.product": ["success_replaced_date", "success_successor_id"],
        "res.partner": ["country_id", "success_segment_id", "success_user_id"],
        "res.company": ["currency_id", "parent_path"],
        "res.currency": ["decimal_places"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
    }
    _stands = {"at_start": "first", "at_end": "last"}

    kind = fields.Selection(KINDS, "Change", readonly=True)
    amount = Money(
        "Amount of Change",
        readonly=True,
        help="Above zero for what came, below zero for what went. All together, they are the difference of end and start.",
    )
    is_undecided = fields.Boolean(
        "Due, Not Decided",
        readonly=True,
        help=f"The term is past its end and not decided. It counts on for {revenue.OPEN_DAYS} days, and then as lost.",
    )

    is_standing = fields.Boolean(
        "Standing", readonly=True, help="The row is what a term brings in the month, not a change."
    )

    @property
    def _table_query(self):
        return self._rows(revenue.BRIDGE)

    # ------------------------------------------------------------------------------------------
    # Groups: what stood at the start of the first month, and the changes since
    # ------------------------------------------------------------------------------------------

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        """Add the changes up month by month, if that says what stands: a book has few changes and many terms."""
        months, rest = self._months_of(domain, grouping_sets, aggregates)
        if not months:
            return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)
        traits = [[spec for spec in groupby if spec != MONTH] for groupby in grouping_sets]
        plain = [spec for spec in aggregates if spec.partition(":")[0] not in self._stands]
        # What only the first month needs is not computed for the others; nothing changed in what stands.
        reader = super()._read_grouping_sets
        kept = [spec for spec in plain if spec.partition(":")[0] not in FLOWS]
        stood = reader(
            rest & Domain("is_standing", "=", True) & Domain("month", "=", months[0]),
            traits,
            ["at_start:sum", *kept],
        )
        changed = reader(
            rest
            & Domain("is_standing", "=", False)
            & Domain("month", ">=", months[0])
            & Domain("month", "<=", months[-1]),
            [[*groupby, MONTH] for groupby in traits],
            ["amount:sum", *plain],
        )
        stood = [
            [self._with_flows(row, len(groupby), kept, plain) for row in rows]
            for groupby, rows in zip(traits, stood)
        ]
        return [
            self._cumulate(months, groupby, aggregates, plain, *rows)
            for groupby, *rows in zip(grouping_sets, stood, changed)
        ]

    @api.model
    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        if having or offset or limit or order:
            return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)
        months, _rest = self._months_of(domain, [groupby], aggregates)
        if not months:
            return super()._read_group(domain, groupby, aggregates)
        return self._read_grouping_sets(domain, [groupby], aggregates)[0]

    @api.model
    def _months_of(self, domain, grouping_sets, aggregates):
        """Return the months that a domain is about, without a gap, and the rest of it; no months if it is about more."""
        domain = Domain(domain)
        specs = {spec for groupby in grouping_sets for spec in groupby}
        for spec in aggregates:
            name, _dot, function = spec.partition(":")
            known = name in FLOWS or name in self._stands
            if not (spec == "__count" or (known and function in SUMS) or spec == CURRENCIES):
                return [], domain
        if not any(spec.partition(":")[0] in self._stands for spec in aggregates):
            return [], domain
        if not specs <= TRAITS | {MONTH}:
            return [], domain
        paths = {condition.field_expr.partition(".")[0] for condition in domain.iter_conditions()}
        if not paths <= TRAITS | {"month"}:
            return [], domain
        every = self._every_month()
        rests = [domain.map_conditions(partial(_at, month)) for month in every]
        inside = [n for n, rest in enumerate(rests) if not rest.is_false()]
        if not inside or inside[-1] - inside[0] >= len(inside):
            return [], domain
        rest = rests[inside[0]]
        if any(rests[n] != rest for n in inside):
            return [], domain
        return [every[n] for n in inside], rest

    @api.model
    def _with_flows(self, row, size, kept, plain):
        """Return what stood of a group, with 0 for each change."""
        known = dict(zip(kept, row[size + 1 :]))
        return (*row[: size + 1], *(known.get(spec, 0) for spec in plain))

    @api.model
    def _cumulate(self, months, groupby, aggregates, plain, stood, changed):
        """Return the rows of groups from what stood before the first month and what changed in each one."""
        size = len([spec for spec in groupby if spec != MONTH])
        begins = {row[:size]: row[size:] for row in stood}
        moves = {row[: size + 1]: row[size + 1 :] for row in changed}
        keys = list(dict.fromkeys([*begins, *(key[:size] for key in moves)]))
        nothing = [[] if spec == CURRENCIES else 0 for spec in plain]
        rows = []
        for key in keys:
            level, *first = begins.get(key, (0, *nothing))
            level = level or 0
            start, total = level, first
            for month in months:
                amount, *flows = moves.get((*key, month), (0, *nothing))
                before, level = level, round(level + (amount or 0), 6)
                total = [_joined(one, other) for one, other in zip(total, flows)]
                if MONTH in groupby and (before or level or any(flows)):
                    if month == months[0]:
                        flows = [_joined(one, other) for one, other in zip(first, flows)]
                    elif before or level:
                        flows = [
                            _joined(one, other) if spec == CURRENCIES else other
                            for spec, one, other in zip(plain, first, flows)
                        ]
                    rows.append((key, month, before, level, flows))
            if MONTH not in groupby:
                rows.append((key, None, start, level, total))
        if MONTH in groupby and groupby[0] == MONTH:
            rows.sort(key=lambda row: row[1])
        return [
            self._as_row(groupby, aggregates, key, month, start, end, dict(zip(plain, values)))
            for key, month, start, end, values in rows
        ]

    @api.model
    def _as_row(self, groupby, aggregates, key, month, start, end, values):
        """Return one group in the order in which it was asked for."""
        traits = iter(key)
        levels = {"at_start": start, "at_end": end}
        return tuple(month if spec == MONTH else next(traits) for spec in groupby) + tuple(
            values[spec] if spec in values else levels[spec.partition(":")[0]]
            for spec in aggregates
        )


def _joined(one, other):
    """Return the sum of two figures, or the union of two lists."""
    if isinstance(one, list):
        return [*one, *(value for value in other or [] if value not in one)]
    return (one or 0) + (other or 0)

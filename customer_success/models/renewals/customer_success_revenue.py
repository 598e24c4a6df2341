from odoo import api, fields, models
from odoo.tools import SQL

MONTH = "month:month"
# A renewal and a month make the id of a row, see scoring/revenue.py.
RENEWAL = 2**31


class CustomerSuccessRevenue(models.AbstractModel):
    """The rows of recurring revenue: what it was, what came and went, and what it is, in the company's currency.

    Amounts of several months are not all to be added up: what stood at the start of a year is what stood at the start of
    its first month. ``_stands`` names these amounts and says whether they are those of the first or of the last month.
    """

    _name = "customer.success.revenue"
    _inherit = "customer.success.money"
    _description = "Recurring Revenue"
    _auto = False
    _order = "month desc, id desc"
    _rec_name = "partner_id"
    _stands = {}

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

    at_start = fields.Monetary(
        "At the Start",
        readonly=True,
        help="The annual value of the terms in force before the first day.",
    )
    new_value = fields.Monetary(
        "New", readonly=True, help="From customers who had no recurring revenue before."
    )
    expansion = fields.Monetary(
        readonly=True,
        help="More from customers who had recurring revenue at the start: more of a product, a higher price, or one more product.",
    )
    contraction = fields.Monetary(
        readonly=True,
        help="Less from customers who stay: less of a product, a lower price, or one product less.",
    )
    lost = fields.Monetary(readonly=True, help="From customers who left altogether.")
    come_back = fields.Monetary(
        readonly=True, help="From customers who had left and have recurring revenue again."
    )
    currency_change = fields.Monetary(
        "Exchange Rates",
        readonly=True,
        help="What exchange rates changed in the revenue that stood at the start.",
    )
    at_end = fields.Monetary(
        "At the End", readonly=True, help="The annual value of the terms in force on the last day."
    )

    def action_open_renewal(self):
        """Open the renewal of this row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.success.renewal",
            "res_id": self.id % RENEWAL,
            "views": [(False, "form")],
        }

    @api.model
    def _rows(self, sql):
        """Return the SQL of the rows of a model."""
        return SQL(sql, today=fields.Date.context_today(self))

    # ------------------------------------------------------------------------------------------
    # Groups of several months
    # ------------------------------------------------------------------------------------------

    @api.model
    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        found = super()._read_group(domain, groupby, aggregates, having, offset, limit, order)
        standing = self._standing(aggregates)
        if not found or not standing or MONTH in groupby:
            return found
        monthly = super()._read_group(domain, [*groupby, MONTH], list(standing))
        return self._fold(found, monthly, groupby, aggregates, standing)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        found = super()._read_grouping_sets(domain, grouping_sets, aggregates, order)
        standing = self._standing(aggregates)
        several = [n for n, groupby in enumerate(grouping_sets) if MONTH not in groupby]
        if not standing or not several:
            return found
        monthly = super()._read_grouping_sets(
            domain, [[*grouping_sets[n], MONTH] for n in several], list(standing)
        )
        for n, rows in zip(several, monthly):
            found[n] = self._fold(found[n], rows, grouping_sets[n], aggregates, standing)
        return found

    @api.model
    def _standing(self, aggregates):
        """Return ``{aggregate: whether it is that of the last month}`` for those that are not added up over months."""
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

from odoo import fields, models

from ...scoring import revenue

KINDS = [
    ("standing", "Standing"),
    ("new", "New"),
    ("expansion", "Expansion"),
    ("contraction", "Contraction"),
    ("lost", "Lost"),
    ("come_back", "Come Back"),
]


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
        "customer.success.renewal": [
            "active",
            "annual_value",
            "company_id",
            "counted_value",
            "currency_id",
            "date_renewal",
            "date_start",
            "end_is_last_day",
            "outcome",
            "partner_id",
            "previous_id",
            "product_id",
            "renewed_value",
            "start_value",
        ],
        "customer.success.renewal.amendment": [
            "active",
            "annual_value",
            "counted_value",
            "date",
            "renewal_id",
        ],
        "product.product": ["success_replaced_date", "success_successor_id"],
        "res.partner": ["country_id", "success_segment_id", "success_user_id"],
        "res.company": ["currency_id", "parent_path"],
        "res.currency": ["decimal_places"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
    }
    _stands = {"at_start": "first", "at_end": "last"}

    kind = fields.Selection(KINDS, "Change", readonly=True)
    amount = fields.Monetary(
        "Amount of Change",
        readonly=True,
        help="Above zero for what came, below zero for what went. All together, they are the difference of end and start.",
    )
    is_undecided = fields.Boolean(
        "Due, Not Decided",
        readonly=True,
        help=f"The term is past its end and not decided. It counts on for {revenue.OPEN_DAYS} days, and then as lost.",
    )

    @property
    def _table_query(self):
        return self._rows(revenue.BRIDGE)

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import split_every

from ...ingestion.landing import UsageLoader

# The number of rows that are read, looked up and copied to the staging table together.
CHUNK = 10_000


class CustomerSuccessUsage(models.Model):
    """The API method that receives deliveries of usage, and the delivery from which each record came."""

    _inherit = "customer.success.usage"

    delivery_id = fields.Many2one(
        "customer.success.usage.delivery",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The delivery that last changed this record; empty if it was entered by hand.",
    )

    @api.model
    def _revised_fields(self):
        return [*super()._revised_fields(), "delivery_id"]

    @api.model
    def ingest(self, rows):
        """Receive a delivery of usage; product telemetry calls it by JSON-2 with an API key.

        Each row is a dict that names the customer by ``customer_external_id``, ``customer_ref``,
        ``customer_vat`` or ``customer_name``, the product by ``product_external_id``, ``product_code`` or
        ``product_name``, if it likes its contract by ``contract_number``, and brings ``date``
        (any day of the period, as 2026-01-31), ``period`` (week or month, the default), ``source`` (measured,
        the default, or assessed) and at least one figure: ``licensed_users``, ``active_users``, and the
        degrees from 0 to 100. A missing figure stays as it is; ``null`` means that it is unknown. Rows that name
        their contract add up to the use of the product; without one, use counts for all contracts of it.

        Values are read like those of a file (``ingestion/values.py``). Valid rows are stored and correct the record of
        the same customer, product, source and period. Invalid rows are refused, each with its row, counted from 0, and
        its field. Sending a delivery again changes nothing.

        :param list[dict] rows: the delivery
        :return: ``{delivery_id, created, updated, unchanged, rejected_count, rejected: [{row, field, code, message}]}``
        :raise AccessError: if the user does not belong to the customer success team
        :raise UserError: if ``rows`` is not a list of rows, or is empty
        """
        if not isinstance(rows, list):
            raise UserError(self.env._("Send a list of rows, each with its own fields."))
        if not rows:
            raise UserError(self.env._("The delivery has no rows."))
        return self._ingest(rows)

    @api.model
    def _ingest(self, rows, delivery=None, names=None):
        """Receive any iterable of rows, with memory that does not grow with their number.

        ``delivery`` is the record to add to if a file arrives in several parts; ``names`` looks the customers and products up,
        if the rows name them in another way.
        """
        self._check_may_ingest()
        delivery = delivery or self.env["customer.success.usage.delivery"].sudo().create({})
        loader = UsageLoader(self.env, delivery, names)
        for chunk in split_every(CHUNK, rows, list):
            loader.add(chunk)
        return loader.land()

    @api.model
    def _check_may_ingest(self):
        if not self.env.user.has_group("customer_success.group_success_user"):
            raise AccessError(self.env._("Only the customer success team may deliver usage."))
        self.check_access("create")
        self.check_access("write")

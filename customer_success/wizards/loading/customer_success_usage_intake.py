from odoo import api, fields, models

from ...ingestion.reading import COLUMNS


class CustomerSuccessUsageIntake(models.TransientModel):
    """A row of a file of usage, with the same fields as a row of ``customer.success.usage.ingest``.

    Nothing is stored in this model: the rows of a file go through the same ingestion as those of the API, so that both
    are read, refused and corrected in the same way. An empty cell changes nothing.
    """

    _name = "customer.success.usage.intake"
    _inherit = "customer.success.file.use"
    _description = "Row of a File of Use"
    _KIND = "use"

    customer_external_id = fields.Char("Customer: External ID")
    customer_ref = fields.Char("Customer: Reference")
    customer_vat = fields.Char("Customer: VAT Number")
    customer_name = fields.Char("Customer: Name")
    product_external_id = fields.Char("Product: External ID")
    product_code = fields.Char("Product: Internal Reference")
    product_name = fields.Char("Product: Name")
    contract_number = fields.Char(
        help="The contract that this use belongs to, if there are several of the product. The contracts add up."
    )
    date = fields.Char(help="Any day of the period, as 2026-01-31.")
    period = fields.Char(help="month, which is the default, or week")
    source = fields.Char(help="measured, which is the default, or assessed")

    @api.model
    def load(self, fields, data):
        """Load rows of text; return ``{ids, messages, nextrow, counts}``, in which the ids are those of the delivery.

        Each refused row has a message, with the column in ``field`` and the row, counted from 0, in
        ``record``; the other rows are accepted.
        """
        usages = self.env["customer.success.usage"]
        usages._check_may_ingest()
        rows = self._read_rows(fields, data)
        delivery = self.env["customer.success.usage.delivery"]._of_file("use")
        answer = usages._ingest(rows, delivery)
        delivery._drop_empty_change()
        counts = {name: answer[name] for name in ("created", "updated", "unchanged")}
        # One record for each accepted row: all of them belong to this delivery.
        ids = [delivery.id] * sum(counts.values())
        counts["rejected"] = answer["rejected_count"]
        return self._answer(ids, answer["rejected"], counts)

    @api.model
    def _columns(self):
        return COLUMNS

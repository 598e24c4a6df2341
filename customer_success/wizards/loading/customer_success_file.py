import base64
import binascii
import io

from odoo import api, models
from odoo.exceptions import UserError

from ...ingestion.tables import Table, Unreadable
from .file_run import FileRun


class CustomerSuccessFile(models.AbstractModel):
    """The base of models that read rows of text and do not store them.

    All columns are text, so that every value is read and refused in one place, by row and column.
    """

    _name = "customer.success.file"
    _description = "Row of a File"

    _KIND = None

    @api.model
    def load_file(self, content, file_name, mapping=None, date=None, period=None):
        """Load a whole file, as *Load a File* does; other programs call it by JSON-2 with an API key.

        Valid rows are stored, each other row is refused with its row, its column and the reason. Nothing is stored if
        the file cannot be read, or leaves open how its columns are written.

        :param str content: the file (CSV, XLSX or XLS) in base64
        :param str file_name: the name of the file, for the record of the delivery
        :param str mapping: the name of a kept matching; without one, columns are recognised by their headings
        :param str date: a day of the period of use, for a file of use without one
        :param str period: month, which is the default, or week
        :return: ``{delivery_id, counts, rejected_count, rejected: [{row, field, code, message}],
            unmatched: [{column, value, count}]}``; rows are those of the file, counted from 1
        :raise UserError: if the file cannot be read or matched
        """
        self._check_may_load()
        try:
            stream = io.BytesIO(base64.b64decode(content, validate=True))
        except (binascii.Error, TypeError, ValueError):
            raise UserError(self.env._("Send the content of the file in base64.")) from None
        return self._load_stream(stream, file_name, mapping=mapping, date=date, period=period)

    @api.model
    def _load_stream(
        self, stream, name, *, mapping=None, date=None, period=None, between=None, attempt=None
    ):
        """Load a file; ``between`` and ``attempt`` are those of :meth:`FileRun.land`."""
        run = FileRun.recognised(self.env, self._KIND, self._open_table(stream, name), mapping)
        run.ask(date, period)
        content = "customers" if self._KIND == "customers" else "use"
        deliveries = self.env["customer.success.usage.delivery"]
        delivery = deliveries.with_context(success_file_name=name)._of_file(content)
        try:
            run.land(delivery, between=between, attempt=attempt)
        except Unreadable as refusal:
            raise UserError(str(refusal)) from None
        return {
            "delivery_id": delivery.id,
            "counts": dict(run.counts),
            "rejected_count": run.counts["rejected"],
            "rejected": run.rejected,
            "unmatched": [
                {"column": column, "value": value, "count": count}
                for column, value, count in run.unmatched()
            ],
        }

    @api.model
    def _open_table(self, stream, name, **options):
        """Return a file as a table, or refuse it in words."""
        try:
            return Table(stream, name, self.env._, **options)
        except Unreadable as refusal:
            raise UserError(str(refusal)) from None

    @api.model
    def _check_may_load(self):
        """Raise unless the user may load a file of this kind."""
        self.check_access("create")
        if self._KIND != "customers":
            self.env["customer.success.usage"]._check_may_ingest()

    @api.model
    def _read_rows(self, columns, data):
        """Return rows as dicts of the cells that are not empty; refuse a file without rows."""
        if not data:
            raise UserError(self.env._("The file has no rows below the headings."))
        return [
            {name: value for name, value in zip(columns, values) if value not in (None, "")}
            for values in data
        ]

    @api.model
    def _answer(self, ids, rejected, counts):
        """Return the answer to rows; ``rejected`` are ``{row, field, code, message}``, rows counted from 0."""
        messages = [
            {
                "type": "error",
                "record": line["row"],
                "rows": {"from": line["row"], "to": line["row"]},
                "field": line["field"],
                "code": line["code"],
                "message": line["message"],
            }
            for line in rejected
        ]
        return {"ids": ids or False, "messages": messages, "nextrow": 0, "counts": dict(counts)}

    @api.model
    def _columns(self):
        return [
            name for name, field in self._fields.items() if field.type == "char" and field.store
        ]

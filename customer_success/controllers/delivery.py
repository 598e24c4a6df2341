from io import BytesIO

from odoo.fields import Domain
from odoo.http import Controller, content_disposition, request, route

from ..models.common.excel_text import MAX_ROWS, XLSX
from ..models.common.plain_table import Marked, write_table


class DeliveryController(Controller):
    @route(
        "/customer_success/delivery/<int:delivery_id>/rejected",
        type="http",
        auth="user",
        readonly=True,
    )
    def rejected(self, delivery_id):
        """Return the refused rows of a delivery: the columns of the template and, beside them, what to correct.

        All values are written as text, so that the file can be loaded again after it was corrected.
        """
        delivery = request.env["customer.success.usage.delivery"].browse(delivery_id).exists()
        if not delivery:
            return request.not_found()
        delivery.check_access("read")
        told = (request.env._("Row"), request.env._("Column"), request.env._("What to correct"))
        names = delivery._columns()
        columns = [*((name, 16) for name in names), *((title, 24) for title in told)]
        stream = BytesIO()
        write_table(stream, request.env._("Refused rows"), columns, _refused_rows(delivery, names))
        return request.make_response(
            stream.getvalue(),
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(delivery._rejected_file_name())),
            ],
        )


def _refused_rows(delivery, names):
    """Yield the cells of the refused rows, up to the limit of a sheet; the cell to correct is marked."""
    rejections = request.env["customer.success.usage.rejection"]
    behind = Domain.TRUE
    for _start in range(0, MAX_ROWS - 1, 1000):
        found = rejections.search_fetch(
            Domain("delivery_id", "=", delivery.id) & behind,
            ["row", "field", "message", "brought"],
            order="row, id",
            limit=1000,
        )
        if not found:
            return
        for line in found:
            brought = line.brought or {}
            cells = [brought.get(name) for name in names]
            if line.field in names and brought.get(line.field):
                place = names.index(line.field)
                cells[place] = Marked(cells[place])
            yield [*cells, line.row, line.field or "", line.message]
        last = found[-1]
        # If a part of a file was sent twice, its rows are there twice.
        behind = Domain("row", ">", last.row) | (
            Domain("row", "=", last.row) & Domain("id", ">", last.id)
        )
        found.invalidate_recordset()

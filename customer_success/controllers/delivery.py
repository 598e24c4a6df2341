from io import BytesIO

import xlsxwriter

from odoo.http import Controller, content_disposition, request, route

from ..ingestion.reading import COLUMNS
from ..models.common.excel_text import MAX_ROWS, XLSX


class DeliveryController(Controller):
    @route(
        "/customer_success/delivery/<int:delivery_id>/rejected",
        type="http",
        auth="user",
        readonly=True,
    )
    def rejected(self, delivery_id):
        """The refused rows of a delivery: the columns of the template, with what to mend beside them.

        As text in each cell, so that nothing that somebody sent becomes a formula, and the file can
        be loaded again once it is mended.
        """
        delivery = request.env["customer.success.usage.delivery"].browse(delivery_id).exists()
        if not delivery:
            return request.not_found()
        delivery.check_access("read")
        stream = BytesIO()
        with xlsxwriter.Workbook(stream, {"constant_memory": True}) as workbook:
            head = workbook.add_format({"bold": True})
            mend = workbook.add_format({"bg_color": "#FFF2CC", "text_wrap": True})
            sheet = workbook.add_worksheet(request.env._("Refused rows"))
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(COLUMNS) - 1, 16)
            sheet.set_column(len(COLUMNS), len(COLUMNS) + 2, 24)
            titles = (request.env._("Row"), request.env._("Column"), request.env._("What to mend"))
            for place, title in enumerate((*COLUMNS, *titles)):
                sheet.write_string(0, place, title, head)
            for line, refused in enumerate(_refused_rows(delivery), start=1):
                number, column, message, brought = refused
                for place, name in enumerate(COLUMNS):
                    if brought.get(name):
                        style = mend if name == column else None
                        sheet.write_string(line, place, brought[name], style)
                sheet.write_number(line, len(COLUMNS), number)
                sheet.write_string(line, len(COLUMNS) + 1, column or "")
                sheet.write_string(line, len(COLUMNS) + 2, message)
        return request.make_response(
            stream.getvalue(),
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(delivery._rejected_file_name())),
            ],
        )


def _refused_rows(delivery):
    """Yield the refused rows as ``(row, column, message, what it brought)``, as many as a sheet takes."""
    rejections = request.env["customer.success.usage.rejection"]
    last = 0
    for _start in range(0, MAX_ROWS - 1, 1000):
        found = rejections.search_fetch(
            [("delivery_id", "=", delivery.id), ("row", ">", last)],
            ["row", "field", "message", "brought"],
            order="row",
            limit=1000,
        )
        if not found:
            return
        for line in found:
            yield line.row, line.field, line.message, line.brought or {}
        last = found[-1].row
        found.invalidate_recordset()

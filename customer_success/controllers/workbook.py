from io import BytesIO

from odoo.http import Controller, content_disposition, request, route

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkbookController(Controller):
    @route("/customer_success/workbook/<int:wizard_id>", type="http", auth="user", readonly=True)
    def workbook(self, wizard_id):
        """The workbook that the wizard describes; only who filled in the wizard may fetch it."""
        wizard = request.env["customer.success.workbook.wizard"].browse(wizard_id).exists()
        if not wizard:
            return request.not_found()
        wizard.check_access("read")
        stream = BytesIO()
        wizard._write(stream)
        return request.make_response(
            stream.getvalue(),
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(wizard._file_name())),
            ],
        )

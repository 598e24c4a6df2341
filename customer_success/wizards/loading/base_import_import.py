from odoo import models


class BaseImportImport(models.TransientModel):
    _inherit = "base_import.import"

    def execute_import(self, fields, columns, options, dryrun=False):
        """Pass to our intakes the file of the rows, the number of earlier rows, and the formats of dates and numbers."""
        context = {
            "success_file_name": self.file_name,
            "success_skipped": options.get("skip") or 0,
            "success_date_format": options.get("date_format"),
            "success_decimal": options.get("float_decimal_separator"),
        }
        return super(BaseImportImport, self.with_context(**context)).execute_import(
            fields, columns, options, dryrun=dryrun
        )

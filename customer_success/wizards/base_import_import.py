from odoo import models


class BaseImportImport(models.TransientModel):
    _inherit = "base_import.import"

    def execute_import(self, fields, columns, options, dryrun=False):
        """Tell our intakes which file their rows are of, as a long one arrives in several parts, and how
        the screen writes dates."""
        context = {
            "success_import_id": self.id,
            "success_file_name": self.file_name,
            "success_date_format": options.get("date_format"),
        }
        return super(BaseImportImport, self.with_context(**context)).execute_import(
            fields, columns, options, dryrun=dryrun
        )

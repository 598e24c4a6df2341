from odoo import fields, models


class CustomerSuccessFileColumn(models.TransientModel):
    """A column of a file that is being loaded: what it means to us, and how it is written."""

    _name = "customer.success.file.column"
    _description = "Column of a File"
    _order = "sequence, id"

    load_id = fields.Many2one(
        "customer.success.file.load", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer()
    heading = fields.Char("Column of the File", required=True, readonly=True)
    examples = fields.Char("First Values", readonly=True)
    column = fields.Char("Means")
    form = fields.Selection(
        [
            ("day", "Day first"),
            ("month", "Month first"),
            ("point", "1,234.50"),
            ("comma", "1.234,50"),
        ],
        "Written With",
    )
    question = fields.Char("To Answer", readonly=True)

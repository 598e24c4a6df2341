from odoo import fields, models


class CustomerSuccessFileValue(models.TransientModel):
    """A value of a file that is being loaded, with what it means to us."""

    _name = "customer.success.file.value"
    _description = "Value of a File"
    _order = "id"

    load_id = fields.Many2one(
        "customer.success.file.load", required=True, index=True, ondelete="cascade"
    )
    column = fields.Char("Field", required=True, readonly=True)
    label = fields.Char("Column", readonly=True)
    theirs = fields.Char("In the File", required=True, readonly=True)
    count = fields.Integer("Rows", readonly=True)
    ours = fields.Char("Means")
    is_left_out = fields.Boolean("Leave Out", help="Rows are loaded without this value.")

from odoo import fields, models


class CustomerSuccessEventKeyShow(models.AbstractModel):
    """The dialog that shows a new key once; it is stored nowhere."""

    _name = "customer.success.event.key.show"
    _description = "New Key of a Source of Events"

    # The web client asks for it when it opens the dialog.
    id = fields.Id()
    key = fields.Char(readonly=True)
    address = fields.Char(readonly=True)

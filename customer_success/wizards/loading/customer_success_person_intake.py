from odoo import api, fields, models

from ...ingestion.persons import COLUMNS


class CustomerSuccessPersonIntake(models.TransientModel):
    """A row of a file with one row a user, which is counted to the use of a product by a customer.

    Nothing is stored in this model. The person is kept only if the settings say so (``customer.success.person``).
    """

    _name = "customer.success.person.intake"
    _inherit = "customer.success.file"
    _description = "Row of a File of Users"
    _KIND = "persons"

    customer_external_id = fields.Char("Customer: External ID")
    customer_ref = fields.Char("Customer: Reference")
    customer_vat = fields.Char("Customer: VAT Number")
    customer_name = fields.Char("Customer: Name")
    product_external_id = fields.Char("Product: External ID")
    product_code = fields.Char("Product: Internal Reference")
    product_name = fields.Char("Product: Name")
    person = fields.Char(
        "User", help="A login, mail address or number that tells the users of a customer apart."
    )
    last_active = fields.Char("Last Active On")
    licensed = fields.Char("Has a Licence", help="yes, which is the default, or no")

    @api.model
    def _columns(self):
        return list(COLUMNS)

from odoo import fields, models


class CustomerSuccessFileUse(models.AbstractModel):
    """The columns of a file with the usage of a product."""

    _name = "customer.success.file.use"
    _inherit = "customer.success.file"
    _description = "Row of a File with Use"

    licensed_users = fields.Char()
    active_users = fields.Char()
    as_intended = fields.Char("How: As Intended", help="0 to 100")
    timely = fields.Char("When: In Time", help="0 to 100")
    quality = fields.Char("How Well", help="0 to 100")
    frequency = fields.Char("How Often", help="0 to 100")
    in_place = fields.Char("Where: In the System", help="0 to 100")
    confirmed = fields.Char(
        help="yes if the numbers of users are right although they are more than ten times the licences or the past."
    )
    week_start = fields.Char(
        "First Day of the Week",
        help="monday, which is the default, to sunday; only for a period of a week",
    )
    accuracy = fields.Char("Accuracy of Data", help="0 to 100")

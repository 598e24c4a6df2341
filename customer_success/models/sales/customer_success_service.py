from odoo import fields, models


class CustomerSuccessService(models.Model):
    """A success service that we offer: printed for new opportunities, so that customers know it before they buy."""

    _name = "customer.success.service"
    _description = "Success Service"
    _order = "sequence, id"

    name = fields.Char("Service", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Only this company offers it. Leave it empty for all companies.",
    )
    description = fields.Text(
        translate=True, help="Say what the customer gets, in the customer's words."
    )

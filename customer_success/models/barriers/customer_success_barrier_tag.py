from odoo import fields, models


class CustomerSuccessBarrierTag(models.Model):
    _name = "customer.success.barrier.tag"
    _description = "Tag of Barriers"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()

    _name_uniq = models.Constraint("UNIQUE(name)", "This tag exists already.")

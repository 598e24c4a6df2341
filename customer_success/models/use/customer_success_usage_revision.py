from odoo import fields, models


class CustomerSuccessUsageRevision(models.Model):
    """The figures of a record of use before it was corrected or deleted. Append-only."""

    _name = "customer.success.usage.revision"
    _inherit = ["customer.success.usage.figures"]
    _description = "Former Record of Use"
    _order = "id desc"
    _rec_name = "product_id"

    product_id = fields.Many2one(ondelete="cascade")
    usage_id = fields.Many2one(
        "customer.success.usage", "Record", index="btree_not_null", ondelete="set null"
    )
    user_id = fields.Many2one("res.users", "Corrected By", ondelete="set null")
    create_date = fields.Datetime("Corrected On", readonly=True)

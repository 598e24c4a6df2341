from odoo import fields, models


class CustomerSuccessUsageRevision(models.Model):
    """The delivery from which an earlier version of a usage record came."""

    _inherit = "customer.success.usage.revision"

    delivery_id = fields.Many2one(
        "customer.success.usage.delivery",
        "Had Come With",
        ondelete="set null",
        index="btree_not_null",
    )
    replaced_by_id = fields.Many2one(
        "customer.success.usage.delivery",
        ondelete="set null",
        index="btree_not_null",
    )
    is_taken_back = fields.Boolean(
        help="The delivery that brought these figures, or replaced them, was taken back."
    )

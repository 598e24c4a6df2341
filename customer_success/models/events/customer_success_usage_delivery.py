from odoo import fields, models


class CustomerSuccessUsageDelivery(models.Model):
    """The deliveries that were counted from the events of a source."""

    _inherit = "customer.success.usage.delivery"

    origin = fields.Selection(selection_add=[("events", "Events")], ondelete={"events": "cascade"})
    event_source_id = fields.Many2one(
        "customer.success.event.source",
        "Source of Events",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

from odoo import api, fields, models
from odoo.tools import SQL

KEPT_DAYS = 180


class CustomerSuccessUsageRejection(models.Model):
    """A refused row of a delivery, with its values and the reason."""

    _name = "customer.success.usage.rejection"
    _description = "Refused Row of Usage"
    _order = "delivery_id desc, row, id"
    _log_access = False
    _rec_name = "message"

    delivery_id = fields.Many2one(
        "customer.success.usage.delivery", required=True, ondelete="cascade"
    )
    row = fields.Integer(
        required=True, help="The position of the row in the delivery, counted from 1."
    )
    field = fields.Char("Column")
    message = fields.Char("What to Correct", required=True)
    brought = fields.Json("Values")

    _delivery_idx = models.Index("(delivery_id, row)")

    @api.autovacuum
    def _gc_rejections(self):
        """Delete old refused rows, which are kept only to be corrected; their number stays on the delivery."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        self.env.cr.execute(
            SQL(
                "DELETE FROM customer_success_usage_rejection WHERE delivery_id IN"
                " (SELECT id FROM customer_success_usage_delivery WHERE create_date < %s)",
                before,
            )
        )
        self.env.invalidate_all()

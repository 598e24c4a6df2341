from odoo import api, models


class CustomerSuccessSegment(models.Model):
    """The segments, which the rhythm of conversations cannot define: it comes from the segment."""

    _inherit = "customer.success.segment"

    @api.model
    def _dependent_fields(self):
        return super()._dependent_fields() | {
            "success_talk_overdue",
            "success_rhythm_days",
            "success_rhythm_source",
        }

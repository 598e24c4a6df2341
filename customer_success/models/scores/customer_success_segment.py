from odoo import api, models


class CustomerSuccessSegment(models.Model):
    """The segments, which no score may define: the expected days of a segment are part of the score."""

    _inherit = "customer.success.segment"

    @api.model
    def _dependent_fields(self):
        return super()._dependent_fields() | {
            "success_score_id",
            "success_health",
            "success_health_band",
            "success_confidence",
            "success_renewal_risk",
            "success_risk_band",
            "success_value_at_risk",
            "success_view_gap",
        }

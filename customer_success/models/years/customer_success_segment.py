from odoo import api, fields, models


class CustomerSuccessSegment(models.Model):
    """A segment with the targets for the years after go-live."""

    _inherit = "customer.success.segment"

    target_ids = fields.One2many("customer.success.target", "segment_id", "Targets by Year")

    @api.model
    def _dependent_fields(self):
        return super()._dependent_fields() | {"success_year_ids", "success_year_verdict"}

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.known_float import KnownFloat


class CustomerSuccessSegmentWeight(models.Model):
    """The weight of one factor in the health score of the customers of one segment."""

    _name = "customer.success.segment.weight"
    _description = "Weight of a Factor in a Segment"
    _order = "segment_id, factor_id"
    _rec_name = "factor_id"

    segment_id = fields.Many2one(
        "customer.success.segment", required=True, index=True, ondelete="cascade"
    )
    factor_id = fields.Many2one(
        "customer.success.factor", required=True, index=True, ondelete="cascade"
    )
    usual_weight = fields.Float(related="factor_id.weight", string="Usual Weight")
    weighable_ids = fields.Many2many(
        "customer.success.factor",
        compute="_compute_weighable_ids",
        help="The factors that can have a weight: those of the health score.",
    )
    weight = KnownFloat(
        "Weight in This Segment",
        aggregator=None,
        help="The weight of the factor in the health score of these customers. Leave it empty for the usual weight; "
        "use 0 to leave the factor out of their health score. The churn risk has no weights.",
    )

    _factor_uniq = models.Constraint(
        "UNIQUE(segment_id, factor_id)", "This segment has a weight for this factor already."
    )
    _check_weight = models.Constraint(
        "CHECK(weight BETWEEN 0 AND 1000)", "The weight of a factor must be between 0 and 1000."
    )

    @api.depends("segment_id.weight_ids.factor_id")
    def _compute_weighable_ids(self):
        scores = self.env["customer.success.score"]
        factors = self.env["customer.success.factor"].search(fields.Domain.TRUE)
        factors = factors.filtered(lambda factor: scores._brings(factor.code))
        for line in self:
            taken = (line.segment_id.weight_ids - line).factor_id
            line.weighable_ids = factors - taken

    @api.constrains("segment_id", "factor_id", "weight")
    def _check_factor(self):
        for line in self:
            if not self.env["customer.success.score"]._brings(line.factor_id.code):
                raise ValidationError(
                    self.env._(
                        "“%s” is a fact of the renewal. It counts in the churn risk and has no weight in the health score.",
                        line.factor_id.name,
                    )
                )
        self.segment_id._check_weights()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["customer.success.score"]._rules_changed()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self.env["customer.success.score"]._rules_changed()
        return result

    def unlink(self):
        segments = self.segment_id
        result = super().unlink()
        segments.exists()._check_weights()
        self.env["customer.success.score"]._rules_changed()
        return result

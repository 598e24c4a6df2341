from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerSuccessRecommendation(models.Model):
    """The recommendations that create a barrier."""

    _inherit = "customer.success.recommendation"

    kind = fields.Selection(
        selection_add=[("barrier", "A Barrier")], ondelete={"barrier": "set default"}
    )
    barrier_area = fields.Selection(
        lambda self: self.env["customer.success.barrier"]._area_choices(), "Area of the Barrier"
    )

    @api.constrains("kind", "barrier_area")
    def _check_barrier_area(self):
        for recommendation in self:
            if recommendation.kind == "barrier" and not recommendation.barrier_area:
                raise ValidationError(self.env._("Enter the area of the barrier."))

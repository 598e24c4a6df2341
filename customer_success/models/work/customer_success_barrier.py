from odoo import api, fields, models


class CustomerSuccessBarrier(models.Model):
    """A barrier that was raised from advice, which it accepts."""

    _inherit = "customer.success.barrier"

    advice_id = fields.Many2one(
        "customer.success.advice",
        "From Advice",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        barriers = super().create(vals_list)
        open_advice = barriers.advice_id.filtered(
            lambda advice: advice.state in ("proposed", "lapsed")
        )
        open_advice._decide("accepted")
        return barriers

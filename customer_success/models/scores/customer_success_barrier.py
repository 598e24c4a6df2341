from odoo import models


class CustomerSuccessBarrier(models.Model):
    """The adoption of a customer as a whole, for barriers that name no product."""

    _inherit = "customer.success.barrier"

    def _adoptions(self):
        adoptions = super()._adoptions()
        whole = self.filtered(lambda barrier: not barrier.product_id)
        scores = whole.partner_id.sudo().success_score_id
        known = {
            score.partner_id: score.adoption for score in scores if score.adoption is not False
        }
        return adoptions | {barrier: known.get(barrier.partner_id) for barrier in whole}

from odoo import models


class CustomerSuccessBarrier(models.Model):
    """The adoption rate of the whole customer, for barriers without a product."""

    _inherit = "customer.success.barrier"

    def _adoptions(self):
        adoptions = super()._adoptions()
        whole = self.filtered(lambda barrier: not barrier.product_id)
        scores = whole.partner_id.sudo().success_score_id
        known = {
            score.partner_id: score.adoption for score in scores if score.adoption is not False
        }
        return adoptions | {barrier: known.get(barrier.partner_id) for barrier in whole}

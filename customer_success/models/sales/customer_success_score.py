from odoo import api, models


class CustomerSuccessScore(models.Model):
    """The scores, which the probabilities of renewal opportunities follow."""

    _inherit = "customer.success.score"

    @api.model
    def _rescore(self, partners):
        result = super()._rescore(partners)
        if partners:
            self.env["crm.lead"].sudo()._success_follow_risks(partners.ids)
        return result

    @api.model
    def _work_off(self, queue):
        """Let the opportunities follow once all batches are committed, so that scoring locks none of them.

        The statement compares all of them, so what a killed job has not written is written by the next one.
        """
        result = super()._work_off(queue)
        leads = self.env["crm.lead"].sudo()
        self.env["customer.success.job"]._try_again(leads._success_follow_risks)
        return result

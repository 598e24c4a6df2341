from odoo import api, fields, models


class CustomerSuccessScore(models.Model):
    """A score leads to the time of its customer with us, so that the customer shows both without a copy."""

    _inherit = "customer.success.score"

    tenure_id = fields.Many2one(
        "customer.success.tenure", index="btree_not_null", ondelete="set null"
    )

    @api.model
    def _score(self, partner_ids, contiguous=False):
        """Compute the years of customers whose facts changed as well; the nightly job computes them for all."""
        written = super()._score(partner_ids, contiguous)
        if not contiguous:
            self.env["customer.success.tenure"]._refresh_some(partner_ids)
        return written

from collections import defaultdict

from odoo import api, models


class CustomerSuccessRiskVersion(models.Model):
    """The upsells won, from which the expansion likelihood is learned."""

    _inherit = "customer.success.risk.version"

    @api.model
    def _upsells_won(self, partner_ids):
        won = defaultdict(list)
        for sold in (
            self.env["customer.success.business"]
            .sudo()
            .search_fetch(
                [("kind", "=", "upsell"), ("partner_id", "in", list(partner_ids))],
                ["partner_id", "company_id", "date"],
            )
        ):
            if sold.date:
                won[sold.partner_id.id].append((sold.date, sold.company_id.id))
        return won

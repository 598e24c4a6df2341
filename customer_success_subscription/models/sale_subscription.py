from odoo import models

WATCHED = {
    "partner_id",
    "company_id",
    "active",
    "template_id",
    "pricelist_id",
    "date_start",
    "date",
    "stage_id",
    "close_reason_id",
    "code",
}


class SaleSubscription(models.Model):
    """A subscription: a change of it counts as a change of each of its lines."""

    _inherit = "sale.subscription"

    def write(self, vals):
        result = super().write(vals)
        if WATCHED & vals.keys():
            lines = self.sudo().sale_subscription_line_ids
            lines._success_changed(lines.success_renewal_id)
        return result

    def unlink(self):
        # The database clears the subscription of the lines, which does not call their write.
        lines = self.sudo().sale_subscription_line_ids
        lines.browse()._success_changed(lines.success_renewal_id)
        return super().unlink()

from odoo import api, models

WATCHED = {
    "partner_id",
    "success_for_id",
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
    """A subscription: a change of it counts as a change of each of its lines.

    A subscription of a reseller may be for another customer, who uses the product: the term stands there.
    """

    _name = "sale.subscription"
    _inherit = ["sale.subscription", "customer.success.for.whom"]

    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = super().create(vals_list)
        for one, vals in zip(subscriptions.sudo(), vals_list, strict=True):
            if "success_for_id" not in vals and one._success_order_says():
                one.success_for_id = one.sale_order_id.success_for_id
        return subscriptions

    def _success_order_says(self):
        """Return True if the order of this subscription says for whom it is, which the bridge to orders adds."""
        order = self.sale_order_id
        return "success_for_id" in order._fields and bool(order.success_for_id)

    def _success_is_asked(self):
        """Return True as long as it is asked for whom the order of this subscription is."""
        order = self.sale_order_id
        return "success_delivered_to_id" in order._fields and bool(order.success_delivered_to_id)

    def _success_follow_order(self, order):
        """Take over for whom the order is now, as the user who said it; ``self`` is in sudo."""
        for one in self:
            said = {"success_for_id": order.sudo().success_for_id.id}
            one.sale_subscription_line_ids._success_check_move(one._success_customer_said(said))
            one.write(said)

    def write(self, vals):
        subscriptions = self.sudo()
        if "success_for_id" in vals and not self.env.su:
            for one in subscriptions:
                one.sale_subscription_line_ids._success_check_move(one._success_customer_said(vals))
        result = super().write(vals)
        if "success_for_id" in vals:
            for one in subscriptions:
                one.sale_subscription_line_ids._success_move(one._success_customer())
        if WATCHED & vals.keys():
            lines = subscriptions.sale_subscription_line_ids
            lines._success_changed(lines.success_renewal_id)
        return result

    def unlink(self):
        # The database clears the subscription of the lines, which does not call their write.
        lines = self.sudo().sale_subscription_line_ids
        lines.browse()._success_changed(lines.success_renewal_id)
        return super().unlink()

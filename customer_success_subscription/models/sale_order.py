from odoo import models


class SaleOrder(models.Model):
    """An order whose subscriptions are for whom the order is, also when that is said or corrected later."""

    _inherit = "sale.order"

    def write(self, vals):
        if "success_for_id" not in vals:
            return super().write(vals)
        before = {order: order.success_for_id for order in self}
        result = super().write(vals)
        made = self.env["sale.subscription"].sudo().search([("sale_order_id", "in", self.ids)])
        for order, former in before.items():
            made.filtered(
                lambda one, order=order, former=former: (
                    one.sale_order_id.id == order.id and one.success_for_id.id == former.id
                )
            )._success_follow_order(order)
        return result

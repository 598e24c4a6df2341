from odoo import models


class CustomerSuccessOveruse(models.Model):
    """Seats of an order that waits to be decided on may be those that are missing, so the order is named."""

    _inherit = "customer.success.overuse"

    def _say_all(self):
        said = super()._say_all()
        orders = self.renewal_id.sudo().asked_orders
        if not orders:
            return said
        ordered = self.env._("Seats may be ordered already. Decide first on the order: %s.", orders)
        return " ".join((said, ordered))

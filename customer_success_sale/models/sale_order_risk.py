from odoo import models


class SaleOrder(models.Model):
    """Churn risk on quotations as on opportunities."""

    _name = "sale.order"
    _inherit = ["sale.order", "customer.success.customer.risk"]

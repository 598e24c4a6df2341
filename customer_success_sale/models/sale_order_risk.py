from odoo import models


class SaleOrder(models.Model):
    """A quotation with the churn risk of its customer, as on opportunities."""

    _name = "sale.order"
    _inherit = ["sale.order", "customer.success.customer.risk"]

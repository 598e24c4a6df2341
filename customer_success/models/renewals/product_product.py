from odoo import api, models


class ProductProduct(models.Model):
    """The renewals of a product, which read the use of its successor."""

    _inherit = "product.product"

    @api.model
    def _success_facts(self):
        return [*super()._success_facts(), "customer.success.renewal"]

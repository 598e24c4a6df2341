from odoo import api, models


class ResPartner(models.Model):
    """A salesperson sees what a company buys for others as renewals of the pipeline."""

    _inherit = "res.partner"

    @api.model
    def _success_bought_terms(self):
        terms = super()._success_bought_terms()
        if terms is not None:
            return terms
        terms = self.env["customer.success.sales.renewal"].sudo(False)
        return terms if terms.has_access("read") else None

    @api.model
    def _success_bought_currency(self, terms):
        if terms._name == "customer.success.sales.renewal":
            return "contract_currency_id"
        return super()._success_bought_currency(terms)

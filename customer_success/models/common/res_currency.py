from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring import money


class ResCurrency(models.Model):
    """A currency conversion that reports a missing rate; Odoo's own conversion takes 1, or a later rate, instead."""

    _inherit = "res.currency"

    @api.model
    def _success_rates(self, company, day=None):
        """Return the SQL of one company's rates on a day, today by default: ``currency_id, rate, own``."""
        self.env["res.currency.rate"].flush_model()
        self.env["res.company"].flush_model(["parent_path", "currency_id"])
        rates = SQL(money.RATES, today=day or fields.Date.context_today(self))
        return SQL(
            "(SELECT currency_id, rate, own FROM (%s) rates WHERE company_id = %s)",
            rates,
            company.id,
        )

    def _success_factors(self, companies, day=None):
        """Return the value of one unit of each currency in the companies' own: ``{(company id, currency id): factor}``.

        A pair without a rate on the day is left out. It takes one query, or none if no currency is foreign.
        """
        if all(company.currency_id == self for company in companies):
            return {(company.id, self.id): 1.0 for company in companies}
        self.env["res.currency.rate"].flush_model()
        self.env["res.company"].flush_model(["parent_path", "currency_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT company_id, currency_id, own / rate FROM (%s) rates"
                " WHERE company_id = ANY(%s) AND currency_id = ANY(%s)",
                SQL(money.RATES, today=day or fields.Date.context_today(self)),
                companies.ids,
                self.ids,
            )
        )
        return {(company, currency): float(factor) for company, currency, factor in rows}

    def _success_convert(self, amount, currency, company, day=None):
        """Return an amount of this currency in another one, rounded; ``None`` if one of them has no rate."""
        self.ensure_one()
        if self == currency:
            return currency.round(amount)
        factors = (self | currency)._success_factors(company, day)
        given, wanted = (factors.get((company.id, each.id)) for each in (self, currency))
        return currency.round(amount * given / wanted) if given and wanted else None

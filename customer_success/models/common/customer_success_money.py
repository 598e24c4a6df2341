from odoo import models
from odoo.tools import SQL

from ...scoring.money import converted


class CustomerSuccessMoney(models.AbstractModel):
    """A model with amounts in several currencies; their sum is in one currency, or unknown.

    When a list, a pivot or a graph adds up several currencies, Odoo itself counts a currency without a rate at 1.
    """

    _name = "customer.success.money"
    _description = "Amounts of Money"

    def _read_group_select(self, aggregate_spec, query):
        name, _dot, function = aggregate_spec.partition(":")
        if function == "sum_currency" and self._is_success_money(name):
            return self._sum_in_one_currency(name, query)
        return super()._read_group_select(aggregate_spec, query)

    def _is_success_money(self, name):
        """Return whether an amount belongs to this addon; Odoo adds up its own amounts in its own way."""
        own = self._name.startswith("customer.success.") or name.startswith("success_")
        return own and self._fields[name].type == "monetary"

    def _sum_in_one_currency(self, name, query, where=None):
        """Return the SQL of a sum in the current company's currency at today's rates; NULL if a rate is missing.

        Only the rows for which ``where`` holds are added up, all if it is empty.
        """
        currency = self._fields[name].get_currency_field(self)
        alias = query.make_alias(self._table, f"{currency}__success_rates")
        query.add_join(
            "LEFT JOIN",
            alias,
            self.env["res.currency"]._success_rates(self.env.company),
            SQL(
                "%s = %s",
                self._field_to_sql(self._table, currency, query),
                SQL.identifier(alias, "currency_id"),
            ),
        )
        amount = self._field_to_sql(self._table, name, query)
        if where is not None:
            amount = SQL("(CASE WHEN %s THEN %s END)", where, amount)
        # Most amounts are in the company's own currency, and need no arithmetic.
        return SQL(
            "CASE WHEN COUNT(*) FILTER (WHERE %(rate)s IS NULL AND %(amount)s <> 0) = 0"
            " THEN SUM(CASE WHEN %(is_own)s THEN %(amount)s ELSE %(converted)s END) END",
            amount=amount,
            is_own=SQL(
                "(%s IS NOT DISTINCT FROM %s)",
                SQL.identifier(alias, "currency_id"),
                self.env.company.currency_id.id,
            ),
            rate=SQL.identifier(alias, "rate"),
            converted=SQL(
                converted("%(amount)s", "%(alias)s"), amount=amount, alias=SQL.identifier(alias)
            ),
        )

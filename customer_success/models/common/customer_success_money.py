from odoo import models
from odoo.tools import SQL

from ...scoring.money import converted


class CustomerSuccessMoney(models.AbstractModel):
    """A model with amounts in several currencies; they are added up, sorted and compared in one, or unknown.

    It is the currency of the reader's company at today's rates. Odoo itself counts a currency without a rate at 1 in sums,
    and sorts and compares the mere numbers.
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
        return own and name in self._fields and self._fields[name].type == "monetary"

    # ------------------------------------------------------------------------------------------
    # Order and comparison
    # ------------------------------------------------------------------------------------------

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if not self._is_success_money(field_name):
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        amount = self._money_to_sql(alias, field_name, query)
        query._order_groupby.append(amount)
        return SQL("%s %s %s", amount, direction, nulls or SQL("NULLS LAST"))

    def _money_to_sql(self, alias, name, query, empty=None):
        """Return the SQL of an amount in the currency of the current company, rounded; NULL if it is unknown or has no rate.

        Rounded, so that what is the same money is the same, also at a rate that does not come out even. ``empty`` is the
        value of an empty amount, if it is not unknown.
        """
        field = self._fields[name]
        company = self.env.company
        amount = self._field_to_sql(alias, name, query)
        if empty is not None:
            amount = SQL("COALESCE(%s, %s)", amount, empty)
        currency = self._field_to_sql(alias, field.get_currency_field(self), query)
        rates = query.make_alias(alias, "success_rates_" + name)
        query.add_join(
            "LEFT JOIN",
            rates,
            self.env["res.currency"]._success_rates(company),
            SQL("%s = %s", currency, SQL.identifier(rates, "currency_id")),
        )
        return SQL(
            "(CASE WHEN %(amount)s = 0 THEN 0 ELSE round(%(converted)s::numeric, %(places)s) END)",
            amount=amount,
            converted=SQL(
                converted("%(amount)s", "%(rates)s"), amount=amount, rates=SQL.identifier(rates)
            ),
            places=company.currency_id.decimal_places,
        )

    def _money_in_one_currency(self, name):
        """Return an amount of this record as :meth:`_money_to_sql` does; None without a rate."""
        amount = self[name]
        if not amount:
            return amount
        company = self.env.company
        currency = self[self._fields[name].get_currency_field(self)]
        return currency._success_convert(amount, company.currency_id, company) if currency else None

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

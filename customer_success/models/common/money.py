from odoo import fields
from odoo.tools import SQL

INEQUALITIES = {"<": SQL("<"), ">": SQL(">"), "<=": SQL("<="), ">=": SQL(">=")}


class Money(fields.Monetary):
    """An amount in its own currency that is compared in one: filters mean the currency of the reader's company, today.

    *Over 10,000* thus finds the same value whatever currency it is recorded in. An amount without an exchange rate is
    unknown, and only comparisons with 0 find it. The order of lists does the same (`customer.success.money`).
    """

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        is_ours = field_expr == self.name and hasattr(model, "_money_to_sql")
        # More, less or nothing: that is the same in any currency.
        if is_ours and operator in INEQUALITIES and self._compared(value):
            amount = model._money_to_sql(alias, self.name, query, self.falsy_value)
            return SQL("(%s %s %s)", amount, INEQUALITIES[operator], self._compared(value))
        if is_ours and operator in ("in", "not in"):
            amounts = {self._compared(one) for one in value if one is not False and one is not None}
            if any(amounts):
                return self._in_to_sql(operator, amounts, len(value), model, alias, query)
        return super()._condition_to_sql(field_expr, operator, value, model, alias, query)

    def _in_to_sql(self, operator, amounts, asked, model, alias, query):
        amount = model._money_to_sql(alias, self.name, query, self.falsy_value)
        found = SQL("COALESCE(%s IN %s, FALSE)", amount, tuple(sorted(amounts)))
        if len(amounts) < asked:  # empty was asked for, too
            raw = model._field_to_sql(alias, self.name, query)
            found = SQL("(%s OR %s IS NULL)", found, raw)
        return found if operator == "in" else SQL("NOT %s", found)

    @staticmethod
    def _compared(value):
        return float(value or 0.0)

    def expression_getter(self, field_expr):
        """Compare as SQL does where records are filtered in Python."""
        if field_expr != self.name:
            return super().expression_getter(field_expr)

        def getter(record):
            if not hasattr(record, "_money_in_one_currency"):
                return self.__get__(record)
            worth = record._money_in_one_currency(self.name)
            # No comparison finds what is unknown because it has no rate.
            return float("nan") if worth is None else worth

        return getter

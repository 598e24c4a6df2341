"""The sheet of symptoms of misuse: since when each shows, how it was found, and the barriers behind it."""

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .rows import Names
from .sheet import register
from .table import Column, Table

_lt = LazyTranslate(__name__)


@register
class Symptoms(Table):
    code = "symptoms"
    title = _lt("Symptoms of misuse")
    sequence = 35
    model = "customer.success.symptom.flag"
    order = "date_to desc, date_from desc, id desc"

    def heading(self):
        return self.env._("Symptoms of misuse, those that show now first")

    def note(self):
        return self.env._("A symptom has a cause: the barriers that were raised for it are named.")

    def domain(self):
        if not self.book.months:
            return Domain.TRUE
        first = self.book.today - relativedelta(months=self.book.months)
        return Domain("date_to", "=", False) | Domain("date_to", ">=", first)

    def make_columns(self):
        _ = self.env._
        return (
            self.customer(),
            self.record("product_id", _("Product"), "product.product", 24),
            self.record("symptom_id", _("Symptom"), "customer.success.symptom", 22),
            self.choice("source", _("Found by"), 16),
            Column("date_from", _("Seen since"), "date", 11),
            Column("month", _("Month"), "month", 10, self._month),
            Column("date_to", _("Gone since"), "date", 11),
            Column("days_shown", _("Days"), "whole", 8, self._days_shown, total="average"),
            Column(
                "evidence",
                _("Evidence"),
                "text",
                60,
                lambda query: SQL.identifier(query.table, "id"),
                names=Names(self.env[self.model], "evidence_text"),
            ),
            Column("barriers", _("Barriers"), "text", 40, self._barriers),
            self.record("user_id", _("Tagged by"), "res.users", 18, "name"),
        )

    def _month(self, query):
        return SQL("date_trunc('month', %s)::date", SQL.identifier(query.table, "date_from"))

    def _days_shown(self, query):
        start, end = (SQL.identifier(query.table, name) for name in ("date_from", "date_to"))
        return SQL("GREATEST(0, COALESCE(%s, %s) - %s)", end, self.book.today, start)

    def _barriers(self, query):
        """Return the SQL of the names of the barriers that were raised for the symptom, as the reader may see them."""
        seen = self.env["customer.success.barrier"]._search([])
        return SQL(
            """(SELECT string_agg(barrier.name, ', ' ORDER BY barrier.id)
                  FROM customer_success_barrier barrier
                 WHERE barrier.symptom_flag_id = %s AND barrier.id IN %s)""",
            SQL.identifier(query.table, "id"),
            seen.subselect(),
        )

"""The sheet of former customers: since when, why, what they were worth at last, and whether they may come back."""

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .rows import Labels
from .sheet import register
from .table import Column, Table

_lt = LazyTranslate(__name__)


@register
class Former(Table):
    code = "former"
    title = _lt("Former customers")
    sequence = 72
    model = "res.partner"
    partner = "id"
    with_former = True
    order = "success_former_date desc, name, id"

    def heading(self):
        return self.env._("Former customers, the last to leave first")

    def note(self):
        return self.env._(
            "Customers whose last term ended in churn. They count in no other sheet but those of renewals and retention."
        )

    def domain(self):
        gone = Domain("success_is_former", "=", True)
        if not self.book.months:
            return gone
        first = self.book.today - relativedelta(months=self.book.months)
        return gone & Domain("success_former_date", ">=", first)

    def make_columns(self):
        _ = self.env._
        return (
            Column("name", _("Customer"), "text", 32),
            Column("ref", _("Reference"), "text", 13),
            Column("success_former_date", _("Former customer since"), "date", 13),
            Column("month", _("Month"), "month", 10, self._month),
            self.record(
                "success_former_reason_id", _("Reason"), "customer.success.renewal.reason", 30
            ),
            Column(
                "success_former_value",
                _("Last annual value"),
                "money",
                15,
                currency="success_former_currency_id",
            ),
            Column("success_former_currency_id", _("Currency"), "text", 9, names=self.currencies),
            Column(
                "success_may_return",
                _("May come back"),
                "text",
                12,
                names=Labels(self.env[self.model], "success_may_return"),
            ),
            self.record("success_stage_id", _("Last stage"), "customer.success.stage", 17),
            self.record("success_segment_id", _("Segment"), "customer.success.segment", 14),
            self.record("success_user_id", _("CSM"), "res.users", 18, "name"),
        )

    def _month(self, query):
        return SQL(
            "date_trunc('month', %s)::date", SQL.identifier(query.table, "success_former_date")
        )

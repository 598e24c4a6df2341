"""The sheet of changes at customers: those planned or running, the people affected, and who prepares them."""

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .sheet import register
from .table import Column, Table

_lt = LazyTranslate(__name__)


@register
class Changes(Table):
    code = "changes"
    title = _lt("Changes ahead")
    sequence = 90
    model = "customer.success.change"
    order = "date, id"

    def heading(self):
        return self.env._("Changes ahead: planned and running, by date")

    def note(self):
        return self.env._("A change without a plan for its people is marked.")

    def domain(self):
        ahead = Domain("is_open", "=", True)
        if self.book.months:
            last = self.book.today + relativedelta(months=self.book.months)
            ahead &= Domain("date", "<=", last)
        return ahead

    def make_columns(self):
        _ = self.env._
        missing, said = _("Missing"), _("Said")
        return (
            self.customer(),
            Column("name", _("Change"), "text", 40),
            self.choice("kind", _("Kind"), 16),
            Column("date", _("On"), "date", 11),
            self.choice("state", _("State"), 10),
            Column("areas", _("Areas"), "text", 34, self._areas),
            self.choice("phase", _("Phase"), 15),
            self.choice("side", _("Carried by"), 11),
            Column("people_affected", _("People affected"), "whole", 10, total="sum"),
            Column("people_adopted", _("Brought along"), "whole", 10, total="sum"),
            Column(
                "adopted_share", _("Brought along, share"), "percent", 10, total="average", bar=1
            ),
            Column(
                "adoption_plan",
                _("How they are brought along"),
                "text",
                14,
                self._has_plan,
                names={True: said, False: missing},
                colours={missing: "warn"},
            ),
            self.record("owner_contact_id", _("Owner at the customer"), "res.partner", 22, "name"),
            self.record("user_id", _("Followed by"), "res.users", 18, "name"),
            self.choice("turn", _("Whose turn"), 14),
            Column("lead_days", _("Lead time, days"), "whole", 9, total="average"),
        )

    def _areas(self, query):
        """Return the SQL of the names of all areas that the change touches, in their order."""
        areas = self.env["customer.success.change.area"]
        return SQL(
            """(SELECT string_agg(%s, ', ' ORDER BY area.sequence, area.id)
                  FROM customer_success_change_area_rel touched
                  JOIN customer_success_change_area area ON area.id = touched.area_id
                 WHERE touched.change_id = %s)""",
            areas._field_to_sql("area", "name"),
            SQL.identifier(query.table, "id"),
        )

    def _has_plan(self, query):
        plan = self.env[self.model]._field_to_sql(query.table, "adoption_plan", query)
        return SQL("COALESCE(btrim(%s), '') <> ''", plan)

"""The sheet of barriers: their age, their area, and who has the authority to remove them."""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .rows import Labels
from .sheet import register
from .sheet_customers import coloured
from .table import Column, Table

_lt = LazyTranslate(__name__)

SEVERITY_COLOURS = {"1": "warn", "2": "bad", "3": "bad"}


@register
class Barriers(Table):
    code = "barriers"
    title = _lt("Barriers")
    sequence = 40
    model = "customer.success.barrier"
    order = "severity desc, date_opened, id"

    def heading(self):
        return self.env._("Barriers, the most severe first")

    def note(self):
        return self.env._(
            "An organisational barrier is removed once somebody with authority is responsible for it. "
            "The days open are counted until its removal."
        )

    def make_columns(self):
        _ = self.env._
        severity = Labels(self.env[self.model], "severity")
        authority = Labels(self.env[self.model], "authority")
        return (
            self.customer(),
            Column("number", _("Number"), "text", 11),
            Column("name", _("Barrier"), "text", 40),
            self.choice(
                "severity", _("Severity"), 10, colours=coloured(severity, SEVERITY_COLOURS)
            ),
            self.choice("state", _("State"), 14),
            self.choice("area", _("Area"), 24),
            Column("days_open", _("Days open"), "whole", 9, self._days_open, total="average"),
            self.choice(
                "authority",
                _("Authority"),
                11,
                colours=coloured(authority, {"none": "bad", "asked": "warn", "granted": "good"}),
            ),
            Column("authority_date", _("Authority since"), "date", 11),
            self.record("owner_contact_id", _("Owner at the customer"), "res.partner", 22, "name"),
            self.record("user_id", _("Followed by"), "res.users", 18, "name"),
            self.choice("turn", _("Whose turn"), 14),
            self.record("product_id", _("Product"), "product.product", 18),
            self.choice("nature", _("Nature"), 11),
            self.choice("cause", _("Cause"), 15),
            Column("stops", _("Stops"), "text", 26, self._stops),
            Column("symptoms", _("Symptoms"), "text", 26, self._symptoms),
            Column("people_affected", _("People affected"), "whole", 9, total="sum"),
            Column("use_at_opening", _("Adoption rate at opening"), "percent", 10, total="average"),
            Column("date_opened", _("Opened"), "date", 11),
            Column("date_due", _("Due"), "date", 11),
            Column("date_removed", _("Removed"), "date", 11),
            Column("days_to_authority", _("Days to authority"), "whole", 10, total="average"),
            Column("days_to_removal", _("Days to removal"), "whole", 10, total="average"),
        )

    def _days_open(self, query):
        barriers = self.env[self.model]
        removed, opened = (
            barriers._field_to_sql(query.table, name, query)
            for name in ("date_removed", "date_opened")
        )
        return SQL("GREATEST(0, COALESCE(%s, %s) - %s)", removed, self.book.today, opened)

    def _stops(self, query):
        """Return the SQL of the names of the stakeholders whom the barrier stops, as the reader may see them."""
        seen = self.env["customer.success.stakeholder"]._search([])
        return SQL(
            """(SELECT string_agg(contact.name, ', ' ORDER BY stakeholder.id)
                  FROM customer_success_barrier_stakeholder_rel stopped
                  JOIN customer_success_stakeholder stakeholder ON stakeholder.id = stopped.stakeholder_id
                  JOIN res_partner contact ON contact.id = stakeholder.contact_id
                 WHERE stopped.barrier_id = %s AND stakeholder.id IN %s)""",
            SQL.identifier(query.table, "id"),
            seen.subselect(),
        )

    def _symptoms(self, query):
        return SQL(
            """(SELECT string_agg(%s, ', ' ORDER BY symptom.sequence, symptom.id)
                  FROM customer_success_barrier_symptom_rel shown
                  JOIN customer_success_symptom symptom ON symptom.id = shown.symptom_id
                 WHERE shown.barrier_id = %s)""",
            self.env["customer.success.symptom"]._field_to_sql("symptom", "name"),
            SQL.identifier(query.table, "id"),
        )

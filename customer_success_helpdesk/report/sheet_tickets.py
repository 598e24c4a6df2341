"""The sheet of open tickets, with their age, team, stage and assigned user."""

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.customer_success.report.workbook.rows import Labels
from odoo.addons.customer_success.report.workbook.sheet import register
from odoo.addons.customer_success.report.workbook.sheet_customers import coloured
from odoo.addons.customer_success.report.workbook.table import Column, Table

_lt = LazyTranslate(__name__)

PRIORITY_COLOURS = {"2": "warn", "3": "bad"}


@register
class Tickets(Table):
    """The sheet of open tickets."""

    code = "tickets"
    title = _lt("Tickets")
    sequence = 45  # after the barriers
    model = "helpdesk.ticket"
    order = "priority desc, create_date, id"
    partner = "commercial_partner_id"

    @classmethod
    def explain(cls, env):
        yield (
            env._("Open tickets"),
            env._(
                "Tickets of the customer and its contacts that are not in a closed stage, without duplicates. Their age "
                "counts from the day on which they were opened."
            ),
        )

    def heading(self):
        return self.env._("Open tickets, the most urgent first")

    def note(self):
        return self.env._(
            "The sheet shows the tickets that you may see in the helpdesk, as they are now."
        )

    def domain(self):
        is_open = Domain("stage_id", "=", False) | Domain("stage_id.closed", "=", False)
        return is_open & Domain("duplicate_id", "=", False)

    def make_columns(self):
        _ = self.env._
        priority = Labels(self.env[self.model], "priority")
        return (
            self.customer(),
            Column("number", _("Number"), "text", 11),
            Column("name", _("Ticket"), "text", 44),
            self.choice(
                "priority", _("Priority"), 10, colours=coloured(priority, PRIORITY_COLOURS)
            ),
            self.record("stage_id", _("Stage"), "helpdesk.ticket.stage", 16, "name"),
            self.record("team_id", _("Team"), "helpdesk.ticket.team", 18, "name"),
            Column("age", _("Age in days"), "whole", 9, self._days("create_date"), total="average"),
            Column(
                "in_stage",
                _("Days in this stage"),
                "whole",
                9,
                self._days("last_stage_update"),
                total="average",
            ),
            self.record("user_id", _("Assigned to"), "res.users", 18, "name"),
            self.record("partner_id", _("Reported by"), "res.partner", 22, "name"),
            self.record("category_id", _("Category"), "helpdesk.ticket.category", 18, "name"),
            self.record("channel_id", _("Channel"), "helpdesk.ticket.channel", 12, "name"),
            self.record("company_id", _("Company"), "res.company", 20, "name"),
            Column("create_date", _("Opened"), "datetime", 16),
        )

    def _days(self, name):
        """Return a function that builds the SQL of the days since a moment, in the reader's time zone."""

        def days(query):
            moment = self.env[self.model]._field_to_sql(query.table, name, query)
            return SQL(
                "GREATEST(0, %s - (%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date)",
                self.book.today,
                moment,
                self.book.zone,
            )

        return days

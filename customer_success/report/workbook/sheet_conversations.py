"""The sheet of conversations: one row for each that was held, to average by customer, CSM and month."""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .sheet import register
from .sheet_time import Time
from .table import Column, Table

_lt = LazyTranslate(__name__)

AFTER_DAYS = 90  # in which a conversation may show an effect


@register
class Conversations(Table):
    code = "conversations"
    title = _lt("Conversations")
    sequence = 105
    model = "customer.success.interaction"
    order = "date desc, id desc"

    @classmethod
    def explain(cls, env):
        yield (
            env._("Quality and focus"),
            env._(
                "The CSM's rating from 1 to 5 when the conversation is logged: from being polite to having changed something, and "
                "from functions of the product to what stands in their way. Not rated is unknown, and stays out of averages."
            ),
        )
        yield (
            env._("On features"),
            env._(
                "The share of rated conversations that were about features of the product; half and half counts as half."
            ),
        )

        yield (
            env._("Health, change after a conversation"),
            env._(
                "The points of health between the day of a conversation with content and %d days later. Filter by quality or focus to see "
                "which conversations go with success; other things happen in these days as well.",
                AFTER_DAYS,
            ),
        )

    def heading(self):
        return self.env._("Conversations held, the latest first")

    def note(self):
        return self.env._(
            "Without content: it left neither a summary nor an answer, or lasted less than five minutes. Such "
            "conversations and those of other teams' work are in no average."
        )

    domain = Time.domain

    def make_columns(self):
        _ = self.env._
        yes, no = _("Yes"), _("No")
        return (
            self.customer(),
            Column("date", _("On"), "date", 11),
            Column("month", _("Month"), "month", 12, self._month),
            self.record("user_id", _("CSM"), "res.users", 22, "name"),
            self.choice("kind", _("Kind"), 18),
            Column("duration", _("Hours"), "number", 9, total="sum"),
            Column("has_content", _("With content"), "text", 9, names={True: yes, False: no}),
            Column("proactive_share", _("Proactive"), "percent", 10, total="average"),
            Column("quality_rating", _("Quality, 1 to 5"), "number", 9, total="average"),
            Column("focus_rating", _("Focus, 1 to 5"), "number", 9, total="average"),
            Column("feature_share", _("On features"), "percent", 10, total="average"),
            Column(
                "explained_hours", _("Hours explaining the CSM's role"), "number", 12, total="sum"
            ),
            Column("explained_people", _("People told about the role"), "whole", 10, total="sum"),
            Column(
                "health_change",
                _("Health, change in %d days after", AFTER_DAYS),
                "number",
                12,
                self._health_change,
                total="average",
            ),
        )

    def _health_change(self, query):
        """Return the change of the health score since the day of a conversation with content, once the days have passed.

        What another segment, other weights or another formula changed is left out.
        """
        talk = {
            name: self.env[self.model]._field_to_sql(query.table, name, query)
            for name in ("partner_id", "date", "has_content")
        }
        health = """(SELECT score.health - COALESCE(score.health_shift, 0)
                       FROM customer_success_score_history score
                      WHERE score.partner_id = %s
                        AND score.date <= %s
                   ORDER BY score.date DESC
                      LIMIT 1)"""
        return SQL(
            "CASE WHEN %s AND %s + %s <= %s THEN %s - %s END",
            talk["has_content"],
            talk["date"],
            AFTER_DAYS,
            self.book.today,
            SQL(health, talk["partner_id"], SQL("%s + %s", talk["date"], AFTER_DAYS)),
            SQL(health, talk["partner_id"], talk["date"]),
        )

    def _month(self, query):
        date = self.env[self.model]._field_to_sql(query.table, "date", query)
        return SQL("date_trunc('month', %s)::date", date)

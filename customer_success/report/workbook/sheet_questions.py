"""The sheet of questions: how many customers were asked, stale answers, and reasons for not asking."""

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...scoring.asked import ASKED_STAGE, GRACE_DAYS
from .sheet import register
from .table import Column, ListTable

_lt = LazyTranslate(__name__)

REASONS = 3
SIGNALS = ("strength", "neutral", "concern", "blocker")


@register
class Questions(ListTable):
    code = "questions"
    title = _lt("Questions")
    sequence = 50
    model = "customer.success.answer"

    def heading(self):
        return self.env._("Questions: coverage, and why some were not asked")

    def note(self):
        return self.env._(
            "Covered: customers with a fresh answer, of those in whose stage the question is due. The questions of a "
            "stage count %d days after it was entered. Signals are those of fresh answers. "
            "Answers of people who have left do not count.",
            GRACE_DAYS,
        )

    def make_columns(self):
        _ = self.env._
        signals = dict(self.env[self.model]._fields["signal"]._description_selection(self.env))
        return (
            Column("question", _("Question"), "text", 60),
            Column("topic", _("Topic"), "text", 22),
            Column("dimension", _("Speaks of"), "text", 10),
            Column("due", _("Customers due"), "whole", 11, total="sum"),
            Column("fresh", _("Fresh answer"), "whole", 10, total="sum"),
            Column(
                "coverage",
                _("Covered (high is good)"),
                "percent",
                11,
                share=(("fresh",), ("due",)),
                bar=1,
            ),
            Column("stale", _("Gone stale"), "whole", 9, total="sum"),
            Column("never", _("Never answered"), "whole", 10, total="sum"),
            *(Column(code, signals[code], "whole", 10, total="sum") for code in SIGNALS),
            Column("not_asked", _("Not asked"), "whole", 9, total="sum"),
            Column("reasons", _("Not asked, because"), "text", 60),
        )

    def make_rows(self):
        env = self.env
        questions = env["customer.success.question"].search(Domain.TRUE)
        labels = dict(questions._fields["dimension"]._description_selection(env))
        stages = self._stages()
        answers = self._answers()
        reasons = self._reasons()
        for question in questions:
            due = sum(number for stage, number in stages.items() if question._due_in(stage))
            said, fresh, *signals = answers.get(question.id, (0,) * 6)
            why = reasons.get(question.id, [])
            yield (
                question.name,
                question.topic_id.name,
                labels.get(question.dimension),
                due,
                fresh,
                100 * fresh / due if due else None,
                said - fresh,
                due - said,
                *signals,
                sum(number for _reason, number in why),
                "; ".join(f"{reason} ({number})" for reason, number in why[:REASONS]),
            )

    def _asked(self):
        """Return the SQL of the stage whose questions count, for each customer."""
        return SQL(ASKED_STAGE.replace("IN_SCOPE", "IS NOT NULL"), today=self.book.today)

    def _stages(self):
        """Return ``{stage: customers whose questions it has}``."""
        self.env["customer.success.stage.move"].flush_model(["partner_id", "date", "stage_id"])
        customers = self.env["res.partner"]._search(Domain("id", "in", self.book.customers))
        customers.add_join(
            "LEFT JOIN",
            "asked",
            SQL("(%s)", self._asked()),
            SQL("asked.partner_id = %s", SQL.identifier(customers.table, "id")),
        )
        stage = SQL(
            "COALESCE(asked.stage_id, %s)",
            self.env["res.partner"]._field_to_sql(customers.table, "success_stage_id", customers),
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT stage_id, count(*) FROM (%s) customer GROUP BY 1",
                customers.select(SQL("%s AS stage_id", stage)),
            )
        )
        stages = self.env["customer.success.stage"].sudo()
        return {stages.browse(stage_id): number for stage_id, number in rows}

    def _seen(self, domain):
        return self.env[self.model]._search(
            Domain(self.partner, "in", self.book.customers) & domain
        )

    def _answers(self):
        """Return ``{question: (customers with an answer, with a fresh one, fresh answers by signal)}``.

        Only customers in whose stage the question is due are counted.
        """
        query = self._seen(Domain("is_current", "=", True))
        model = self.env[self.model]
        columns = [
            SQL("%s AS %s", model._field_to_sql(query.table, name, query), SQL.identifier(name))
            for name in ("question_id", "partner_id", "date", "signal")
        ]
        self.env["customer.success.question"].flush_model(["refresh_months", "stage_ids"])
        found = self.env.execute_query(
            SQL(
                """
                WITH answer AS (
                    SELECT seen.*,
                           (seen.date + make_interval(months => question.refresh_months))::date
                           >= %(today)s AS fresh
                      FROM (%(seen)s) seen
                      JOIN customer_success_question question ON question.id = seen.question_id
                      JOIN res_partner customer ON customer.id = seen.partner_id
                 LEFT JOIN (%(asked)s) asked ON asked.partner_id = seen.partner_id
                     WHERE NOT EXISTS (SELECT FROM customer_success_question_stage_rel rel
                                        WHERE rel.question_id = question.id)
                        OR EXISTS (SELECT FROM customer_success_question_stage_rel rel
                                    WHERE rel.question_id = question.id
                                      AND rel.stage_id = COALESCE(asked.stage_id, customer.success_stage_id))
                )
                SELECT question_id,
                       count(DISTINCT partner_id),
                       count(DISTINCT partner_id) FILTER (WHERE fresh),
                       %(signals)s
                  FROM answer
              GROUP BY question_id
                """,
                seen=query.select(*columns),
                asked=self._asked(),
                today=self.book.today,
                signals=SQL(", ").join(
                    SQL("count(*) FILTER (WHERE fresh AND signal = %s)", code) for code in SIGNALS
                ),
            )
        )
        return {question_id: counts for question_id, *counts in found}

    def _reasons(self):
        """Return ``{question: [(reason, number)]}``, the most frequent reason first."""
        reasons = {}
        for question, reason, number in self.env[self.model]._read_group(
            Domain(self.partner, "in", self.book.customers)
            & Domain("not_asked_reason", "!=", False),
            ["question_id", "not_asked_reason"],
            ["__count"],
            order="__count desc",
        ):
            reasons.setdefault(question.id, []).append((reason, number))
        return reasons

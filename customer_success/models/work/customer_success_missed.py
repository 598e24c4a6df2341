from odoo import fields, models
from odoo.tools import SQL

from ...scoring.asked import ASKED_STAGE
from ...scoring.followed import FOLLOWED

KINDS = [
    ("never_asked", "Due and Never Asked"),
    ("gone", "Answered Only by Someone Who Left"),
    ("stale", "Stale Answer"),
    ("no_action", "Worrying Answer without an Action"),
    ("declined", "Advice Declined"),
]


class CustomerSuccessMissed(models.Model):
    """A service gap: a due question, a worrying answer without an action, or declined advice."""

    _name = "customer.success.missed"
    _description = "Service Gap"
    _auto = False
    _order = "date, id"
    _rec_name = "question_id"
    # Fields that are flushed to the database before the view is read
    _depends = {
        "customer.success.advice": [
            "partner_id",
            "question_id",
            "answer_id",
            "state",
            "reason",
            "date_decided",
        ],
        "customer.success.answer": [
            "partner_id",
            "question_id",
            "date",
            "signal",
            "is_current",
            "not_asked_reason",
        ],
        "customer.success.barrier": ["answer_id"],
        "customer.success.play.run": ["partner_id", "cause", "state", "play_id"],
        "customer.success.stage.move": ["partner_id", "date", "stage_id"],
        "customer.success.question": ["active", "refresh_months", "stage_ids"],
        "res.partner": [
            "active",
            "success_former_date",
            "success_stage_date",
            "success_stage_id",
            "success_user_id",
        ],
    }

    kind = fields.Selection(KINDS, readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", "CSM", readonly=True)
    stage_id = fields.Many2one("customer.success.stage", readonly=True)
    question_id = fields.Many2one("customer.success.question", readonly=True)
    answer_id = fields.Many2one("customer.success.answer", readonly=True)
    advice_id = fields.Many2one("customer.success.advice", readonly=True)
    reason = fields.Char(readonly=True)
    date = fields.Date("Since", readonly=True)

    # Freshness is computed for the day in UTC, as in the scores. The id is computed from the row's content, so
    # that it is stable; it has 52 bits, which a browser's numbers hold exactly.
    @property
    def _table_query(self):
        return SQL(
            """
            WITH due AS (
                SELECT p.id AS partner_id, p.company_id, p.success_user_id AS user_id,
                       p.success_stage_id AS stage_id, p.success_stage_date, question.id AS question_id,
                       question.refresh_months
                  FROM res_partner p
             LEFT JOIN (%(asked)s) asked ON asked.partner_id = p.id
                  JOIN customer_success_question question ON question.active
                 WHERE %(followed)s
                   AND (NOT EXISTS (SELECT FROM customer_success_question_stage_rel rel
                                     WHERE rel.question_id = question.id)
                        OR EXISTS (SELECT FROM customer_success_question_stage_rel rel
                                    WHERE rel.question_id = question.id
                                      AND rel.stage_id = COALESCE(asked.stage_id, p.success_stage_id)))
            ),
            said AS (
                SELECT answer.partner_id, answer.question_id,
                       max(answer.date) FILTER (WHERE answer.is_current) AS date
                  FROM customer_success_answer answer
                 WHERE answer.not_asked_reason IS NULL
              GROUP BY answer.partner_id, answer.question_id
            ),
            gap AS (
                SELECT CASE WHEN said.partner_id IS NULL THEN 'never_asked'
                            WHEN said.date IS NULL THEN 'gone' ELSE 'stale' END AS kind,
                       due.partner_id, due.company_id, due.user_id, due.stage_id, due.question_id,
                       NULL::int AS answer_id, NULL::int AS advice_id, NULL::varchar AS reason,
                       COALESCE((said.date + make_interval(months => due.refresh_months))::date,
                                due.success_stage_date) AS date
                  FROM due
             LEFT JOIN said ON said.partner_id = due.partner_id
                           AND said.question_id = due.question_id
                 WHERE said.date IS NULL
                    OR said.date + make_interval(months => due.refresh_months)
                       < %(today)s
                 UNION ALL
                SELECT 'no_action', answer.partner_id, p.company_id, p.success_user_id,
                       p.success_stage_id, answer.question_id, answer.id, NULL, NULL, answer.date
                  FROM customer_success_answer answer
                  JOIN res_partner p ON p.id = answer.partner_id
                 WHERE answer.is_current
                   AND answer.signal IN ('concern', 'blocker')
                   AND %(followed)s
                   AND NOT EXISTS (SELECT FROM customer_success_advice advice
                                    WHERE advice.answer_id = answer.id
                                      AND advice.state = 'accepted')
                   AND NOT EXISTS (SELECT FROM customer_success_barrier barrier
                                    WHERE barrier.answer_id = answer.id)
                   AND NOT EXISTS (SELECT FROM customer_success_play_run run
                                     JOIN customer_success_play play ON play.id = run.play_id
                                    WHERE run.partner_id = answer.partner_id
                                      AND run.cause = answer.id::text
                                      AND run.state <> 'waiting'
                                      AND play.trigger = 'answer')
                 UNION ALL
                SELECT 'declined', advice.partner_id, p.company_id, p.success_user_id,
                       p.success_stage_id, advice.question_id, advice.answer_id, advice.id,
                       advice.reason, advice.date_decided
                  FROM customer_success_advice advice
                  JOIN res_partner p ON p.id = advice.partner_id
                 WHERE advice.state = 'declined'
                   AND %(followed)s
            )
            SELECT ('x' || left(md5(concat_ws('/', kind, partner_id, question_id, answer_id, advice_id)),
                                13))::bit(52)::bigint AS id,
                   gap.*
              FROM gap
            """,
            followed=SQL(FOLLOWED),
            today=fields.Date.today(),
            asked=SQL(ASKED_STAGE.replace("IN_SCOPE", "IS NOT NULL"), today=fields.Date.today()),
        )

    def action_open_customer(self):
        """Open the customer, to ask the question or act on the answer there."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.res_partner_action_success_all"
        )
        form = self.env.ref("customer_success.res_partner_view_success_form")
        return {**action, "res_id": self.partner_id.id, "views": [(form.id, "form")]}

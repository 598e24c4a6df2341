from ..scoring.asked import ASKED_STAGE
from .trigger import Trigger, register

# Each question that counts as due for the customer, with the day since which its newest answer is stale.
_STALE = f"""
asked AS MATERIALIZED ({ASKED_STAGE}
),
stale AS MATERIALIZED (
    SELECT answer.partner_id, answer.question_id,
           max((answer.date + make_interval(months => question.refresh_months))::date) + 1 AS since
      FROM customer_success_answer answer
      JOIN customer ON customer.id = answer.partner_id
 LEFT JOIN asked ON asked.partner_id = answer.partner_id
      JOIN customer_success_question question ON question.id = answer.question_id
     WHERE answer.partner_id IN_SCOPE
       AND answer.is_current
       AND question.active
       AND (NOT EXISTS (SELECT FROM customer_success_question_stage_rel rel
                         WHERE rel.question_id = question.id)
            OR EXISTS (SELECT FROM customer_success_question_stage_rel rel
                        WHERE rel.question_id = question.id
                           AND rel.stage_id = COALESCE(asked.stage_id, customer.stage_id)))
  GROUP BY answer.partner_id, answer.question_id
    HAVING max((answer.date + make_interval(months => question.refresh_months))::date) < %(today)s
),
stale_place AS MATERIALIZED (
    SELECT partner_id, question_id, since,
           row_number() OVER (PARTITION BY partner_id ORDER BY since, question_id) AS place,
           count(*) OVER (PARTITION BY partner_id) AS questions
      FROM stale
)"""


@register
class Stale(Trigger):
    """A trigger: a number of questions have only stale answers.

    The day of the cause is the day on which the last of that number became stale.
    """

    code = "stale"
    label = "Stale answers"
    parameters = ("questions",)
    steps = (_STALE,)
    causes = """
    SELECT play.id, customer.id,
           stale.question_id || ':' || stale.since,
           stale.since,
           jsonb_build_object('questions', stale.questions)
      FROM stale_place stale
      JOIN customer ON customer.id = stale.partner_id
      JOIN play ON play.trigger = 'stale' AND play.questions = stale.place AND FITS
     WHERE stale.since BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "Starts when the newest answers to this number of questions of the customer's stage are stale."
        )

    def reason(self, words, facts):
        if facts["questions"] == 1:
            return words._("The answer to one question is stale")
        return words._("The answers to %d questions are stale", facts["questions"])

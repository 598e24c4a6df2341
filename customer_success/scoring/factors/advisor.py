"""The factor answers: the coverage of the questions that are due, and the readiness that the answers show."""

from ..asked import ASKED_STAGE
from ..conditions import fulfilled
from ..factor import MEDIUM, SMALL, UNKNOWN, Factor, Lever, Step, register
from ..readiness import WORRYING_VALUE, to_rating
from ..risk import NEUTRAL
from ..rules import round_tenth

DIMENSIONS = ("ready", "willing", "able")
# So many questions are asked in one conversation.
FEW = 5

# The stage of each customer whose questions count, the questions with the stages in which they are due, then the
# current answers to them.
ASKED = Step("asked", ASKED_STAGE)
QUESTION = Step(
    "question",
    """
    SELECT question.id,
           question.dimension,
           make_interval(months => question.refresh_months) AS refreshed,
           array_agg(stage.id) AS due_in
      FROM customer_success_question question
 LEFT JOIN customer_success_question_stage_rel rel ON rel.question_id = question.id
 LEFT JOIN customer_success_stage stage ON rel.stage_id IS NULL OR rel.stage_id = stage.id
     WHERE question.active
  GROUP BY question.id
""",
    on=None,
)
DUE_COUNT = Step(
    "due_count",
    """
    SELECT stage.id AS stage_id, count(question.id) AS questions
      FROM customer_success_stage stage
      JOIN question ON stage.id = ANY(question.due_in)
  GROUP BY stage.id
""",
    on="due_count.stage_id = COALESCE(asked.stage_id, customer.stage_id)",
)
# What worried counts until it is asked again: silence about it is no answer.
_COUNTS = f"(is_fresh OR value <= {WORRYING_VALUE})"
# The mean of the answers to each dimension, and what it would be if those to the questions that are due again were repeated.
_MEANS = ",\n".join(
    f"""\
           sum(counted) FILTER (WHERE dimension = '{name}')
           / NULLIF(sum(many) FILTER (WHERE dimension = '{name}'), 0) AS {name},
           sum(CASE WHEN is_due AND NOT is_fresh THEN whole ELSE counted END) FILTER (WHERE dimension = '{name}')
           / NULLIF(sum(CASE WHEN is_due AND NOT is_fresh THEN all_of_them ELSE many END)
                    FILTER (WHERE dimension = '{name}'), 0) AS {name}_again"""
    for name in DIMENSIONS
)
ANSWER = Step(
    "answer",
    f"""
    SELECT partner_id,
           sum(answers)::int AS answers,
           count(*) FILTER (WHERE is_fresh AND is_due) AS fresh,
           count(*) FILTER (WHERE is_due) AS asked,
           sum(worrying)::int AS worrying,
{_MEANS}
      FROM (SELECT partner_id, question_id, dimension, is_due,
                   bool_or(is_fresh) AS is_fresh,
                   count(*) AS answers,
                   count(*) FILTER (WHERE {_COUNTS} AND signal IN ('concern', 'blocker')) AS worrying,
                   sum(value) FILTER (WHERE {_COUNTS}) AS counted,
                   count(value) FILTER (WHERE {_COUNTS}) AS many,
                   sum(value) AS whole,
                   count(value) AS all_of_them
              FROM (SELECT answer.partner_id,
                           answer.question_id,
                           question.dimension,
                           answer.signal,
                           COALESCE(asked.stage_id, customer.stage_id) = ANY(question.due_in) AS is_due,
                           answer.date + question.refreshed >= %(today)s AS is_fresh,
                           CASE WHEN answer.rating IS NOT NULL THEN (answer.rating::int - 1) * 25.0::float8
                                ELSE CASE answer.signal WHEN 'strength' THEN 100.0
                                                        WHEN 'neutral' THEN 60.0
                                                        WHEN 'concern' THEN 25.0
                                                        WHEN 'blocker' THEN 0.0 END
                           END AS value
                      FROM customer_success_answer answer
                      JOIN customer ON customer.id = answer.partner_id
                      JOIN question ON question.id = answer.question_id
                 LEFT JOIN asked ON asked.partner_id = answer.partner_id
                     WHERE answer.partner_id IN_SCOPE
                       AND answer.is_current) said
          GROUP BY partner_id, question_id, dimension, is_due) question_said
  GROUP BY partner_id
""",
)


def value(facts, rules):
    """Return the mean of coverage and readiness, and the evidence.

    Coverage is the share of the due questions that have a fresh answer. Readiness is the mean of ready,
    willing and able, from the fresh answers and from those that worried and were not asked again. The factor is unknown, not bad, if no question was ever asked.

    >>> from ..facts import Facts
    >>> facts = Facts(1, answers=6, questions_due=9, questions_fresh=6, questions_stale=0, worrying=0, ready=75.0)
    >>> value(facts, None)
    (70.83333333333334, {'fresh': 6, 'due': 9, 'stale': 0, 'worrying': 0, 'ready': 75.0})
    >>> value(Facts(1, questions_due=9), None)
    (None, None)
    """
    if not facts.answers:
        return UNKNOWN
    parts = []
    evidence = {
        "fresh": facts.questions_fresh,
        "due": facts.questions_due,
        "stale": facts.questions_stale,
        "worrying": facts.worrying,
    }
    if facts.questions_due:
        parts.append(100.0 * facts.questions_fresh / facts.questions_due)
    known = []
    for dimension in DIMENSIONS:
        said = getattr(facts, dimension)
        if said is not None:
            known.append(said)
            evidence[dimension] = round_tenth(said)
    if known:
        parts.append(sum(known) / len(known))
    return (sum(parts) / len(parts), evidence) if parts else UNKNOWN


def words(env, evidence):
    """Return the coverage of the questions and the readiness of the customer, as text."""
    said = []
    if evidence.has("fresh", "due"):
        said.append(
            env._(
                "%(fresh)d of %(due)d due questions have a fresh answer",
                fresh=evidence["fresh"],
                due=evidence["due"],
            )
        )
    if evidence.number("stale"):
        said.append(env._("Stale answers: %d", evidence["stale"]))
    if evidence.number("worrying"):
        said.append(env._("Concerns and blockers: %d", evidence["worrying"]))
    dimension = env["customer.success.question"]._fields["dimension"]
    labels = dict(dimension._description_selection(env))
    said += [
        env._(
            "%(dimension)s: %(rating).1f of 5",
            dimension=labels[code],
            rating=to_rating(evidence[code]),
        )
        for code in DIMENSIONS
        if evidence.has(code)
    ]
    return " · ".join(said)


def _asked(facts, rules):
    """Yield the facts with all due questions answered, as far as it can be expected.

    Who was asked before says the same again. Of a question that was never asked, the answer is expected to be like those
    that are there, so it earns its coverage alone: nobody knows if it is a good one. Without any of them it is expected
    to be neutral. Nothing is yielded for a customer that was never asked.
    """
    missing = facts.questions_due - facts.questions_fresh if facts.answers else 0
    if missing > 0:
        again = {name: getattr(facts, f"{name}_again") for name in DIMENSIONS}
        if set(again.values()) == {None}:
            again = dict.fromkeys(DIMENSIONS, NEUTRAL)
        yield (
            missing,
            fulfilled(facts, "coverage").replaced(
                answers=facts.answers + missing - facts.questions_stale,
                questions_fresh=facts.questions_due,
                questions_stale=0,
                **again,
            ),
        )


def _say_asked(env, number):
    if number == 1:
        return env._("Ask the question that is due, if the answer is like those so far")
    return env._("Ask the %d questions that are due, if the answers are like those so far", number)


def _effort(_facts, number):
    return SMALL if number <= FEW else MEDIUM


ADVISOR = register(
    Factor(
        "advisor",
        value=value,
        words=words,
        steps=(ASKED, QUESTION, DUE_COUNT, ANSWER),
        columns={
            # Current answers; questions due in this stage; those of them with a fresh and with a stale answer.
            "answers": "COALESCE(answer.answers, 0)",
            "questions_due": "COALESCE(due_count.questions, 0)",
            "questions_fresh": "COALESCE(answer.fresh, 0)",
            "questions_stale": "COALESCE(answer.asked - answer.fresh, 0)",
            "worrying": "COALESCE(answer.worrying, 0)",  # concerns and blockers
            # means, 0 to 100, now and if what is due again is answered as before
            **{
                name: f"answer.{name}"
                for name in (*DIMENSIONS, *[f"{name}_again" for name in DIMENSIONS])
            },
        },
        formula=2,
        levers=(Lever("asked", _asked, _say_asked, effort=_effort),),
    )
)

"""When a play is called for: all plays over a range of customers, in one statement.

Each trigger is a block that yields ``play_id, partner_id, cause, date, facts``. ``cause`` is what the play
is run for and never run for again: it names a record, or the day on which something began. ``date`` is the
day of the cause, ``facts`` what :class:`customer.success.play.run` words the reason from.
"""

from typing import NamedTuple


class Limits(NamedTuple):
    """What the settings page says, as far as triggers ask for it."""

    risk_medium: float = 20.0
    risk_high: float = 40.0
    risk_critical: float = 65.0
    usage_fresh_days: int = 120


# Whether the play is meant for this customer at all, and somebody is there to do it.
FITS = """(play.stage_ids IS NULL OR customer.stage_id = ANY(play.stage_ids))
       AND (play.company_id IS NULL OR play.company_id = customer.company_id)
       AND COALESCE(customer.csm_id, play.fallback_id) IS NOT NULL"""

# The customers of the range, the plays that are switched on, and what was run before.
_GIVEN = """
customer AS MATERIALIZED (
    SELECT p.id,
           p.company_id,
           p.success_stage_id AS stage_id,
           p.success_stage_date AS stage_date,
           p.success_go_live_date AS go_live_date,
           p.success_sentiment AS sentiment,
           p.success_sentiment_date AS sentiment_date,
           stage.phase,
           stage.expected_days,
           csm.id AS csm_id
      FROM res_partner p
      JOIN customer_success_stage stage ON stage.id = p.success_stage_id
 LEFT JOIN res_users csm ON csm.id = p.success_user_id AND csm.active
     WHERE p.id IN_SCOPE
       AND p.active
),
play AS MATERIALIZED (
    SELECT play.*,
           fallback.id AS fallback_id,
           (SELECT array_agg(stage_id)
              FROM customer_success_play_stage_rel WHERE play_id = play.id) AS stage_ids,
           (SELECT array_agg(symptom_id)
              FROM customer_success_play_symptom_rel WHERE play_id = play.id) AS symptom_ids
      FROM customer_success_play play
 LEFT JOIN res_users fallback ON fallback.id = play.user_id AND fallback.active
     WHERE play.active
),
run AS MATERIALIZED (
    SELECT play_id, partner_id, cause, date
      FROM customer_success_play_run
     WHERE partner_id IN_SCOPE
)"""

# Since when the risk stands where it stands: the first day after the last on which it stood elsewhere.
# The first score of a customer is where it begins, not a change, so it has no such day.
_RISK = """
risk AS MATERIALIZED (
    SELECT score.partner_id,
           score.risk_band,
           score.renewal_risk,
           level.name AS level,
           (SELECT min(later.date)
              FROM customer_success_score_history later
             WHERE later.partner_id = score.partner_id
               AND later.date > (SELECT max(before.date)
                                   FROM customer_success_score_history before
                                  WHERE before.partner_id = score.partner_id
                                    AND (before.renewal_risk IS NULL
                                         OR before.renewal_risk < level.least
                                         OR before.renewal_risk >= level.below))) AS since
      FROM customer_success_score score
      JOIN customer ON customer.id = score.partner_id
      JOIN (VALUES ('low', 0, %(risk_medium)s),
                   ('high', %(risk_high)s, 101),
                   ('critical', %(risk_critical)s, 101)) AS level (name, least, below)
        ON CASE level.name WHEN 'low' THEN score.risk_band = 'low' AND customer.sentiment = 'worried'
                           WHEN 'high' THEN score.risk_band IN ('high', 'critical')
                           ELSE score.risk_band = 'critical' END
     WHERE score.partner_id IN_SCOPE
)"""

# Each question that a customer is to be asked in its stage, and since when its newest answer is stale.
_STALE = """
stale AS MATERIALIZED (
    SELECT answer.partner_id, answer.question_id,
           max((answer.date + make_interval(months => question.refresh_months))::date) + 1 AS since
      FROM customer_success_answer answer
      JOIN customer ON customer.id = answer.partner_id
      JOIN customer_success_question question ON question.id = answer.question_id
     WHERE answer.partner_id IN_SCOPE
       AND answer.is_current
       AND question.active
       AND (NOT EXISTS (SELECT FROM customer_success_question_stage_rel rel
                         WHERE rel.question_id = question.id)
            OR EXISTS (SELECT FROM customer_success_question_stage_rel rel
                        WHERE rel.question_id = question.id AND rel.stage_id = customer.stage_id))
  GROUP BY answer.partner_id, answer.question_id
    HAVING max((answer.date + make_interval(months => question.refresh_months))::date) < %(today)s
),
stale_place AS MATERIALIZED (
    SELECT partner_id, question_id, since,
           row_number() OVER (PARTITION BY partner_id ORDER BY since, question_id) AS place,
           count(*) OVER (PARTITION BY partner_id) AS questions
      FROM stale
)"""

# The last day on which a contact was touched stands for the day on which it was archived: no other is kept.
_GONE = """
person AS MATERIALIZED (
    SELECT stakeholder.partner_id, stakeholder.role, contact.id AS contact_id, contact.name,
           contact.active AND contact.commercial_partner_id = stakeholder.partner_id AS is_here,
           LEAST(contact.write_date::date, %(today)s) AS date
      FROM customer_success_stakeholder stakeholder
      JOIN res_partner contact ON contact.id = stakeholder.contact_id
     WHERE stakeholder.partner_id IN_SCOPE
       AND stakeholder.role IN ('sponsor', 'champion')
)"""

# What a block needs besides the customers, plays and runs.
STEPS = {
    "risk_band": (_RISK,),
    "views_differ": (_RISK,),
    "stale": (_STALE,),
    "people_gone": (_GONE,),
}

TRIGGERS = {
    # It came from another stage, or begins with the first one. A book that is brought in stands where it
    # stands: nobody entered anything.
    "stage_entered": """
    SELECT play.id, customer.id,
           customer.stage_id || ':' || customer.stage_date,
           customer.stage_date,
           jsonb_build_object('stage', customer.stage_id, 'date', customer.stage_date)
      FROM customer
      JOIN play ON play.trigger = 'stage_entered' AND FITS
     WHERE customer.stage_date BETWEEN play.date_start AND %(today)s
       AND EXISTS (SELECT
                     FROM customer_success_stage_move move
                    WHERE move.partner_id = customer.id
                      AND move.stage_id = customer.stage_id
                      AND move.date = customer.stage_date
                      AND (move.from_stage_id IS NOT NULL
                           OR move.stage_id = (SELECT id FROM customer_success_stage WHERE active
                                             ORDER BY sequence, id LIMIT 1)))
    """,
    # Longer in the stage than expected, for the first time on the day after
    "stalled": """
    SELECT play.id, customer.id,
           customer.stage_id || ':' || customer.stage_date,
           customer.stage_date + customer.expected_days + 1,
           jsonb_build_object('stage', customer.stage_id, 'days', %(today)s - customer.stage_date,
                              'expected', customer.expected_days)
      FROM customer
      JOIN play ON play.trigger = 'stalled' AND FITS
     WHERE customer.expected_days > 0
       AND customer.stage_date + customer.expected_days + 1 BETWEEN play.date_start AND %(today)s
    """,
    # A misuse that shows now
    "symptom": """
    SELECT play.id, customer.id,
           flag.id::text,
           flag.date_from,
           jsonb_build_object('symptom', flag.symptom_id, 'product', flag.product_id)
      FROM customer_success_symptom_flag flag
      JOIN customer ON customer.id = flag.partner_id
      JOIN play ON play.trigger = 'symptom' AND FITS
     WHERE flag.partner_id IN_SCOPE
       AND flag.date_to IS NULL
       AND flag.date_from BETWEEN play.date_start AND %(today)s
       AND (play.symptom_ids IS NULL OR flag.symptom_id = ANY(play.symptom_ids))
    """,
    # A current answer that worries
    "answer": """
    SELECT play.id, customer.id,
           answer.id::text,
           answer.date,
           jsonb_build_object('question', answer.question_id, 'signal', answer.signal)
      FROM customer_success_answer answer
      JOIN customer ON customer.id = answer.partner_id
      JOIN play ON play.trigger = 'answer' AND FITS
     WHERE answer.partner_id IN_SCOPE
       AND answer.is_current
       AND (answer.signal = 'blocker' OR answer.signal = 'concern' AND play.signal = 'concern')
       AND answer.date BETWEEN play.date_start AND %(today)s
    """,
    # So many questions whose newest answer is stale, since the last of that many became so
    "stale": """
    SELECT play.id, customer.id,
           stale.question_id || ':' || stale.since,
           stale.since,
           jsonb_build_object('questions', stale.questions)
      FROM stale_place stale
      JOIN customer ON customer.id = stale.partner_id
      JOIN play ON play.trigger = 'stale' AND play.questions = stale.place AND FITS
     WHERE stale.since BETWEEN play.date_start AND %(today)s
    """,
    # A barrier that is open for so many days, and nobody may remove it
    "no_authority": """
    SELECT play.id, customer.id,
           barrier.id::text,
           barrier.date_opened + play.days,
           jsonb_build_object('name', barrier.name, 'days', %(today)s - barrier.date_opened)
      FROM customer_success_barrier barrier
      JOIN customer ON customer.id = barrier.partner_id
      JOIN play ON play.trigger = 'no_authority' AND FITS
     WHERE barrier.partner_id IN_SCOPE
       AND barrier.active
       AND barrier.is_open
       AND barrier.authority <> 'granted'
       AND barrier.date_opened + play.days BETWEEN play.date_start AND %(today)s
    """,
    # The churn risk rose into the band
    "risk_band": """
    SELECT play.id, customer.id,
           risk.since::text,
           risk.since,
           jsonb_build_object('band', risk.risk_band, 'risk', risk.renewal_risk)
      FROM risk
      JOIN customer ON customer.id = risk.partner_id
      JOIN play ON play.trigger = 'risk_band' AND play.risk_from = risk.level AND FITS
     WHERE risk.since BETWEEN play.date_start AND %(today)s
    """,
    # So many days before a pending renewal. One that was recorded late has passed several of these days:
    # then the nearest counts, the others are history.
    "renewal": """
    SELECT play.id, customer.id,
           renewal.id::text,
           renewal.date_renewal - play.days,
           jsonb_build_object('product', renewal.product_id, 'date', renewal.date_renewal,
                              'days', renewal.date_renewal - %(today)s)
      FROM customer_success_renewal renewal
      JOIN customer ON customer.id = renewal.partner_id
      JOIN play ON play.trigger = 'renewal' AND FITS
     WHERE renewal.partner_id IN_SCOPE
       AND renewal.active
       AND renewal.outcome = 'pending'
       AND renewal.date_renewal >= %(today)s
       AND renewal.date_renewal - play.days BETWEEN play.date_start AND %(today)s
       AND (renewal.date_renewal - play.days >= renewal.create_date::date
            OR play.days = (SELECT min(nearer.days)
                              FROM play nearer
                             WHERE nearer.trigger = 'renewal'
                               AND NEARER_FITS
                               AND renewal.date_renewal - nearer.days >= nearer.date_start
                               AND nearer.days >= renewal.date_renewal - %(today)s))
    """,
    # A change close by of which nobody has said how people are brought along; one that is recorded late
    # is news on the day it is recorded
    "change_without_plan": """
    SELECT play.id, customer.id,
           change.id::text,
           GREATEST(change.date - play.days, LEAST(change.create_date::date, %(today)s)),
           jsonb_build_object('name', change.name, 'date', change.date)
      FROM customer_success_change change
      JOIN customer ON customer.id = change.partner_id
      JOIN play ON play.trigger = 'change_without_plan' AND FITS
     WHERE change.partner_id IN_SCOPE
       AND change.active
       AND change.is_open
       AND btrim(COALESCE(change.adoption_plan, '')) = ''
       AND GREATEST(change.date - play.days, LEAST(change.create_date::date, %(today)s))
           BETWEEN play.date_start AND %(today)s
    """,
    # The CSM is confident and the risk high, or worried and the risk low, since both are so
    "views_differ": """
    SELECT play.id, customer.id,
           customer.sentiment || ':' || GREATEST(customer.sentiment_date, risk.since),
           GREATEST(customer.sentiment_date, risk.since),
           jsonb_build_object('view', customer.sentiment, 'band', risk.risk_band,
                              'risk', risk.renewal_risk)
      FROM risk
      JOIN customer ON customer.id = risk.partner_id
       AND customer.sentiment = CASE risk.level WHEN 'low' THEN 'worried' ELSE 'confident' END
      JOIN play ON play.trigger = 'views_differ' AND FITS
     WHERE risk.level IN ('low', 'high')
       AND GREATEST(customer.sentiment_date, risk.since) BETWEEN play.date_start AND %(today)s
    """,
    # The sponsor or champion has left, and nobody took over
    "people_gone": """
    SELECT play.id, customer.id,
           gone.role || ':' || gone.contact_id,
           gone.date,
           jsonb_build_object('role', gone.role, 'name', gone.name)
      FROM person gone
      JOIN customer ON customer.id = gone.partner_id
      JOIN play ON play.trigger = 'people_gone' AND FITS
     WHERE NOT gone.is_here
       AND gone.date BETWEEN play.date_start AND %(today)s
       AND NOT EXISTS (SELECT FROM person here
                        WHERE here.partner_id = gone.partner_id
                          AND here.role = gone.role
                          AND here.is_here)
    """,
    # Live, and nothing fresh is known of its use
    "silent": """
    SELECT play.id, customer.id,
           COALESCE(score.usage_date::text, 'never'),
           COALESCE(score.usage_date, customer.go_live_date) + %(usage_fresh_days)s,
           jsonb_build_object('date', score.usage_date)
      FROM customer
      JOIN play ON play.trigger = 'silent' AND FITS
 LEFT JOIN customer_success_score score
        ON score.partner_id = customer.id AND score.partner_id IN_SCOPE
     WHERE customer.phase <> 'before'
       AND COALESCE(score.usage_date, customer.go_live_date) + %(usage_fresh_days)s
           BETWEEN play.date_start AND %(today)s
    """,
    # Fewer active users than in the quarter before; once for each quarter that use is known of
    "falling": """
    SELECT play.id, customer.id,
           to_char(score.usage_date, 'YYYY"Q"Q'),
           score.usage_date,
           jsonb_build_object('change', score.change_quarter)
      FROM customer_success_score score
      JOIN customer ON customer.id = score.partner_id
      JOIN play ON play.trigger = 'falling' AND FITS
     WHERE score.partner_id IN_SCOPE
       AND score.change_quarter <= -play.percent
       AND score.usage_date BETWEEN play.date_start AND %(today)s
    """,
}

# Of several new causes the first is run, unless the play has no cooldown; the others have their turn
# when it is over, if they still hold by then.
_RUN = """WITH
GIVEN,
cause (play_id, partner_id, cause, date, facts) AS (
CAUSES
),
fresh AS (
    SELECT DISTINCT ON (cause.play_id, cause.partner_id,
                        CASE WHEN play.cooldown_days = 0 THEN cause.cause END)
           cause.*,
           play.trigger,
           COALESCE(customer.csm_id, play.fallback_id) AS user_id
      FROM cause
      JOIN play ON play.id = cause.play_id
      JOIN customer ON customer.id = cause.partner_id
     WHERE NOT EXISTS (SELECT FROM run
                        WHERE run.play_id = cause.play_id
                          AND run.partner_id = cause.partner_id
                          AND run.cause = cause.cause)
       AND NOT EXISTS (SELECT FROM run
                        WHERE run.play_id = cause.play_id
                          AND run.partner_id = cause.partner_id
                          AND run.date > %(today)s - play.cooldown_days)
  ORDER BY cause.play_id, cause.partner_id,
           CASE WHEN play.cooldown_days = 0 THEN cause.cause END, cause.date, cause.cause
)
INSERT INTO customer_success_play_run
            (play_id, partner_id, cause, date_cause, facts, date, user_id, state)
SELECT play_id, partner_id, cause, date, facts || jsonb_build_object('trigger', trigger),
       %(today)s, user_id, 'waiting'
  FROM fresh
 ORDER BY partner_id, play_id, cause
    ON CONFLICT (play_id, partner_id, cause) DO NOTHING
"""


def statement(triggers, where):
    """The one statement for the plays that have these triggers; what no play asks for is not read.

    >>> "customer_success_barrier" in statement(["stalled"], "= ANY(%(ids)s)")
    False
    """
    steps = dict.fromkeys(step for trigger in triggers for step in STEPS.get(trigger, ()))
    causes = "    UNION ALL".join(TRIGGERS[trigger] for trigger in triggers)
    text = _RUN.replace("GIVEN", ",".join((_GIVEN.strip(), *steps))).replace("CAUSES", causes)
    text = text.replace("NEARER_FITS", FITS.replace("play.", "nearer."))
    return text.replace("FITS", FITS).replace("IN_SCOPE", where)


def evaluate(cr, scope, triggers, limits, today):
    """Log a run for each play that is called for in this scope and was not run before; return how many.

    ``scope`` is either ``(first id, last id)`` of customers, a tuple, or a list of ids. The number of
    statements depends on neither customers nor plays.
    """
    if isinstance(scope, tuple):
        where, parameters = "BETWEEN %(first)s AND %(last)s", {"first": scope[0], "last": scope[1]}
    else:
        where, parameters = "= ANY(%(ids)s)", {"ids": scope}
    # As in scoring/facts.py: compiling takes longer than running, and each step is read whole, once.
    cr.execute("SET LOCAL jit TO off; SET LOCAL enable_nestloop TO off")
    cr.execute(
        statement([trigger for trigger in TRIGGERS if trigger in triggers], where),
        {**parameters, **limits._asdict(), "today": today},
    )
    found = cr.rowcount
    cr.execute("SET LOCAL jit TO DEFAULT; SET LOCAL enable_nestloop TO DEFAULT")
    return found

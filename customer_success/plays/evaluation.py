"""The evaluation of all playbooks for a range of customers, in one statement that joins their triggers."""

from ..scoring.followed import FOLLOWED
from ..scoring.rhythm import RHYTHM_DAYS, RHYTHM_SOURCE
from ..scoring.stages import EXPECTED_DAYS, JOIN_SEGMENT
from .trigger import TRIGGERS

# The condition that a playbook applies to this customer, and that a user is there to do it.
FITS = """(play.stage_ids IS NULL OR customer.stage_id = ANY(play.stage_ids))
       AND (play.segment_ids IS NULL OR customer.segment_id = ANY(play.segment_ids))
       AND (play.company_id IS NULL OR play.company_id = customer.company_id)
       AND COALESCE(customer.csm_id, play.fallback_id) IS NOT NULL"""

# The customers of the range, the active playbooks, and the earlier runs.
_GIVEN = f"""
customer AS MATERIALIZED (
    SELECT p.id,
           p.company_id,
           p.success_stage_id AS stage_id,
           p.success_stage_date AS stage_date,
           p.success_go_live_date AS go_live_date,
           p.success_sentiment AS sentiment,
           p.success_sentiment_date AS sentiment_date,
           stage.phase,
           {EXPECTED_DAYS} AS expected_days,
           segment.id AS segment_id,
           {RHYTHM_DAYS} AS rhythm_days,
           {RHYTHM_SOURCE} AS rhythm_source,
           p.success_last_talk_date AS last_talk_date,
           p.success_quiet_until AS quiet_until,
           segment.risk_medium,
           segment.risk_high,
           segment.risk_critical,
           csm.id AS csm_id
      FROM res_partner p
      JOIN customer_success_stage stage ON stage.id = p.success_stage_id
 {JOIN_SEGMENT}
 LEFT JOIN res_users csm ON csm.id = p.success_user_id AND csm.active
     WHERE p.id IN_SCOPE
       AND {FOLLOWED}
),
play AS MATERIALIZED (
    SELECT play.*,
           fallback.id AS fallback_id,
           (SELECT array_agg(stage_id)
              FROM customer_success_play_stage_rel WHERE play_id = play.id) AS stage_ids,
           (SELECT array_agg(segment_id)
              FROM customer_success_play_segment_rel WHERE play_id = play.id) AS segment_ids,
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

# If a playbook with a pause has several new causes, only the first starts it. The others start it when the
# pause is over, if they still hold by then.
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


def statement(codes, where):
    """Return the statement for the playbooks with these triggers; it reads nothing that they do not need.

    >>> from .trigger import Trigger
    >>> class Born(Trigger):
    ...     code, steps, causes = "born", ("birth AS (SELECT)",), "SELECT FROM birth WHERE FITS"
    >>> TRIGGERS["born"] = Born()
    >>> text = statement(["born"], "= ANY(%(ids)s)")
    >>> del TRIGGERS["born"]
    >>> "birth AS (SELECT)" in text, "IN_SCOPE" in text, "FITS" in text, "barrier" in text
    (True, False, False, False)
    """
    triggers = [TRIGGERS[code] for code in codes]
    steps = dict.fromkeys(step.strip() for trigger in triggers for step in trigger.steps)
    causes = "\n    UNION ALL\n".join(trigger.causes.strip("\n") for trigger in triggers)
    text = _RUN.replace("GIVEN", ",\n".join((_GIVEN.strip(), *steps))).replace("CAUSES", causes)
    text = text.replace("NEARER_FITS", FITS.replace("play.", "nearer."))
    return text.replace("FITS", FITS).replace("IN_SCOPE", where)


def limits_of(codes):
    """Return the names of the settings that these triggers read."""
    return sorted({name for code in codes for name in TRIGGERS[code].limits})


def evaluate(cr, scope, codes, limits, today):
    """Log a run for each new cause of a playbook in this scope; return the number of runs.

    ``scope`` is a tuple ``(first id, last id)`` of customers or a list of ids. ``limits`` are the settings
    by name. The number of statements depends on neither customers nor playbooks.
    """
    if isinstance(scope, tuple):
        where, parameters = "BETWEEN %(first)s AND %(last)s", {"first": scope[0], "last": scope[1]}
    else:
        where, parameters = "= ANY(%(ids)s)", {"ids": scope}
    # For the reasons given in scoring/facts.py: compiling takes longer than running, and each step is read
    # whole, once.
    cr.execute("SET LOCAL jit TO off; SET LOCAL enable_nestloop TO off")
    cr.execute(statement(codes, where), {**limits, **parameters, "today": today})
    found = cr.rowcount
    cr.execute("SET LOCAL jit TO DEFAULT; SET LOCAL enable_nestloop TO DEFAULT")
    return found

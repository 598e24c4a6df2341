"""The number of days that a customer is expected to stay in its stage, in SQL and in Python.

The days of the stage are multiplied with the percentage of the segment and with that of the environment: how complex
it is, and how well use fits the day. The environment changes neither a target nor the areas of change of a plan.
"""

from .factor import Step

# The percentage of the days of a stage that each answer about the environment takes. No answer takes less than
# none does, so that answering never makes a customer late.
COMPLEXITY = {"one": 100, "several": 115, "different": 130, "many": 150}
ROUTINE_FIT = {"fits": 100, "steps": 110, "anew": 130}


def expected_days_sql(environment="p.success_stage_percent"):
    """Return :func:`expected_days` in SQL, over the aliases ``stage`` and ``segment`` of the customer ``p``.

    ``environment`` is the SQL of the percentage of the environment. A stage of 0 days has no end in any segment.
    """
    return f"""GREATEST(LEAST(stage.expected_days, 1),
                    (stage.expected_days::bigint * COALESCE(segment.expected_days, 100)
                     * COALESCE(NULLIF({environment}, 0), 100) + 5000) / 10000)::int"""


EXPECTED_DAYS = expected_days_sql()
JOIN_SEGMENT = "LEFT JOIN customer_success_segment segment ON segment.id = p.success_segment_id"
# The same for the rules by which the stored score was computed, whatever the segment is now.
JOIN_FORMER = """LEFT JOIN customer_success_score was ON was.partner_id = p.id
 LEFT JOIN customer_success_score_rules segment ON segment.mark = was.rules_mark"""


def expected_days(days, percentage=None, environment=None):
    """Return the days of a stage for a segment and an environment that take these percentages of them.

    ``None`` is no segment, or nothing known of the environment. Half a day counts as one, and a stage that ends at
    all takes at least a day. This is :data:`EXPECTED_DAYS` in Python.

    >>> expected_days(90, 200), expected_days(90), expected_days(45, 50), expected_days(90, 200, 150)
    (180, 90, 23, 270)
    >>> expected_days(2, 10), expected_days(0, 200)
    (1, 0)
    """
    percentage = 100 if percentage is None else percentage
    return max(min(days, 1), (days * percentage * (environment or 100) + 5000) // 10000)


def environment_percent(complexity, routine_fit):
    """Return the percentage of the days of a stage that an environment takes; 100 if nothing is known of it.

    >>> environment_percent("many", "steps"), environment_percent(None, "anew"), environment_percent("one", None)
    (165, 130, 100)
    """
    return COMPLEXITY.get(complexity, 100) * ROUTINE_FIT.get(routine_fit, 100) // 100


# The stays of a customer in its former stages: the points that their overdue days still cost, and the first day
# on which it was live. Those points fade as they grew, day by day, so that entering a stage does not wipe them out.
# ``furthest`` is the last of the stages that it left, by sequence and id; a slip that was corrected on the same day is none.
STAY = Step(
    "stay",
    f"""
    SELECT partner_id,
           max(50.0 * GREATEST(LEAST(days - expected_days, 2 * expected_days)
                               - (%(today)s - date), 0)
               / NULLIF(expected_days, 0))::float8 AS overdue_points,
           min(date) FILTER (WHERE phase <> 'before') AS live_since,
           max(left_stage) FILTER (WHERE days > 0) AS furthest
      FROM (SELECT move.partner_id,
                   move.days,
                   ARRAY[stage.sequence, stage.id] AS left_stage,
                   move.date,
                   entered.phase,
                   CASE WHEN move.days IS NOT NULL AND stage.id IS NOT NULL
                        THEN {expected_days_sql("move.percent")} END AS expected_days
              FROM customer_success_stage_move move
              JOIN res_partner p ON p.id = move.partner_id
 LEFT JOIN customer_success_stage stage ON stage.id = move.from_stage_id
 LEFT JOIN customer_success_stage entered ON entered.id = move.stage_id
 {JOIN_SEGMENT}
             WHERE move.partner_id IN_SCOPE) stayed
  GROUP BY partner_id
""",
)

"""The SQL of the years after go-live: what each year reached, its targets, and the use that it kept.

The statement runs on one scope of customers, changes only rows that differ, and changes nothing in a second run.
"""

from .factors.value import UNCONFIRMED, UNMEASURED
from .months import CUSTOMER, SERIES, serial
from .successors import DEGREES, USED

# A year is judged by at least so many months with figures; a single bad month is no bad year.
LEAST_MONTHS = 3
MOST_YEARS = 60
KINDS = ("adoption", "use", "value", "sustain")

_DEGREES = ",\n           ".join(
    f"""COALESCE(avg(u.{name}) FILTER (WHERE u.source = 'measured'), avg(u.{name}))::float8
               * 100 / COALESCE(min(meant.{name}), min(own.{name}), min(usual.{name}), 100) AS {name}"""
    for name in DEGREES
)
# LEAST ignores NULL, so an unknown degree must stay out of it.
_SHOWN_DEGREES = ", ".join(
    f"CASE WHEN {name} IS NOT NULL THEN LEAST(100, {name}) END" for name in DEGREES
)


def _kept(name):
    """Return the steps that compare the active users of each month with those of an earlier one, ``{name}_serial``.

    Only what can be compared is: the same product, source and kind of period. A product without licences now is no
    longer there to be used. A month in which use was still ramping up is no measure.
    """
    return f"""
{name}_pair AS (
    SELECT DISTINCT ON (now.partner_id, now.product_id, now.serial)
           now.partner_id, now.product_id, now.serial, now.year,
           now.active AS now, past.active AS past
      FROM series now
      JOIN series past
        ON past.partner_id = now.partner_id
       AND past.product_id = now.product_id
       AND past.source = now.source
       AND past.period = now.period
       AND past.serial = now.{name}_serial
     WHERE now.active IS NOT NULL
       AND past.active IS NOT NULL
       AND now.is_whole
       AND now.licensed IS DISTINCT FROM 0
       AND now.serial >= now.live_serial + 12
       AND past.serial >= now.live_serial + %(ramp_months)s
  ORDER BY now.partner_id, now.product_id, now.serial, now.source DESC, now.period
),
{name} AS (
    SELECT partner_id, NULL::int AS product_id, year,
           LEAST(999, 100 * sum(now) / NULLIF(sum(past), 0)) AS rate, count(DISTINCT serial) AS months
      FROM {name}_pair
  GROUP BY partner_id, year
 UNION ALL
    SELECT partner_id, product_id, year, LEAST(999, 100 * sum(now) / NULLIF(sum(past), 0)), count(*)
      FROM {name}_pair
      JOIN unit USING (partner_id, product_id)
  GROUP BY partner_id, product_id, year
),
"""


def _anniversary(years):
    """Return the SQL of the day on which so many years are over; for 29 February the first of March, as ``age`` counts."""
    day = f"(live + {years} * interval '1 year')::date"
    return f"({day} + (extract(day FROM live) > extract(day FROM {day}))::int)"


_FIGURES = f"""
degree_month AS MATERIALIZED (
    SELECT partner_id, product_id, serial,
           (SELECT avg(degree) FROM unnest(ARRAY[{_SHOWN_DEGREES}]) degree) AS use
      FROM (
    SELECT u.partner_id, u.product_id, {serial("u.date")} AS serial,
           {_DEGREES}
      FROM {USED} u
      JOIN customer ON customer.id = u.partner_id
 LEFT JOIN meant ON meant.partner_id = u.partner_id AND meant.product_id = u.product_id
 LEFT JOIN customer_success_intended_use own
        ON own.partner_id = u.partner_id AND own.product_id = u.product_id
 LEFT JOIN customer_success_intended_use usual
        ON usual.partner_id IS NULL AND usual.product_id = u.product_id
     WHERE (u.source = 'assessed' OR {serial("u.date")} < {serial("%(today)s::date")})
       AND COALESCE({", ".join(f"u.{name}" for name in DEGREES)}) IS NOT NULL
  GROUP BY u.partner_id, u.product_id, {serial("u.date")}) month
),
degrees AS (
    SELECT partner_id, NULL::int AS product_id, serial, avg(use) AS use
      FROM degree_month
  GROUP BY partner_id, serial
 UNION ALL
    SELECT partner_id, product_id, serial, use
      FROM degree_month
      JOIN unit USING (partner_id, product_id)
),
adoption AS (
    SELECT monthly.partner_id, monthly.product_id, (serial - live_serial) / 12 + 1 AS year,
           avg(expected_adoption) AS rate, count(expected_adoption) AS months
      FROM monthly
      JOIN customer ON customer.id = monthly.partner_id
     WHERE is_whole
       AND serial >= live_serial + %(ramp_months)s
  GROUP BY monthly.partner_id, monthly.product_id, 3
),
use AS (
    SELECT degrees.partner_id, degrees.product_id, (serial - live_serial) / 12 + 1 AS year,
           avg(use) AS rate, count(*) AS months
      FROM degrees
      JOIN customer ON customer.id = degrees.partner_id
     WHERE serial >= live_serial + %(ramp_months)s
  GROUP BY degrees.partner_id, degrees.product_id, 3
),
{_kept("sustain")}
{_kept("first")}
span AS MATERIALIZED (
    SELECT unit.partner_id, unit.product_id, year, segment_id,
           {_anniversary("(year - 1)")} AS date_from,
           {_anniversary("year")} - 1 AS date_to,
           {_anniversary("year")} > %(today)s AS is_running
      FROM (SELECT id AS partner_id, NULL::int AS product_id FROM customer
         UNION ALL SELECT partner_id, product_id FROM unit) unit
      JOIN customer ON customer.id = unit.partner_id
CROSS JOIN LATERAL generate_series(
           1, LEAST(date_part('year', age(%(today)s, live))::int + 1, {MOST_YEARS})) year
     WHERE live IS NOT NULL
),
-- The objectives that were due in a year, worth what the factor value says.
worth AS (
    SELECT span.partner_id, span.year,
           avg(CASE WHEN objective.state = 'confirmed' AND objective.is_early IS NOT TRUE
                    THEN CASE WHEN objective.progress IS NULL THEN {UNMEASURED}
                              ELSE LEAST(100, GREATEST(0, objective.progress)) END
                    WHEN objective.state = 'missed' OR objective.actual IS NULL THEN 0
                    WHEN objective.progress IS NOT NULL
                    THEN {UNCONFIRMED} * LEAST(100, GREATEST(0, objective.progress)) END) AS rate
      FROM span
      JOIN customer_success_objective objective
        ON objective.partner_id = span.partner_id
       AND objective.date_due BETWEEN span.date_from AND span.date_to
     WHERE objective.partner_id IN_SCOPE
       AND span.product_id IS NULL
       AND objective.state <> 'dropped'
       AND (objective.state IN ('confirmed', 'missed') OR objective.date_due < %(today)s)
  GROUP BY span.partner_id, span.year
),
"""


def _target(kind):
    """Return the SQL of the target of a kind for a year: the most special one that is set for it or an earlier year."""
    return f"""(SELECT target.target
              FROM customer_success_target target
             WHERE target.active
               AND target.kind = '{kind}'
               AND target.year <= span.year
               AND (target.product_id IS NOT DISTINCT FROM span.product_id
                    OR EXISTS (SELECT FROM line
                                WHERE line.partner_id = span.partner_id
                                  AND line.line_id = span.product_id
                                  AND line.product_id = target.product_id
                                  AND line.steps > 0))
               AND (target.partner_id = span.partner_id
                    OR (target.partner_id IS NULL
                        AND (target.segment_id IS NULL OR target.segment_id = span.segment_id)))
          ORDER BY target.product_id IS DISTINCT FROM span.product_id,
                   target.partner_id IS NULL, target.segment_id IS NULL, target.year DESC
             LIMIT 1)"""


_COLUMNS = (
    "partner_id",
    "product_id",
    "year",
    "date_from",
    "date_to",
    "is_running",
    "months",
    *KINDS,
    *(f"{kind}_target" for kind in KINDS),
    "sustain_first",
    *(f"below_{kind}" for kind in KINDS),
    "verdict",
)
_BELOW = " OR ".join(f"below_{kind}" for kind in KINDS)
_JUDGED = " AND ".join(f"below_{kind} IS NULL" for kind in KINDS)
_AIMED = ", ".join(f"{kind}_target" for kind in KINDS)

_JUDGEMENT = f"""
figure AS (
    SELECT span.partner_id, span.product_id, span.year, span.date_from, span.date_to, span.is_running,
           COALESCE(adoption.months, 0) AS months,
           CASE WHEN adoption.months >= {LEAST_MONTHS} THEN round(adoption.rate::numeric, 1) END AS adoption,
           CASE WHEN use.months >= {LEAST_MONTHS} THEN round(use.rate::numeric, 1) END AS use,
           round(worth.rate::numeric, 1) AS value,
           CASE WHEN sustain.months >= {LEAST_MONTHS} THEN round(sustain.rate::numeric, 1) END AS sustain,
           {_target("adoption")} AS adoption_target,
           {_target("use")} AS use_target,
           {_target("value")} AS value_target,
           CASE WHEN span.year > 1 THEN {_target("sustain")} END AS sustain_target,
           CASE WHEN first.months >= {LEAST_MONTHS} THEN round(first.rate::numeric, 1) END AS sustain_first
      FROM span
 LEFT JOIN adoption ON adoption.partner_id = span.partner_id AND adoption.year = span.year
                   AND adoption.product_id IS NOT DISTINCT FROM span.product_id
 LEFT JOIN use ON use.partner_id = span.partner_id AND use.year = span.year
              AND use.product_id IS NOT DISTINCT FROM span.product_id
 LEFT JOIN sustain ON sustain.partner_id = span.partner_id AND sustain.year = span.year
                  AND sustain.product_id IS NOT DISTINCT FROM span.product_id
 LEFT JOIN first ON first.partner_id = span.partner_id AND first.year = span.year
                AND first.product_id IS NOT DISTINCT FROM span.product_id
 LEFT JOIN worth ON worth.partner_id = span.partner_id AND worth.year = span.year
                AND span.product_id IS NULL
),
held AS (
    SELECT figure.*,
           {", ".join(f"{kind} < {kind}_target AS below_{kind}" for kind in KINDS)}
      FROM figure
),
judged AS MATERIALIZED (
    SELECT held.*,
           CASE WHEN ({_BELOW}) AND is_running THEN 'behind'
                WHEN {_BELOW} THEN 'missed'
                WHEN COALESCE({_AIMED}) IS NULL THEN 'none'
                WHEN {_JUDGED} THEN 'unknown'
                WHEN is_running THEN 'on_track'
                ELSE 'met' END AS verdict
      FROM held
)
"""

_CHANGED = ", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS[3:])
_OLD = ", ".join(f"old.{name}" for name in _COLUMNS[3:])
_NEW = ", ".join(f"EXCLUDED.{name}" for name in _COLUMNS[3:])

# A year that is no longer one (the go-live date was corrected, the customer is no longer followed) is deleted.
STORE_YEARS = f"""
WITH {CUSTOMER}{SERIES}{_FIGURES}{_JUDGEMENT},
gone AS (
    DELETE FROM customer_success_year old
     WHERE old.partner_id IN_SCOPE
       AND NOT EXISTS (SELECT FROM judged
                        WHERE judged.partner_id = old.partner_id
                          AND judged.year = old.year
                          AND judged.product_id IS NOT DISTINCT FROM old.product_id)
 RETURNING old.id
)
INSERT INTO customer_success_year AS old ({", ".join(_COLUMNS)})
SELECT {", ".join(_COLUMNS)}
  FROM judged
 ORDER BY partner_id, year, product_id
    ON CONFLICT (partner_id, year, COALESCE(product_id, 0))
    DO UPDATE SET {_CHANGED}
            WHERE ({_OLD}) IS DISTINCT FROM ({_NEW})
"""

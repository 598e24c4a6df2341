"""The SQL of the years after go-live: what each year reached, its targets, and the dates and rates that a customer began with.

A month belongs to a product, a source and a kind of period (a series), and is known if the series has figures in it. Months
are numbered (``serial``), so that a year after go-live is twelve numbers from that of go-live on. All statements run on one scope of
customers, change only rows that differ, and change nothing in a second run.
"""

from .factors.value import UNCONFIRMED, UNMEASURED
from .use import DEGREES

# A year is judged by at least so many months with figures; a single bad month is no bad year.
LEAST_MONTHS = 3
# At most so many months of the first year are left out because use is still ramping up.
MOST_RAMP_MONTHS = 9
# A rate at a day is that of the nearest month: from the month of the day up to two later, else up to three earlier.
MONTHS_AFTER, MONTHS_BEFORE = 2, 3
MOST_YEARS = 60
KINDS = ("adoption", "use", "value", "sustain")


def serial(day):
    """Return the SQL of the number of the month of a day.

    >>> serial("u.date")
    '(extract(year FROM u.date) * 12 + extract(month FROM u.date))::int'
    """
    return f"(extract(year FROM {day}) * 12 + extract(month FROM {day}))::int"


_DEGREES = ",\n           ".join(
    f"""COALESCE(avg(u.{name}) FILTER (WHERE u.source = 'measured'), avg(u.{name}))
               * 100 / COALESCE(min(own.{name}), min(usual.{name}), 100) AS {name}"""
    for name in DEGREES
)
# LEAST ignores NULL, so an unknown degree must stay out of it.
_SHOWN_DEGREES = ", ".join(
    f"CASE WHEN {name} IS NOT NULL THEN LEAST(100, {name}) END" for name in DEGREES
)

_CUSTOMER = f"""
customer AS MATERIALIZED (
    SELECT id, segment_id, since_date, bought, live, {serial("live")} AS live_serial
      FROM (SELECT p.id, p.success_segment_id AS segment_id, p.success_since_date AS since_date,
                   p.success_adoption_bought AS bought,
                   CASE WHEN stage.phase <> 'before'
                         AND LEAST(p.success_go_live_date, p.success_go_live_first) <= %(today)s
                        THEN LEAST(p.success_go_live_date, p.success_go_live_first) END AS live
              FROM res_partner p
              JOIN customer_success_stage stage ON stage.id = p.success_stage_id
             WHERE p.id IN_SCOPE) followed
),
"""

# Measured figures of a month that still runs are not complete, so such a month is not whole.
_SERIES = f"""
series AS MATERIALIZED (
    SELECT u.partner_id, u.product_id, u.source, u.period, {serial("u.date")} AS serial,
           u.source = 'assessed' OR {serial("min(u.date)")} < {serial("%(today)s::date")} AS is_whole,
           avg(u.active_users) AS active,
           avg(u.licensed_users) AS licensed
      FROM customer_success_usage u
      JOIN customer ON customer.id = u.partner_id
     WHERE u.partner_id IN_SCOPE
       AND u.date <= %(today)s
  GROUP BY u.partner_id, u.product_id, u.source, u.period, {serial("u.date")}
),
-- For each product and month: measured before assessed, months before weeks.
best AS MATERIALIZED (
    SELECT DISTINCT ON (series.partner_id, series.product_id, series.serial) series.*,
           COALESCE(own.adoption, usual.adoption, %(adoption_target)s) AS target
      FROM series
 LEFT JOIN customer_success_intended_use own
        ON own.partner_id = series.partner_id AND own.product_id = series.product_id
 LEFT JOIN customer_success_intended_use usual
        ON usual.partner_id IS NULL AND usual.product_id = series.product_id
     WHERE active IS NOT NULL
       AND licensed > 0
  ORDER BY series.partner_id, series.product_id, series.serial, source DESC, period
),
-- The products that have targets of their own at a customer.
unit AS MATERIALIZED (
    SELECT DISTINCT series.partner_id, series.product_id
      FROM series
      JOIN customer ON customer.id = series.partner_id
      JOIN customer_success_target target ON target.product_id = series.product_id
     WHERE target.active
       AND (target.partner_id = customer.id
            OR (target.partner_id IS NULL
                AND (target.segment_id IS NULL OR target.segment_id = customer.segment_id)))
),
monthly AS MATERIALIZED (
    SELECT partner_id, NULL::int AS product_id, serial, bool_and(is_whole) AS is_whole,
           LEAST(100, 100 * sum(active) / sum(licensed)) AS adoption,
           sum(licensed * target) / sum(licensed) AS target
      FROM best
  GROUP BY partner_id, serial
 UNION ALL
    SELECT partner_id, product_id, serial, is_whole, LEAST(100, 100 * active / licensed), target
      FROM best
      JOIN unit USING (partner_id, product_id)
),
"""


def _kept(name, months):
    """Return the steps that compare the active users of each month with the same month ``months`` before.

    Only what can be compared is: the same product, source and kind of period. A product without licences now is no
    longer there to be used. A month in which use was still ramping up is no measure.
    """
    return f"""
{name}_pair AS (
    SELECT DISTINCT ON (now.partner_id, now.product_id, now.serial)
           now.partner_id, now.product_id, now.serial,
           (now.serial - customer.live_serial) / 12 + 1 AS year,
           now.active AS now, past.active AS past
      FROM series now
      JOIN customer ON customer.id = now.partner_id
      JOIN series past
        ON past.partner_id = now.partner_id
       AND past.product_id = now.product_id
       AND past.source = now.source
       AND past.period = now.period
       AND past.serial = now.serial - ({months})
     WHERE now.active IS NOT NULL
       AND past.active IS NOT NULL
       AND now.is_whole
       AND now.licensed IS DISTINCT FROM 0
       AND now.serial >= customer.live_serial + 12
       AND past.serial >= customer.live_serial + %(ramp_months)s
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


_FIGURES = f"""
degree_month AS MATERIALIZED (
    SELECT partner_id, product_id, serial,
           (SELECT avg(degree) FROM unnest(ARRAY[{_SHOWN_DEGREES}]) degree) AS use
      FROM (
    SELECT u.partner_id, u.product_id, {serial("u.date")} AS serial,
           {_DEGREES}
      FROM customer_success_usage u
      JOIN customer ON customer.id = u.partner_id
 LEFT JOIN customer_success_intended_use own
        ON own.partner_id = u.partner_id AND own.product_id = u.product_id
 LEFT JOIN customer_success_intended_use usual
        ON usual.partner_id IS NULL AND usual.product_id = u.product_id
     WHERE u.partner_id IN_SCOPE
       AND u.date <= %(today)s
       AND (u.source = 'assessed' OR {serial("u.date")} < {serial("%(today)s::date")})
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
           avg(adoption) AS rate, count(*) AS months
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
{_kept("sustain", "12")}
{_kept("first", "12 * ((now.serial - customer.live_serial) / 12)")}
span AS MATERIALIZED (
    SELECT unit.partner_id, unit.product_id, year, segment_id,
           (live + (year - 1) * interval '1 year')::date AS date_from,
           (live + year * interval '1 year')::date - 1 AS date_to,
           (live + year * interval '1 year')::date > %(today)s AS is_running
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
               AND target.product_id IS NOT DISTINCT FROM span.product_id
               AND (target.partner_id = span.partner_id
                    OR (target.partner_id IS NULL
                        AND (target.segment_id IS NULL OR target.segment_id = span.segment_id)))
          ORDER BY target.partner_id IS NULL, target.segment_id IS NULL, target.year DESC
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
WITH {_CUSTOMER}{_SERIES}{_FIGURES}{_JUDGEMENT},
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

BASELINES = ("purchase", "live", "plan")
_TENURE = (
    "partner_id",
    "date_since",
    "since_source",
    "days_to_adoption",
    "reached_adoption",
    *(f"adoption_{name}" for name in BASELINES),
    *(f"gain_{name}" for name in BASELINES),
    "sustain",
    "sustain_first",
    "verdict",
)
_TENURE_CHANGED = ", ".join(f"{name} = EXCLUDED.{name}" for name in _TENURE[1:])
_TENURE_OLD = ", ".join(f"old.{name}" for name in _TENURE[1:])
_TENURE_NEW = ", ".join(f"EXCLUDED.{name}" for name in _TENURE[1:])

# Each source is ``(customer, day, name of the source)``; an addon that knows another one adds it. The earliest counts.
SINCE_TERM = """
    SELECT partner_id, min(date_start) AS date, 'term' AS source
      FROM customer_success_renewal
     WHERE partner_id IN_SCOPE
       AND active
       AND date_start <= %(today)s
  GROUP BY partner_id
"""
SINCE_LIVE = "SELECT id, live, 'live' FROM customer WHERE live IS NOT NULL"

STORE_TENURE = f"""
WITH {_CUSTOMER}{_SERIES}
since AS MATERIALIZED (
    SELECT DISTINCT ON (found.partner_id) found.partner_id, found.date, found.source
      FROM (SELECT id AS partner_id, since_date AS date, 'entered' AS source, 0 AS place
              FROM customer
             WHERE since_date IS NOT NULL
         UNION ALL
            SELECT partner_id, date, source, 1 FROM (SINCE) AS source (partner_id, date, source)) found
     WHERE found.date IS NOT NULL
  ORDER BY found.partner_id, found.place, found.date, found.source
),
-- The plan in force may be a revision; the baseline is where the first plan started.
plan AS (
    SELECT partner_id, min(date) AS date
      FROM customer_success_plan
     WHERE partner_id IN_SCOPE
       AND state <> 'draft'
  GROUP BY partner_id
),
day AS (
    SELECT partner_id, 'purchase' AS name, {serial("date")} AS serial FROM since
 UNION ALL
    SELECT id, 'live', live_serial FROM customer WHERE live IS NOT NULL
 UNION ALL
    SELECT partner_id, 'plan', {serial("date")} FROM plan
),
rate AS (
    SELECT DISTINCT ON (day.partner_id, day.name) day.partner_id, day.name, monthly.adoption
      FROM day
      JOIN monthly
        ON monthly.partner_id = day.partner_id
       AND monthly.serial BETWEEN day.serial - {MONTHS_BEFORE} AND day.serial + {MONTHS_AFTER}
     WHERE monthly.product_id IS NULL
       AND monthly.is_whole
  ORDER BY day.partner_id, day.name, monthly.serial >= day.serial DESC, abs(monthly.serial - day.serial)
),
baseline AS (
    SELECT partner_id,
           {", ".join(f"max(adoption) FILTER (WHERE name = '{name}') AS {name}" for name in BASELINES)}
      FROM rate
  GROUP BY partner_id
),
reached AS (
    SELECT monthly.partner_id, min(monthly.serial) FILTER (WHERE adoption >= target) AS serial
      FROM monthly
      JOIN customer ON customer.id = monthly.partner_id
     WHERE monthly.product_id IS NULL
       AND monthly.serial >= customer.live_serial
  GROUP BY monthly.partner_id
),
-- The year that runs, if it is known, else the one before it.
recent AS (
    SELECT year.*
      FROM customer_success_year year
      JOIN customer ON customer.id = year.partner_id
     WHERE year.partner_id IN_SCOPE
       AND year.product_id IS NULL
       AND year.date_to >= (%(today)s::date - interval '1 year')::date
),
stand AS (
    SELECT partner_id,
           (array_agg(sustain ORDER BY year DESC) FILTER (WHERE sustain IS NOT NULL))[1] AS sustain,
           (array_agg(sustain_first ORDER BY year DESC) FILTER (WHERE sustain_first IS NOT NULL))[1] AS sustain_first,
           COALESCE((array_agg(verdict ORDER BY year DESC) FILTER (WHERE verdict NOT IN ('unknown', 'none')))[1],
                    max(verdict)) AS verdict
      FROM recent
  GROUP BY partner_id
),
fresh AS MATERIALIZED (
    SELECT customer.id AS partner_id,
           since.date AS date_since,
           since.source AS since_source,
           -- GREATEST ignores NULL, and a target that was not reached yet was not reached in 0 days.
           CASE WHEN reached.serial IS NOT NULL
                THEN GREATEST(0, make_date((reached.serial - 1) / 12, (reached.serial - 1) %% 12 + 1, 1)
                                 - customer.live) END AS days_to_adoption,
           CASE WHEN reached.partner_id IS NOT NULL
                THEN CASE WHEN reached.serial IS NULL THEN 0 ELSE 100 END END AS reached_adoption,
           round(COALESCE(customer.bought, baseline.purchase)::numeric, 1) AS adoption_purchase,
           round(baseline.live::numeric, 1) AS adoption_live,
           round(baseline.plan::numeric, 1) AS adoption_plan,
           round((score.adoption - COALESCE(customer.bought, baseline.purchase))::numeric, 1) AS gain_purchase,
           round((score.adoption - baseline.live)::numeric, 1) AS gain_live,
           round((score.adoption - baseline.plan)::numeric, 1) AS gain_plan,
           stand.sustain, stand.sustain_first, stand.verdict
      FROM customer
 LEFT JOIN since ON since.partner_id = customer.id
 LEFT JOIN baseline ON baseline.partner_id = customer.id
 LEFT JOIN reached ON reached.partner_id = customer.id AND customer.live IS NOT NULL
 LEFT JOIN stand ON stand.partner_id = customer.id
 LEFT JOIN customer_success_score score ON score.partner_id = customer.id
),
gone AS (
    DELETE FROM customer_success_tenure old
     WHERE old.partner_id IN_SCOPE
       AND NOT EXISTS (SELECT FROM fresh WHERE fresh.partner_id = old.partner_id)
 RETURNING old.id
)
INSERT INTO customer_success_tenure AS old ({", ".join(_TENURE)})
SELECT {", ".join(_TENURE)}
  FROM fresh
 ORDER BY partner_id
    ON CONFLICT (partner_id)
    DO UPDATE SET {_TENURE_CHANGED}
            WHERE ({_TENURE_OLD}) IS DISTINCT FROM ({_TENURE_NEW})
"""

# This happens once in the life of a customer.
LINK_TENURE = """
UPDATE customer_success_score score
   SET tenure_id = tenure.id
  FROM customer_success_tenure tenure
 WHERE tenure.partner_id IN_SCOPE
   AND score.partner_id = tenure.partner_id
   AND score.tenure_id IS DISTINCT FROM tenure.id
"""


def refresh(cr, scope, reading, sources, today):
    """Store the years and the tenure of the customers in this scope; return the number of rows written.

    ``scope`` is a tuple ``(first id, last id)`` of customers or a list of ids, ``reading`` the limits of use
    (:class:`.use.Reading`), ``sources`` the SQL of what says since when a company is a customer.
    """
    if isinstance(scope, tuple):
        where, parameters = "BETWEEN %(first)s AND %(last)s", {"first": scope[0], "last": scope[1]}
    else:
        where, parameters = "= ANY(%(ids)s)", {"ids": list(scope)}
    parameters |= {
        "today": today,
        "adoption_target": reading.adoption_target,
        "ramp_months": min(reading.ramp_months, MOST_RAMP_MONTHS),
    }
    written = 0
    for statement in (STORE_YEARS, STORE_TENURE, LINK_TENURE):
        text = statement.replace("SINCE)", "\n UNION ALL\n".join(sources) + ")")
        cr.execute(text.replace("IN_SCOPE", where), parameters)
        written += cr.rowcount
    return written

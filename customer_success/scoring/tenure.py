"""The SQL of the time as a customer: since when, with which adoption rate it began, and what was gained and kept."""

from .months import CUSTOMER, SERIES, serial
from .years import STORE_YEARS

# At most so many months of the first year are left out because use is still ramping up.
MOST_RAMP_MONTHS = 9
# A rate at a day is that of the nearest month: from the month of the day up to two later, else up to three earlier.
MONTHS_AFTER, MONTHS_BEFORE = 2, 3

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
WITH {CUSTOMER}{SERIES}
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
-- If the first month that is known is late and has reached it, nobody knows when it was reached.
reached AS (
    SELECT monthly.partner_id, min(monthly.serial) AS first_serial, min(customer.live_serial) AS live_serial,
           min(monthly.serial) FILTER (WHERE adoption >= target) AS serial
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
           CASE WHEN reached.serial > reached.first_serial
                  OR reached.serial <= reached.live_serial + {MONTHS_AFTER}
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

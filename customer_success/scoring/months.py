"""The SQL steps from records of use to the months of a customer, counted from go-live; years and tenure share them.

A month belongs to a product, a source and a kind of period (a series), and is known if the series has figures in it. Months
are numbered (``serial``), so that a year after go-live is twelve numbers from that of go-live on.
"""

from .successors import SUCCESSOR_STEPS, USED


def serial(day):
    """Return the SQL of the number of the month of a day.

    >>> serial("u.date")
    '(extract(year FROM u.date) * 12 + extract(month FROM u.date))::int'
    """
    return f"(extract(year FROM {day}) * 12 + extract(month FROM {day}))::int"


_SUCCESSORS = "\n".join(step.text() for step in SUCCESSOR_STEPS)
CUSTOMER = f"""
customer AS MATERIALIZED (
    SELECT id, segment_id, since_date, bought, live, {serial("live")} AS live_serial
      FROM (SELECT p.id, p.success_segment_id AS segment_id, p.success_since_date AS since_date,
                   p.success_adoption_bought AS bought,
                   CASE WHEN stage.phase <> 'before'
                         AND LEAST(p.success_go_live_date, p.success_go_live_first) <= %(today)s
                        THEN LEAST(p.success_go_live_date, p.success_go_live_first) END AS live
              FROM res_partner p
              JOIN customer_success_stage stage ON stage.id = p.success_stage_id
             WHERE p.id IN_SCOPE
               AND p.success_former_date IS NULL) followed
),
"""

# Measured figures of a month that still runs are not complete, so such a month is not whole. The months with which one
# is compared are columns of it, because PostgreSQL joins by columns, not by sums of columns of several tables.
SERIES = f"""
{_SUCCESSORS}
series AS MATERIALIZED (
    SELECT found.*, (serial - live_serial) / 12 + 1 AS year,
           serial - 12 AS sustain_serial,
           serial - (serial - live_serial) / 12 * 12 AS first_serial
      FROM (SELECT u.partner_id, u.product_id, u.source, u.period, customer.live_serial, {serial("u.date")} AS serial,
                   u.source = 'assessed' OR {serial("min(u.date)")} < {serial("%(today)s::date")} AS is_whole,
                   avg(u.active_users)::float8 AS active,
                   avg(u.licensed_users)::float8 AS licensed
              FROM {USED} u
              JOIN customer ON customer.id = u.partner_id
          GROUP BY u.partner_id, u.product_id, u.source, u.period, customer.live_serial, {serial("u.date")}) found
),
-- For each product and month: measured before assessed, months before weeks.
known AS (
    SELECT DISTINCT ON (series.partner_id, series.product_id, series.serial) series.*,
           COALESCE(meant.adoption, own.adoption, usual.adoption, %(adoption_target)s)::float8 AS target
      FROM series
 LEFT JOIN meant ON meant.partner_id = series.partner_id AND meant.product_id = series.product_id
 LEFT JOIN customer_success_intended_use own
        ON own.partner_id = series.partner_id AND own.product_id = series.product_id
 LEFT JOIN customer_success_intended_use usual
        ON usual.partner_id IS NULL AND usual.product_id = series.product_id
     WHERE active IS NOT NULL
       AND licensed > 0
  ORDER BY series.partner_id, series.product_id, series.serial, source DESC, period
),
-- ``expected``: the licences of a month whose use is expected in it. New ones are, little by little, as in `usual.py`, and
-- those that are in use: more users of a new product than expected stand for nobody else.
best AS MATERIALIZED (
    SELECT grown.*,
           GREATEST(LEAST(active, licensed),
                    licensed - LEAST(GREATEST(0, licensed - lowest),
                            sum(added) OVER latest * (1 - serial::float8 / %(ramp_months)s)
                            + sum(added * serial) OVER latest / %(ramp_months)s)) AS expected
      FROM (SELECT counted.*,
                   CASE WHEN serial > live_serial + 1 OR live_serial IS NULL
                        THEN GREATEST(0, number - COALESCE(
                             max(number) OVER (PARTITION BY partner_id, product_id ORDER BY serial
                                               RANGE BETWEEN 12 PRECEDING AND 1 PRECEDING),
                             CASE WHEN is_later THEN 0 ELSE number END))
                        ELSE 0 END AS added,
                   min(CASE WHEN is_later THEN 0 ELSE number END)
                   OVER (PARTITION BY partner_id, product_id ORDER BY serial
                         RANGE BETWEEN %(ramp_months)s PRECEDING AND CURRENT ROW) AS lowest
              FROM (SELECT known.*,
                           LEAST(licensed, lead(licensed) OVER by_month) AS number,
                           row_number() OVER by_month = 1
                           AND min(serial) OVER (PARTITION BY partner_id) < serial - 1 AS is_later
                      FROM known
                    WINDOW by_month AS (PARTITION BY partner_id, product_id ORDER BY serial)) counted) grown
    WINDOW latest AS (PARTITION BY partner_id, product_id ORDER BY serial
                      RANGE BETWEEN %(ramp_months)s - 1 PRECEDING AND CURRENT ROW)
),
-- The products that have targets of their own at a customer, or took the place of one that has.
unit AS MATERIALIZED (
    SELECT DISTINCT aimed.partner_id, aimed.product_id
      FROM (SELECT partner_id, product_id, product_id AS named_id FROM series
             UNION ALL
            SELECT partner_id, line_id, product_id FROM line WHERE steps > 0) aimed
      JOIN customer ON customer.id = aimed.partner_id
      JOIN customer_success_target target ON target.product_id = aimed.named_id
     WHERE target.active
       AND (target.partner_id = customer.id
            OR (target.partner_id IS NULL
                AND (target.segment_id IS NULL OR target.segment_id = customer.segment_id)))
),
monthly AS MATERIALIZED (
    SELECT partner_id, NULL::int AS product_id, serial, bool_and(is_whole) AS is_whole,
           LEAST(100, 100 * sum(active) / sum(licensed)) AS adoption,
           CASE WHEN sum(expected) > 0 THEN LEAST(100, 100 * sum(active) / sum(expected)) END AS expected_adoption,
           sum(licensed * target) / sum(licensed) AS target
      FROM best
  GROUP BY partner_id, serial
 UNION ALL
    SELECT partner_id, product_id, serial, is_whole, LEAST(100, 100 * active / licensed),
           CASE WHEN expected > 0 THEN LEAST(100, 100 * active / expected) END, target
      FROM best
      JOIN unit USING (partner_id, product_id)
),
"""

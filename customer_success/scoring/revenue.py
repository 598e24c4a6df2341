"""The SQL of recurring revenue: what it was, what changed within a month or a year, and why.

The pieces of terms are stored (:mod:`~.pieces`); these statements read them. Nothing here reads the word *churned* or
*expanded* of an outcome to name a change: the values of two days decide.

Parameters: today, and those of :func:`span`.
"""

from dateutil.relativedelta import relativedelta

from .money import factor
from .pieces import GAP_DAYS, OPEN_DAYS, PIECES

__all__ = ["BRIDGE", "GAP_DAYS", "MONTHS", "OPEN_DAYS", "YEAR", "span"]

# The months that are kept in sight, the current one among them.
MONTHS = 60


def span(first, last, today, months=0):
    """Return the parameters of statements about the months from ``first`` to ``last``, which are the first days of months.

    ``months`` is how many months before a month its revenue at the start stood. No piece that ended ``before`` is needed,
    and none that begins after ``until``.

    >>> from datetime import date
    >>> found = span(date(2026, 1, 1), date(2026, 6, 1), date(2026, 6, 15))
    >>> [str(found[name]) for name in ("first", "last", "before", "until")]
    ['2026-01-01', '2026-06-01', '2025-12-31', '2026-06-15']
    >>> str(span(date(2026, 1, 1), date(2026, 1, 1), date(2026, 6, 15), months=12)["before"])
    '2024-12-31'
    """
    return {
        "first": first,
        "last": last,
        "today": today,
        "before": first - relativedelta(days=1) - relativedelta(months=months),
        "until": min(last + relativedelta(months=1) - relativedelta(days=1), today),
    }


_DAYS = """
    SELECT month::date AS month,
           LEAST((month + INTERVAL '1 month')::date - 1, %(today)s) AS last_day,
           FIRST_DAY AS first_day
      FROM generate_series(%(first)s::date, %(last)s::date, INTERVAL '1 month') month
"""
# The day at whose end the revenue at the start of a month, or of its twelve months, stood.
_MONTH_BEFORE = "month::date - 1"
_YEAR_BEFORE = """
           CASE WHEN (month + INTERVAL '1 month')::date - 1 <= %(today)s
                THEN (month - INTERVAL '11 months')::date - 1
                ELSE (%(today)s::date - INTERVAL '1 year')::date END"""


def _ticks(first_day):
    """Return the SQL of the months, with the rates of each company and currency on their first and last day."""
    return f"""
tick AS MATERIALIZED (
    SELECT company.id AS company_id, used.currency_id, day.month, day.first_day, day.last_day,
           {factor("used.currency_id", "company", "day.first_day")} AS first_rate,
           {factor("used.currency_id", "company", "day.last_day")} AS last_rate,
           currency.id AS own_id, currency.decimal_places AS places
      FROM (SELECT company.id AS company_id, currency.id AS currency_id
              FROM res_company company, res_currency currency
             -- One look into the index for each currency, in place of reading all pieces.
             WHERE currency.id = (SELECT min(stored.currency_id)
                                    FROM customer_success_revenue_piece stored
                                   WHERE stored.company_id = company.id AND stored.currency_id >= currency.id)
             UNION
            SELECT company_id, currency_id FROM computed_piece) used
      JOIN res_company company ON company.id = used.company_id
      JOIN res_currency currency ON currency.id = company.currency_id
CROSS JOIN ({_DAYS.replace("FIRST_DAY", first_day)}) day)
"""


# What a customer is today; the rules of access read it.
_TRAITS = "{0}.user_id, {0}.segment_id, {0}.country_id"
# The same in groups of one customer.
_SAME_TRAITS = "min(piece.user_id) AS user_id, min(piece.segment_id) AS segment_id, min(piece.country_id) AS country_id"


def _number(kind):
    """Return the SQL of the id of a row: month, kind and renewal in one number that JavaScript can hold."""
    return (
        "((date_part('year', found.month) * 12 + date_part('month', found.month))::bigint * 8"
        f" + {kind}) * 2147483648 + found.renewal_id"
    )


# One row for each term and month in which it brings revenue, and one for each change. An amount is rounded to the cent
# term by term, so that all rows add up. ``is_standing`` is a constant of each part, so that the others are not computed.
BRIDGE = f"""
WITH {PIECES.strip()},
{_ticks(_MONTH_BEFORE).strip()},
-- What began less what ended in the month, of one product at one customer. All pieces of a customer that touch a month are of
-- one presence, because a gap of less than a month does not end it.
change AS (
    SELECT tick.month, tick.own_id, piece.partner_id, piece.company_id, piece.product_id,
           min(piece.renewal_id) AS renewal_id, bool_or(piece.is_left_open) AS is_undecided,
           sum(COALESCE(piece.sign * round(piece.value * tick.last_rate, tick.places), 0)) AS amount,
           bool_or(piece.present_since <= tick.first_day) AS was_here, bool_or(piece.present_until > tick.last_day) AS is_here,
           max(piece.number) AS number, {_SAME_TRAITS}
      FROM (SELECT piece.*, event.*
              FROM piece
        CROSS JOIN LATERAL (
                   VALUES (piece.since, 1, piece.opens, FALSE), (piece.until, -1, piece.closes, piece.is_undecided))
                   event (day, sign, is_change, is_left_open)
             WHERE (piece.opens AND piece.since BETWEEN %(first)s AND %(until)s
                    OR piece.closes AND piece.until BETWEEN %(first)s AND %(until)s)
               AND event.is_change
               AND event.day BETWEEN %(first)s AND %(until)s
            -- The planner would join the months first, and find a dozen for each piece.
            OFFSET 0) piece
      JOIN tick
        ON tick.company_id = piece.company_id
       AND tick.currency_id = piece.currency_id
       AND tick.month = piece.day - (EXTRACT(DAY FROM piece.day)::int - 1)
       AND tick.last_day >= piece.day
  GROUP BY tick.month, tick.own_id, piece.partner_id, piece.company_id, piece.product_id)
SELECT {_number("found.place")} AS id,
       found.month, found.partner_id, found.company_id, found.product_id, found.renewal_id,
       found.is_standing, found.kind, found.amount, found.at_start,
       CASE WHEN found.kind = 'new' THEN found.amount ELSE 0 END AS new_value,
       CASE WHEN found.kind = 'expansion' THEN found.amount ELSE 0 END AS expansion,
       CASE WHEN found.kind = 'contraction' THEN found.amount ELSE 0 END AS contraction,
       CASE WHEN found.kind = 'lost' THEN found.amount ELSE 0 END AS lost,
       CASE WHEN found.kind = 'come_back' THEN found.amount ELSE 0 END AS come_back,
       CASE WHEN found.kind = 'currency' THEN found.amount ELSE 0 END AS currency_change,
       found.at_end, found.is_undecided, found.missing, {_TRAITS.format("found")}, found.own_id AS currency_id
  FROM (SELECT tick.month, tick.own_id, piece.partner_id, piece.company_id, piece.product_id, piece.renewal_id,
               TRUE AS is_standing, 'standing' AS kind, 0::numeric AS amount,
               CASE WHEN piece.since <= tick.first_day
                    THEN COALESCE(round(piece.value * tick.first_rate, tick.places), 0) ELSE 0 END AS at_start,
               CASE WHEN piece.until > tick.last_day
                    THEN COALESCE(round(piece.value * tick.last_rate, tick.places), 0) ELSE 0 END AS at_end,
               (piece.since > tick.first_day)::int AS place, piece.is_undecided,
               CASE WHEN tick.last_rate IS NULL THEN 'rate' END AS missing, {_TRAITS.format("piece")}
          FROM piece
          JOIN tick
            ON tick.company_id = piece.company_id
           AND tick.currency_id = piece.currency_id
           AND piece.since <= tick.last_day
           AND piece.until > tick.first_day
           AND (piece.since <= tick.first_day OR piece.until > tick.last_day)
     UNION ALL
        SELECT tick.month, tick.own_id, piece.partner_id, piece.company_id, piece.product_id, piece.renewal_id,
               FALSE, 'currency', revalued.amount, 0, 0, 3, piece.is_undecided, NULL, {_TRAITS.format("piece")}
          FROM piece
          JOIN tick
            ON tick.company_id = piece.company_id
           AND tick.currency_id = piece.currency_id
           AND piece.since <= tick.first_day
           AND piece.until > tick.first_day
           AND tick.first_rate IS DISTINCT FROM tick.last_rate
           -- Said once more for the planner: pieces in other currencies need not be read.
           AND piece.currency_id = ANY(ARRAY(
               SELECT currency_id FROM tick WHERE first_rate IS DISTINCT FROM last_rate))
    CROSS JOIN LATERAL (
               SELECT COALESCE(round(piece.value * tick.last_rate, tick.places), 0)
                      - COALESCE(round(piece.value * tick.first_rate, tick.places), 0) AS amount) revalued
         WHERE revalued.amount <> 0
     UNION ALL
        SELECT change.month, change.own_id, change.partner_id, change.company_id, change.product_id, change.renewal_id,
               FALSE, CASE WHEN change.amount > 0 AND change.was_here THEN 'expansion'
                           WHEN change.amount > 0 AND change.number = 1 THEN 'new'
                           WHEN change.amount > 0 THEN 'come_back'
                           WHEN change.is_here THEN 'contraction'
                           ELSE 'lost' END,
               change.amount, 0, 0, 2, change.is_undecided AND change.amount < 0, NULL, {_TRAITS.format("change")}
          FROM change
         WHERE change.amount <> 0) found
"""

# One row for each customer, product and month: the twelve months that end with it, or today.
YEAR = f"""
WITH {PIECES.strip()},
{_ticks(_YEAR_BEFORE).strip()},
-- The revenue of one product at one customer on the first and on the last day. The customer stays if both days are of one
-- presence: that of the revenue on the first day goes on until the last one, or that on the last day began before the first.
stood AS (
    SELECT tick.month, tick.first_day, tick.last_day, tick.own_id, piece.partner_id, piece.company_id, piece.product_id,
           bool_or(CASE WHEN is_first THEN piece.present_until > tick.last_day
                        ELSE piece.present_since <= tick.first_day END) AS stays,
           max(piece.number) AS number, {_SAME_TRAITS},
           max(piece.renewal_id) AS renewal_id, bool_or(tick.last_rate IS NULL) AS is_missing,
           sum(CASE WHEN is_first THEN COALESCE(round(piece.value * tick.first_rate, tick.places), 0) ELSE 0 END)
               AS at_start,
           sum(CASE WHEN is_first THEN worth.value ELSE 0 END) AS base,
           sum(CASE WHEN is_last THEN worth.value ELSE 0 END) AS at_end,
           sum(CASE WHEN is_last AND piece.is_undecided THEN worth.value ELSE 0 END) AS undecided
      FROM piece
      JOIN tick
        ON tick.company_id = piece.company_id
       AND tick.currency_id = piece.currency_id
       AND piece.since <= tick.last_day
       AND piece.until > tick.first_day
CROSS JOIN LATERAL (
           SELECT piece.since <= tick.first_day AS is_first, piece.until > tick.last_day AS is_last,
                  COALESCE(round(piece.value * tick.last_rate, tick.places), 0) AS value) worth
     WHERE is_first OR is_last
  GROUP BY tick.month, tick.first_day, tick.last_day, tick.own_id, piece.partner_id, piece.company_id, piece.product_id)
SELECT {_number("0")} AS id,
       found.month, found.partner_id, found.company_id, found.product_id, found.renewal_id,
       found.first_day, found.last_day, found.at_start, found.currency_change, found.base,
       found.new_value, found.expansion, found.contraction, found.lost, found.come_back, found.at_end,
       found.kept, found.renewed,
       100 * found.kept / NULLIF(found.base, 0) AS gross_retention,
       100 * found.renewed / NULLIF(found.base, 0) AS net_retention,
       found.undecided, found.missing, {_TRAITS.format("found")}, found.own_id AS currency_id
  FROM (SELECT stood.month, stood.own_id, stood.first_day, stood.last_day, stood.partner_id, stood.company_id,
               stood.product_id, stood.renewal_id, stood.at_start, stood.base, stood.at_end, stood.undecided,
               stood.base - stood.at_start AS currency_change,
               CASE WHEN stood.is_missing THEN 'rate' END AS missing,
               CASE WHEN stood.stays THEN LEAST(stood.base, stood.at_end) ELSE 0 END AS kept,
               CASE WHEN stood.stays THEN stood.at_end ELSE 0 END AS renewed,
               CASE WHEN stood.stays THEN GREATEST(stood.at_end - stood.base, 0) ELSE 0 END AS expansion,
               CASE WHEN stood.stays THEN LEAST(stood.at_end - stood.base, 0) ELSE 0 END AS contraction,
               CASE WHEN stood.stays THEN 0 ELSE -stood.base END AS lost,
               CASE WHEN NOT stood.stays AND stood.number = 1 THEN stood.at_end ELSE 0 END AS new_value,
               CASE WHEN NOT stood.stays AND stood.number > 1 THEN stood.at_end ELSE 0 END AS come_back,
               {_TRAITS.format("stood")}
          FROM stood) found
"""

"""The SQL of recurring revenue: on which days a term brings which value, what changed within a month or a year, and why.

The value of a term is its annual value, from its first day to the day before the next term begins; amendments change it
from a day on. A term of which the customer gave notice in time ends when it ends, before anybody says so; one that is reduced
goes on at the value that the notice leaves. A *piece* is a time with one value; a customer's *presence* is a time in which it has revenue without a gap of more than ``GAP_DAYS`` days.
Nothing here reads the word *churned* or *expanded* of an outcome to name a change: the values of two days decide.
"""

from .money import factor
from .successors import KIN
from .terms import same_contract

# The months that are kept in sight, the current one among them.
MONTHS = 60
# A customer whose next term begins within so many days has stayed.
GAP_DAYS = 30
# A term that is past its end and not decided counts on for so many days, as contracts are often signed late.
OPEN_DAYS = 92
# The customer gave notice in time, of a term by its alias and of a kind; an add-on ends with its main term.
IN_TIME = "({0}.notice_kind IS NOT DISTINCT FROM '{1}' AND {0}.notice_is_late IS NOT TRUE)"

# Parameters: today. The steps end with ``piece`` and ``presence``.
PIECES = (
    KIN.text()
    + f"""
-- A product that was replaced is read as its last successor of which the customer has a term.
line AS MATERIALIZED (
    SELECT DISTINCT ON (renewal.partner_id, renewal.company_id, kin.product_id)
           renewal.partner_id, renewal.company_id, kin.product_id, kin.successor_id AS line_id
      FROM kin
      JOIN customer_success_renewal renewal ON renewal.product_id = kin.successor_id AND renewal.active
  ORDER BY renewal.partner_id, renewal.company_id, kin.product_id, kin.steps DESC),
-- Step 1: the terms. One without a start begins when the previous one is over, else a year before its end.
term AS MATERIALIZED (
    SELECT renewal.id, renewal.partner_id, renewal.company_id, renewal.currency_id, renewal.previous_id,
           renewal.contract_number, COALESCE(line.line_id, renewal.product_id) AS product_id, renewal.outcome, renewal.date_renewal,
           run.begins, run.stops,
           told.is_ending, run.stops + CASE WHEN told.is_ending THEN {GAP_DAYS} ELSE {OPEN_DAYS} END AS waits_until,
           COALESCE(renewal.start_value, renewal.counted_value, renewal.annual_value, 0) AS first_value,
           CASE WHEN renewal.outcome = 'pending' AND {IN_TIME.format("renewal", "reduce")}
                THEN LEAST(renewal.notice_value, COALESCE(renewal.counted_value, renewal.annual_value, 0))
                ELSE COALESCE(renewal.counted_value, renewal.annual_value, 0) END AS last_value,
           CASE WHEN renewal.outcome IN ('pending', 'churned') THEN 0
                ELSE NULLIF(renewal.renewed_value, 0) END AS renewed_value
      FROM customer_success_renewal renewal
 LEFT JOIN customer_success_renewal main
        ON main.id = renewal.main_id
       AND main.active
       AND main.outcome IN ('pending', 'churned')
 LEFT JOIN line
        ON line.partner_id = renewal.partner_id
       AND line.company_id = renewal.company_id
       AND line.product_id = renewal.product_id
CROSS JOIN LATERAL (
           SELECT renewal.date_renewal + (renewal.end_is_last_day IS TRUE)::int AS stops,
                  COALESCE(renewal.date_start,
                           (SELECT before.date_renewal + (before.end_is_last_day IS TRUE)::int
                              FROM customer_success_renewal before
                             WHERE before.id = renewal.previous_id),
                           (renewal.date_renewal - INTERVAL '1 year')::date
                           + (renewal.end_is_last_day IS TRUE)::int) AS begins) run
CROSS JOIN LATERAL (
           SELECT renewal.outcome = 'churned'
                  OR renewal.outcome = 'pending'
                     AND ({IN_TIME.format("renewal", "end")} OR {IN_TIME.format("main", "end")}) AS is_ending) told
     WHERE renewal.active),
-- Step 2: the day on which the next term takes over: the linked one, else one of the same product and contract that
-- begins when this one is over, or soon after. The next term may begin on the last day of this one.
followed AS (
    SELECT id, min(next_on) AS next_on
      FROM (SELECT term.id, later.begins AS next_on
              FROM term
              JOIN term later ON later.previous_id = term.id AND later.begins > term.begins
         UNION ALL
            SELECT term.id, later.begins
              FROM term
              JOIN term later
                ON later.partner_id = term.partner_id
               AND later.company_id = term.company_id
               AND COALESCE(later.product_id, 0) = COALESCE(term.product_id, 0)
               AND {same_contract("term", "later")}
               AND later.previous_id IS NULL
               AND later.begins BETWEEN GREATEST(term.date_renewal, term.begins + 1) AND term.waits_until) found
  GROUP BY id),
-- Step 3: until when a term counts: until the next one takes over
run AS MATERIALIZED (
    SELECT term.*, followed.next_on,
           CASE WHEN followed.next_on <= term.waits_until THEN followed.next_on
                WHEN term.is_ending THEN term.stops
                WHEN term.outcome = 'pending' THEN term.waits_until
                -- It was renewed, and the next term is not recorded: it counts for one more term.
                ELSE LEAST(followed.next_on, term.stops + (term.stops - term.begins)) END AS until
      FROM term
 LEFT JOIN followed ON followed.id = term.id),
amended AS MATERIALIZED (
    SELECT renewal_id, date, COALESCE(counted_value, annual_value) AS value,
           lead(date) OVER term AS until, row_number() OVER term = 1 AS is_first
      FROM customer_success_renewal_amendment
     WHERE active
    WINDOW term AS (PARTITION BY renewal_id ORDER BY date)),
-- Step 4: the pieces of each term: what it began with, its amendments, and what counts from its end to the next term
piece AS MATERIALIZED (
    SELECT id, partner_id, company_id, currency_id, product_id, since, until, value, is_undecided
      FROM (SELECT run.id, run.partner_id, run.company_id, run.currency_id, run.product_id, run.begins AS since,
                   LEAST(run.stops, run.until, amended.date) AS until, run.first_value AS value,
                   FALSE AS is_undecided
              FROM run
         LEFT JOIN amended ON amended.renewal_id = run.id AND amended.is_first
         UNION ALL
            SELECT run.id, run.partner_id, run.company_id, run.currency_id, run.product_id,
                   GREATEST(run.begins, amended.date), LEAST(run.stops, run.until, amended.until),
                   amended.value, FALSE
              FROM run
              JOIN amended ON amended.renewal_id = run.id
         UNION ALL
            SELECT run.id, run.partner_id, run.company_id, run.currency_id, run.product_id, run.stops, run.until,
                   COALESCE(NULLIF(run.renewed_value, 0), run.last_value),
                   run.outcome = 'pending' AND run.next_on IS NULL
              FROM run
             WHERE run.stops <= %(today)s) part
     WHERE value > 0
       AND since < until),
-- Step 5: the times in which a customer has revenue, counted from the first one
presence AS MATERIALIZED (
    SELECT partner_id, company_id, number, min(since) AS since, max(until) AS until
      FROM (SELECT partner_id, company_id, since, until,
                   sum((reached IS NULL OR since > reached + {GAP_DAYS})::int)
                   OVER (PARTITION BY partner_id, company_id ORDER BY since, id) AS number
              FROM (SELECT id, partner_id, company_id, since, until,
                           max(until) OVER (PARTITION BY partner_id, company_id ORDER BY since, id
                                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
                      FROM piece) one) counted
  GROUP BY partner_id, company_id, number)
"""
)

_DAYS = """
    SELECT month::date AS month,
           LEAST((month + INTERVAL '1 month')::date - 1, %(today)s) AS last_day,
           FIRST_DAY AS first_day
      FROM generate_series(date_trunc('month', %(today)s::date) - INTERVAL '{before} months',
                           date_trunc('month', %(today)s::date), INTERVAL '1 month') month
""".replace("{before}", str(MONTHS - 1))
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
      FROM (SELECT DISTINCT company_id, currency_id FROM piece) used
      JOIN res_company company ON company.id = used.company_id
      JOIN res_currency currency ON currency.id = company.currency_id
CROSS JOIN ({_DAYS.replace("FIRST_DAY", first_day)}) day)
"""


# What a customer is today; the rules of access read it.
_TODAY = """
           partner.success_user_id AS user_id, partner.success_segment_id AS segment_id, partner.country_id,
           found.own_id AS currency_id"""
_JOINS = """
      JOIN res_partner partner ON partner.id = found.partner_id"""


def _number(kind):
    """Return the SQL of the id of a row: month, kind and renewal in one number that JavaScript can hold."""
    return (
        "((date_part('year', found.month) * 12 + date_part('month', found.month))::bigint * 8"
        f" + {kind}) * 2147483648 + found.renewal_id"
    )


def _present(row):
    """Return the joins of the presence of a customer on the first (``before``) and on the last day (``after``) of a row."""
    return "\n".join(
        f"""     LEFT JOIN presence {name}
            ON {name}.partner_id = {row}.partner_id
           AND {name}.company_id = {row}.company_id
           AND {name}.since <= {row}.{day}
           AND {name}.until > {row}.{day}"""
        for name, day in (("before", "first_day"), ("after", "last_day"))
    )


# One row for each term and month in which it brings revenue, and one for each change. An amount is rounded to the cent
# term by term, so that all rows add up. ``is_standing`` is a constant of each part, so that the others are not computed.
BRIDGE = f"""
WITH {PIECES.strip()},
{_ticks(_MONTH_BEFORE).strip()},
-- Step 6: what began less what ended in the month, of one product at one customer
change AS (
    SELECT tick.month, tick.first_day, tick.last_day, tick.own_id, event.partner_id, event.company_id, event.product_id,
           min(event.id) AS renewal_id, bool_or(event.is_undecided) AS is_undecided,
           sum(COALESCE(event.sign * round(event.value * tick.last_rate, tick.places), 0)) AS amount
      FROM (SELECT id, partner_id, company_id, currency_id, product_id, value, since AS day, 1 AS sign,
                   FALSE AS is_undecided
              FROM piece
         UNION ALL
            SELECT id, partner_id, company_id, currency_id, product_id, value, until, -1, is_undecided
              FROM piece) event
      JOIN tick
        ON tick.company_id = event.company_id
       AND tick.currency_id = event.currency_id
       AND tick.month = event.day - (EXTRACT(DAY FROM event.day)::int - 1)
       AND tick.last_day >= event.day
  GROUP BY tick.month, tick.first_day, tick.last_day, tick.own_id, event.partner_id, event.company_id, event.product_id)
SELECT {_number("found.place")} AS id,
       found.month, found.partner_id, found.company_id, found.product_id, found.renewal_id,
       found.is_standing, found.kind, found.amount, found.at_start,
       CASE WHEN found.kind = 'new' THEN found.amount ELSE 0 END AS new_value,
       CASE WHEN found.kind = 'expansion' THEN found.amount ELSE 0 END AS expansion,
       CASE WHEN found.kind = 'contraction' THEN found.amount ELSE 0 END AS contraction,
       CASE WHEN found.kind = 'lost' THEN found.amount ELSE 0 END AS lost,
       CASE WHEN found.kind = 'come_back' THEN found.amount ELSE 0 END AS come_back,
       CASE WHEN found.kind = 'currency' THEN found.amount ELSE 0 END AS currency_change,
       found.at_end, found.is_undecided, found.missing, {_TODAY.strip()}
  FROM (SELECT tick.month, tick.own_id, piece.partner_id, piece.company_id, piece.product_id, piece.id AS renewal_id,
               TRUE AS is_standing, 'standing' AS kind, 0::numeric AS amount,
               CASE WHEN piece.since <= tick.first_day
                    THEN COALESCE(round(piece.value * tick.first_rate, tick.places), 0) ELSE 0 END AS at_start,
               CASE WHEN piece.until > tick.last_day
                    THEN COALESCE(round(piece.value * tick.last_rate, tick.places), 0) ELSE 0 END AS at_end,
               (piece.since > tick.first_day)::int AS place, piece.is_undecided,
               CASE WHEN tick.last_rate IS NULL THEN 'rate' END AS missing
          FROM piece
          JOIN tick
            ON tick.company_id = piece.company_id
           AND tick.currency_id = piece.currency_id
           AND piece.since <= tick.last_day
           AND piece.until > tick.first_day
           AND (piece.since <= tick.first_day OR piece.until > tick.last_day)
     UNION ALL
        SELECT tick.month, tick.own_id, piece.partner_id, piece.company_id, piece.product_id, piece.id,
               FALSE, 'currency', revalued.amount, 0, 0, 3, piece.is_undecided, NULL
          FROM piece
          JOIN tick
            ON tick.company_id = piece.company_id
           AND tick.currency_id = piece.currency_id
           AND piece.since <= tick.first_day
           AND piece.until > tick.first_day
           AND tick.first_rate IS DISTINCT FROM tick.last_rate
    CROSS JOIN LATERAL (
               SELECT COALESCE(round(piece.value * tick.last_rate, tick.places), 0)
                      - COALESCE(round(piece.value * tick.first_rate, tick.places), 0) AS amount) revalued
         WHERE revalued.amount <> 0
     UNION ALL
        SELECT change.month, change.own_id, change.partner_id, change.company_id, change.product_id, change.renewal_id,
               FALSE, CASE WHEN change.amount > 0 AND before.number IS NOT NULL THEN 'expansion'
                           WHEN change.amount > 0 AND after.number = 1 THEN 'new'
                           WHEN change.amount > 0 THEN 'come_back'
                           WHEN after.number IS NOT NULL THEN 'contraction'
                           ELSE 'lost' END,
               change.amount, 0, 0, 2, change.is_undecided AND change.amount < 0, NULL
          FROM change
{_present("change")}
         WHERE change.amount <> 0) found
{_JOINS}
"""

# One row for each customer, product and month: the twelve months that end with it, or today.
YEAR = f"""
WITH {PIECES.strip()},
{_ticks(_YEAR_BEFORE).strip()},
-- Step 6: the revenue of one product at one customer on the first and on the last day
stood AS (
    SELECT tick.month, tick.first_day, tick.last_day, tick.own_id, piece.partner_id, piece.company_id, piece.product_id,
           max(piece.id) AS renewal_id, bool_or(tick.last_rate IS NULL) AS is_missing,
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
       found.base + found.contraction + found.lost AS kept,
       found.base + found.contraction + found.lost + found.expansion AS renewed,
       100 * (found.base + found.contraction + found.lost) / NULLIF(found.base, 0) AS gross_retention,
       100 * (found.base + found.contraction + found.lost + found.expansion) / NULLIF(found.base, 0)
           AS net_retention,
       found.undecided, found.missing, {_TODAY.strip()}
  FROM (SELECT stood.month, stood.own_id, stood.first_day, stood.last_day, stood.partner_id, stood.company_id,
               stood.product_id, stood.renewal_id, stood.at_start, stood.base, stood.at_end, stood.undecided,
               stood.base - stood.at_start AS currency_change,
               CASE WHEN stood.is_missing THEN 'rate' END AS missing,
               CASE WHEN stays.stays THEN GREATEST(stood.at_end - stood.base, 0) ELSE 0 END AS expansion,
               CASE WHEN stays.stays THEN LEAST(stood.at_end - stood.base, 0) ELSE 0 END AS contraction,
               CASE WHEN stays.stays THEN 0 ELSE -stood.base END AS lost,
               CASE WHEN NOT stays.stays AND after.number = 1 THEN stood.at_end ELSE 0 END AS new_value,
               CASE WHEN NOT stays.stays AND after.number > 1 THEN stood.at_end ELSE 0 END AS come_back
          FROM stood
{_present("stood")}
    CROSS JOIN LATERAL (
               SELECT COALESCE(before.number = after.number, FALSE) AS stays) stays) found
{_JOINS}
"""

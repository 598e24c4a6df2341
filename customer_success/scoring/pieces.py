"""The SQL of the pieces of terms: on which days a term brings which value. They are stored, and this is their definition.

The value of a term is its annual value, from its first day to the day before the next term begins; amendments change it
from a day on. A term of which the customer gave notice in time ends when it ends, before anybody says so; one that is reduced
goes on at the value that the notice leaves. A *piece* is a time with one value; a customer's *presence* is a time in which it has revenue without a gap of more than ``GAP_DAYS`` days.
Nothing here depends on the day on which it is computed, but that a product may be replaced from a day on.

The table ``customer_success_revenue_piece`` holds what these statements compute.
A customer of whom a fact changed waits in ``customer_success_revenue_request`` until a job has computed it again. Until then it
is computed on each look (:data:`PIECES`), so that figures are those of now at any time.
"""

from .successors import KIN, MOST_STEPS
from .terms import same_contract

# A customer whose next term begins within so many days has stayed.
GAP_DAYS = 30
# A term that is past its end and not decided counts on for so many days, as contracts are often signed late.
OPEN_DAYS = 92
# The customer gave notice in time, of a term by its alias and of a kind; an add-on ends with its main term.
IN_TIME = "({0}.notice_kind IS NOT DISTINCT FROM '{1}' AND {0}.notice_is_late IS NOT TRUE)"

# ``opens`` and ``closes`` say that something changed on the first day, or on the day after the last one: a term that is
# renewed as it was neither closes nor opens. Most are, so a book has few changes and many terms.
# ``number``, ``present_since`` and ``present_until`` are of the presence that the piece belongs to.
COLUMNS = (
    "renewal_id, partner_id, company_id, currency_id, product_id, since, until, value, is_undecided, opens, closes,"
    " number, present_since, present_until"
)


def computed(scope):
    """Return the steps that compute ``computed_piece`` of the customers in ``scope``, without ``WITH``.

    ``scope`` is what stands behind ``partner_id`` in SQL. Parameters: today, and those of the scope.
    """
    return _STEPS.replace("IN_SCOPE", scope)


_STEPS = (
    KIN.text()
    + f"""
-- A product that was replaced is read as its last successor of which the customer has a term.
line AS MATERIALIZED (
    SELECT DISTINCT ON (renewal.partner_id, renewal.company_id, kin.product_id)
           renewal.partner_id, renewal.company_id, kin.product_id, kin.successor_id AS line_id
      FROM kin
      JOIN customer_success_renewal renewal ON renewal.product_id = kin.successor_id AND renewal.active
     WHERE renewal.partner_id IN_SCOPE
  ORDER BY renewal.partner_id, renewal.company_id, kin.product_id, kin.steps DESC),
-- A product that another one took the place of, at one customer, is read as that one up to the change, and so on.
swap AS MATERIALIZED (
    WITH RECURSIVE swapped AS (
        SELECT gone.partner_id, gone.company_id, gone.product_id, lower(gone.contract_number) AS number,
               gone.date_renewal AS until, came.product_id AS line_id, came.date_renewal AS goes_on, 1 AS steps
          FROM customer_success_renewal gone
          JOIN customer_success_renewal came ON came.id = gone.replaced_by_id AND came.active
         WHERE gone.partner_id IN_SCOPE
           AND gone.active
     UNION ALL
        SELECT one.partner_id, one.company_id, one.product_id, one.number, one.until, came.product_id, came.date_renewal,
               one.steps + 1
          FROM swapped one
          JOIN customer_success_renewal gone
            ON gone.partner_id = one.partner_id
           AND gone.company_id = one.company_id
           AND gone.product_id = one.line_id
           AND gone.date_renewal >= one.goes_on
           AND gone.active
          JOIN customer_success_renewal came ON came.id = gone.replaced_by_id AND came.active
         WHERE one.steps < {MOST_STEPS})
    SELECT DISTINCT ON (partner_id, company_id, product_id, number, until) *
      FROM swapped
  ORDER BY partner_id, company_id, product_id, number, until, steps DESC),
-- Step 1: the terms. One without a start begins when the previous one is over, else a year before its end.
term AS MATERIALIZED (
    SELECT renewal.id, renewal.partner_id, renewal.company_id, renewal.currency_id, renewal.previous_id,
           renewal.contract_number, COALESCE(line.line_id, own.line_id, renewal.product_id) AS product_id,
           renewal.outcome, renewal.date_renewal, renewal.replaced_by_id,
           run.begins, run.stops,
           told.is_ending, run.stops + CASE WHEN told.is_ending THEN {GAP_DAYS} ELSE {OPEN_DAYS} END AS waits_until,
           COALESCE(renewal.start_value, renewal.counted_value, renewal.annual_value, 0) AS first_value,
           CASE WHEN renewal.outcome = 'pending' AND {IN_TIME.format("renewal", "reduce")}
                THEN LEAST(renewal.notice_value, COALESCE(renewal.counted_value, renewal.annual_value, 0))
                ELSE COALESCE(renewal.counted_value, renewal.annual_value, 0) END AS last_value,
           CASE WHEN renewal.renewed_free THEN 0
                WHEN renewal.outcome NOT IN ('pending', 'churned') THEN NULLIF(renewal.renewed_value, 0) END AS renewed_value
      FROM customer_success_renewal renewal
 LEFT JOIN customer_success_renewal main
        ON main.id = renewal.main_id
       AND main.active
       AND main.outcome IN ('pending', 'churned')
 LEFT JOIN LATERAL (
           SELECT swap.line_id
             FROM swap
            WHERE swap.partner_id = renewal.partner_id
              AND swap.company_id = renewal.company_id
              AND swap.product_id = renewal.product_id
              AND swap.number IS NOT DISTINCT FROM lower(renewal.contract_number)
              AND swap.until >= renewal.date_renewal
         ORDER BY swap.until
            LIMIT 1) own ON TRUE
 LEFT JOIN line
        ON line.partner_id = renewal.partner_id
       AND line.company_id = renewal.company_id
       AND line.product_id = COALESCE(own.line_id, renewal.product_id)
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
     WHERE renewal.partner_id IN_SCOPE
       AND renewal.active),
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
              JOIN term later ON later.id = term.replaced_by_id AND later.begins > term.begins
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
    SELECT amendment.renewal_id, amendment.date, COALESCE(amendment.counted_value, amendment.annual_value) AS value,
           lead(amendment.date) OVER term AS until, row_number() OVER term = 1 AS is_first
      FROM run
      JOIN customer_success_renewal_amendment amendment ON amendment.renewal_id = run.id AND amendment.active
    WINDOW term AS (PARTITION BY amendment.renewal_id ORDER BY amendment.date)),
-- Step 4: the pieces of each term: what it began with, its amendments, and what counts from its end to the next term
bare AS MATERIALIZED (
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
                   COALESCE(run.renewed_value, run.last_value),
                   run.outcome = 'pending' AND run.next_on IS NULL
              FROM run) part
     WHERE value > 0
       AND since < until),
-- Step 5: the days on which something changed of a product at a customer: what began is not what ended, as a list of values.
-- A day on which a term ends that nobody decided is one of them.
moved AS MATERIALIZED (
    SELECT DISTINCT partner_id, company_id, COALESCE(product_id, 0) AS product_id, day
      FROM (SELECT partner_id, company_id, currency_id, product_id, value, since AS day, 1 AS sign, FALSE AS is_undecided
              FROM bare
         UNION ALL
            SELECT partner_id, company_id, currency_id, product_id, value, until, -1, is_undecided
              FROM bare) event
  GROUP BY partner_id, company_id, product_id, day, currency_id, value
    HAVING sum(sign) <> 0 OR bool_or(is_undecided)),
-- Step 6: the times in which a customer has revenue, counted from the first one
counted AS MATERIALIZED (
    SELECT one.*, sum((reached IS NULL OR since > reached + {GAP_DAYS})::int)
                  OVER (PARTITION BY partner_id, company_id ORDER BY since, id) AS number
      FROM (SELECT bare.*, max(until) OVER (PARTITION BY partner_id, company_id ORDER BY since, id
                                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
              FROM bare) one),
computed_piece AS MATERIALIZED (
    SELECT counted.id AS renewal_id, counted.partner_id, counted.company_id, counted.currency_id, counted.product_id,
           counted.since, counted.until, counted.value, counted.is_undecided,
           opening.day IS NOT NULL AS opens, closing.day IS NOT NULL AS closes, counted.number::int AS number,
           min(counted.since) OVER presence AS present_since, max(counted.until) OVER presence AS present_until
      FROM counted
 LEFT JOIN moved opening
        ON opening.partner_id = counted.partner_id
       AND opening.company_id = counted.company_id
       AND opening.product_id = COALESCE(counted.product_id, 0)
       AND opening.day = counted.since
 LEFT JOIN moved closing
        ON closing.partner_id = counted.partner_id
       AND closing.company_id = counted.company_id
       AND closing.product_id = COALESCE(counted.product_id, 0)
       AND closing.day = counted.until
    WINDOW presence AS (PARTITION BY counted.partner_id, counted.company_id, counted.number))
"""
)

_ASKED = "SELECT partner_id FROM customer_success_revenue_request"

_COLUMNS_OF_ONE = ", ".join(f"one.{name.strip()}" for name in COLUMNS.split(","))
_FROM = """\
      FROM {} one
 LEFT JOIN res_partner partner ON partner.id = one.partner_id"""
# The pieces of now with what their customers are today: as they are stored, and computed for the customers who wait.
# Parameters: today, and the days ``before`` and ``until``: pieces that ended before, or begin after them, may be left out.
# The customers are joined here, where the planner knows how many rows there are. The steps end with ``piece``.
PIECES = f"""
{computed(f"= ANY(ARRAY({_ASKED}))").strip()},
piece AS NOT MATERIALIZED (
    SELECT {_COLUMNS_OF_ONE},
           partner.success_user_id AS user_id, partner.success_segment_id AS segment_id, partner.country_id
{_FROM.format("customer_success_revenue_piece")}
     WHERE one.until > %(before)s
       AND one.since <= %(until)s
       AND one.partner_id NOT IN ({_ASKED})
 UNION ALL
    SELECT {_COLUMNS_OF_ONE}, partner.success_user_id, partner.success_segment_id, partner.country_id
{_FROM.format("computed_piece")})
"""

_SOME = computed("= ANY(%(ids)s)").strip()
# The statements that delete what is stored of customers, and that store them. A row that somebody else stored at the same
# time is a lost race. Parameters: ids, and for the second one today.
FORGET = "DELETE FROM customer_success_revenue_piece WHERE partner_id = ANY(%(ids)s)"
STORE = f"""
WITH {_SOME}
INSERT INTO customer_success_revenue_piece ({COLUMNS})
SELECT {COLUMNS} FROM computed_piece
    ON CONFLICT DO NOTHING
"""
# Those of these customers of whom something else is stored than is computed. Parameters: ids, today.
DIFFERENT = f"""
WITH {_SOME},
stored AS (SELECT {COLUMNS} FROM customer_success_revenue_piece WHERE partner_id = ANY(%(ids)s))
SELECT partner_id FROM (SELECT {COLUMNS} FROM computed_piece EXCEPT ALL SELECT {COLUMNS} FROM stored) missing
 UNION
SELECT partner_id FROM (SELECT {COLUMNS} FROM stored EXCEPT ALL SELECT {COLUMNS} FROM computed_piece) wrong
"""

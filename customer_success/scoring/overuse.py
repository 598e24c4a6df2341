"""The SQL steps that find use above the licences: who has more active users than were paid for, since when, and how many.

The seats of the contracts are what was paid for, so they count. Where a running contract of the product counts no seats, or
none runs, the licences that are delivered count; 0 and unknown licences say nothing. Use counts for all contracts of its
product unless it names its contract, as in the risk of a renewal. Nothing here moves a score.
"""

from datetime import timedelta

from .amendments import seats_on
from .counted import DAY_ZERO, day_number
from .factor import Step
from .successors import USED, join_line, read_as

# The months that use has to be above the licences until people are told: one busy month is no reason to sell.
LASTING_MONTHS = 3
# Seats that a known amendment or term brings within so many days are being bought, and nobody has to be told.
COMING_DAYS = 62
# Use is read so far back, as for what is usual at a time of year.
READ_DAYS = 950

_LINE = "partner_id, product_id"
_MONTH_END = "(date_trunc('month', u.date) + interval '1 month')::date - 1"
_OVER_NOW = day_number("min(month.first) FILTER (WHERE month.in_run)")


def _average(name):
    """Return the SQL of a figure of a month: the average of what was measured, else of what was assessed."""
    return f"COALESCE(avg({name}) FILTER (WHERE u.source = 'measured'), avg({name}))::numeric"


# A measured period that still runs is left out.
_IS_OVER = """(u.source = 'assessed'
                    OR u.date + CASE u.period WHEN 'week' THEN interval '7 days' ELSE interval '1 month' END
                       <= %(today)s)"""

# These steps read those of the use and of the renewals.
OVERUSE_STEPS = (
    # The products whose use is compared. A contract without a product is compared with the product that most people use
    # of those that no contract names: their people may be the same people, so they do not add up.
    Step(
        "room",
        """
    SELECT bought.partner_id,
           bought.product_id AS used_id,
           whole.partner_id IS NOT NULL AND NOT bought.is_named AS is_whole,
           CASE WHEN whole.partner_id IS NULL OR bought.is_named THEN bought.product_id
                ELSE first_value(bought.product_id)
                     OVER (PARTITION BY bought.partner_id, bought.is_named
                           ORDER BY bought.active_users DESC NULLS LAST, bought.product_id) END AS product_id,
           bought.active_users AS active,
           NULLIF(bought.licensed, 0) AS licensed
      FROM bought
 LEFT JOIN (SELECT DISTINCT partner_id
              FROM customer_success_renewal
             WHERE partner_id IN_SCOPE
               AND product_id IS NULL
               AND outcome = 'pending'
               AND active) whole
        ON whole.partner_id = bought.partner_id
""",
        on=None,
    ),
    # Those who may use more than they have licensed; only their past is read.
    Step(
        "over_may",
        f"""
    SELECT used.*
      FROM (SELECT {_LINE}, is_whole,
                   max(active) AS active,
                   (max(ARRAY[active, licensed]) FILTER (WHERE active IS NOT NULL))[2] AS licensed
              FROM room
          GROUP BY {_LINE}, is_whole) used
 LEFT JOIN (SELECT r.partner_id, COALESCE({read_as("r")}, 0) AS line_id, min(NULLIF(r.seats, 0)) AS seats,
                   min(NULLIF(r.start_seats, 0)) AS start_seats
              FROM customer_success_renewal r
 {join_line("r")}
             WHERE r.partner_id IN_SCOPE
               AND r.active
               AND (r.outcome = 'pending' OR r.date_renewal >= %(today)s)
          GROUP BY 1, 2) term
        ON term.partner_id = used.partner_id
       AND term.line_id = CASE WHEN used.is_whole THEN 0 ELSE used.product_id END
     WHERE used.active > LEAST(term.seats, term.start_seats, used.licensed)
""",
        on=None,
    ),
    # The days that are looked at: the last day of each month of the past, today, and a day on which what is being bought
    # has come.
    Step(
        "over_day",
        f"""
    SELECT over_may.{_LINE.replace(" ", " over_may.")}, over_may.is_whole, month.day,
           max(month.active) AS active,
           (max(ARRAY[month.active, month.licensed]))[2] AS licensed
      FROM (SELECT u.partner_id, u.product_id, {_MONTH_END} AS day,
                   {_average("u.active_users")} AS active,
                   NULLIF({_average("u.licensed_users")}, 0) AS licensed
              FROM {USED} u
             WHERE u.active_users IS NOT NULL
               AND u.date > %(today)s - {READ_DAYS}
               AND u.date < date_trunc('month', %(today)s::date)
               AND u.partner_id IN (SELECT partner_id FROM over_may)
               AND {_IS_OVER}
          GROUP BY 1, 2, 3) month
      JOIN room ON room.partner_id = month.partner_id AND room.used_id = month.product_id
      JOIN over_may ON over_may.partner_id = room.partner_id AND over_may.product_id = room.product_id
  GROUP BY 1, 2, 3, 4
 UNION ALL
    SELECT {_LINE}, is_whole, %(today)s::date, active, licensed
      FROM over_may
 UNION ALL
    SELECT {_LINE}, is_whole, %(today)s::date + {COMING_DAYS}, active, licensed
      FROM over_may
""",
        on=None,
    ),
    # The seats of each contract on these days, of the term that runs. A term that pends goes on until somebody ends it.
    Step(
        "over_term",
        f"""
    SELECT {_LINE}, day, number,
           sum(seats) AS seats,
           bool_and(seats > 0) AS is_counted,
           (array_agg(id ORDER BY is_pending DESC, date_renewal DESC, id))[1] AS renewal_id,
           bool_or(is_pending) AS is_pending
      FROM (SELECT DISTINCT ON (d.partner_id, d.product_id, d.day, r.product_id, r.number)
                   d.partner_id, d.product_id, d.day, r.number, r.id, r.date_renewal,
                   r.outcome = 'pending' AS is_pending,
                   {seats_on("d.day")} AS seats
              FROM over_day d
              JOIN (SELECT r.*, COALESCE({read_as("r")}, 0) AS line_id, COALESCE(lower(r.contract_number), '') AS number
                      FROM customer_success_renewal r
 {join_line("r")}
                     WHERE r.partner_id IN_SCOPE
                       AND r.active) r
                ON r.partner_id = d.partner_id
               AND r.line_id = CASE WHEN d.is_whole THEN 0 ELSE d.product_id END
               AND COALESCE(r.date_start, d.day) <= d.day
               AND (r.outcome = 'pending' OR d.day < r.date_renewal + (r.end_is_last_day IS TRUE)::int)
          ORDER BY d.partner_id, d.product_id, d.day, r.product_id, r.number,
                   r.date_start DESC NULLS LAST, r.date_renewal DESC, r.id) term
  GROUP BY {_LINE}, day, number
""",
        on=None,
    ),
    # The users that name their contract.
    Step(
        "over_part",
        f"""
    SELECT u.partner_id, {read_as("u")} AS product_id, {_MONTH_END} AS day, lower(part.contract_number) AS number,
           {_average("part.active_users")} AS own
      FROM customer_success_usage u
      JOIN customer_success_usage_contract part ON part.usage_id = u.id
 {join_line("u")}
     WHERE u.partner_id IN_SCOPE
       AND u.partner_id IN (SELECT partner_id FROM over_may)
       AND u.date > %(today)s - {READ_DAYS}
       AND u.date < date_trunc('month', %(today)s::date)
       AND part.active_users IS NOT NULL
       AND {_IS_OVER}
  GROUP BY 1, 2, 3, 4
 UNION ALL
    SELECT {_LINE}, %(today)s::date, number, active_users
      FROM named_use
""",
        on=None,
    ),
    # The users of each contract on these days, and how many are above its seats; beside those of the whole product.
    Step(
        "over_line",
        f"""
    SELECT d.{_LINE.replace(" ", " d.")}, d.day, t.renewal_id, t.total, t.terms,
           CASE WHEN t.all_counted THEN t.number END AS number,
           CASE WHEN t.all_counted THEN t.seats ELSE d.licensed END AS seats,
           CASE WHEN t.all_counted THEN own.users ELSE d.active END AS users,
           CASE WHEN t.all_counted THEN own.users - t.seats ELSE d.active - d.licensed END AS over,
           d.active - CASE WHEN t.all_counted THEN t.total ELSE d.licensed END AS all_over,
           COALESCE(t.all_counted, FALSE) AS is_counted
      FROM over_day d
 LEFT JOIN (SELECT over_term.*, over_part.own,
                   bool_and(is_counted) OVER product AS all_counted,
                   count(*) OVER product AS terms,
                   sum(seats) OVER product AS total,
                   sum(seats) FILTER (WHERE over_part.own IS NULL) OVER product AS unnamed,
                   COALESCE(sum(over_part.own) OVER product, 0) AS named
              FROM over_term
         LEFT JOIN over_part ON over_part.partner_id = over_term.partner_id
                            AND over_part.product_id = over_term.product_id
                            AND over_part.day = over_term.day
                            AND over_part.number = over_term.number
            WINDOW product AS (PARTITION BY over_term.partner_id, over_term.product_id, over_term.day)) t
        ON t.partner_id = d.partner_id AND t.product_id = d.product_id AND t.day = d.day
CROSS JOIN LATERAL (SELECT COALESCE(t.own, GREATEST(0, d.active - t.named) * t.seats / NULLIF(t.unnamed, 0)) AS users) own
""",
        on=None,
    ),
    # The contracts above their seats today, each with the term whose renewal pends, less what is being bought.
    Step(
        "over_here",
        f"""
    SELECT here.*,
           here.over * LEAST(1, GREATEST(0, COALESCE(coming.total - here.total, 0))
                                / sum(here.over) OVER (PARTITION BY here.partner_id, here.product_id)) AS bought,
           COALESCE(CASE WHEN term.is_pending OR NOT here.is_counted THEN here.renewal_id END,
                    later.renewal_id) AS pending_id
      FROM (SELECT DISTINCT ON (partner_id, product_id, number)
                   {_LINE}, number, seats, users, over, total, is_counted,
                   CASE WHEN is_counted OR terms = 1 THEN renewal_id END AS renewal_id
              FROM over_line
             WHERE day = %(today)s
               AND over >= 0.5
          ORDER BY partner_id, product_id, number, renewal_id) here
 LEFT JOIN (SELECT {_LINE}, max(total) AS total
              FROM over_line
             WHERE day > %(today)s
               AND is_counted
          GROUP BY {_LINE}) coming
        ON coming.partner_id = here.partner_id AND coming.product_id = here.product_id
 LEFT JOIN over_term term
        ON term.partner_id = here.partner_id AND term.product_id = here.product_id
       AND term.day = %(today)s AND term.number = here.number
 LEFT JOIN over_term later
        ON later.partner_id = here.partner_id AND later.product_id = here.product_id
       AND later.day > %(today)s AND later.number = here.number AND later.is_pending
""",
        on=None,
    ),
    # Each month of their past. What a contract had before it got its number is what the product had.
    Step(
        "over_month",
        f"""
    SELECT here.{_LINE.replace(" ", " here.")}, here.number, past.day, date_trunc('month', past.day)::date AS first,
           COALESCE(COALESCE(max(past.over) FILTER (WHERE past.is_counted AND past.number = here.number),
                             max(past.all_over)) >= 0.5, FALSE) AS is_over
      FROM over_here here
      JOIN over_line past ON past.partner_id = here.partner_id
                         AND past.product_id = here.product_id
                         AND past.day < %(today)s
  GROUP BY 1, 2, 3, 4
""",
        on=None,
    ),
    # One line for each contract above its seats since some month. A month that was above them a year ago as well, and
    # passed, is a season: it does not count.
    Step(
        "overuse",
        f"""
    SELECT partner_id,
           array_agg(ARRAY[product_id, renewal_id, since, months, seats, users, over, coming, is_counted,
                           true_up]::float8[] ORDER BY product_id, renewal_id) AS lines
      FROM (SELECT here.{_LINE.replace(" ", " here.")}, here.pending_id AS renewal_id,
                   {_OVER_NOW} AS since,
                   count(*) FILTER (WHERE month.in_run AND NOT month.is_season) AS months,
                   round(here.seats) AS seats,
                   round(here.users) AS users,
                   round(here.over - here.bought) AS over,
                   round(here.bought) AS coming,
                   here.is_counted::int AS is_counted,
                   CASE WHEN here.is_counted
                        THEN round((round(here.over - here.bought)
                                    * COALESCE(r.counted_value, r.annual_value) / NULLIF(r.seats, 0))::numeric, 2)
                   END AS true_up
              FROM over_here here
              JOIN (SELECT run.*, COALESCE(run.day > run.fine, TRUE) AS in_run, before.day IS NOT NULL AS is_season
                      FROM (SELECT *, max(day) FILTER (WHERE NOT is_over)
                                      OVER (PARTITION BY partner_id, product_id, number) AS fine
                              FROM over_month) run
                 LEFT JOIN over_month before
                        ON before.partner_id = run.partner_id
                       AND before.product_id = run.product_id
                       AND before.number IS NOT DISTINCT FROM run.number
                       AND before.first = (run.first - interval '1 year')::date
                       AND before.is_over
                       AND before.day <= run.fine) month
                ON month.partner_id = here.partner_id
               AND month.product_id = here.product_id
               AND month.number IS NOT DISTINCT FROM here.number
         LEFT JOIN customer_success_renewal r ON r.id = here.pending_id AND r.partner_id IN_SCOPE
             WHERE round(here.over - here.bought) >= 1
          GROUP BY here.partner_id, here.product_id, here.number, here.pending_id, here.seats, here.users, here.over,
                   here.bought, here.is_counted, r.id
            HAVING count(*) FILTER (WHERE month.in_run AND NOT month.is_season) > 0) line
  GROUP BY partner_id
""",
    ),
)
OVERUSE_COLUMNS = {
    # Each contract with more active users than were paid for: see the fields of customer.success.overuse.
    "overuse": "overuse.lines",
}
_NAMES = (
    "product_id", "renewal_id", "date_since", "months", "licences", "active_users", "users_over", "users_coming",
    "is_contract", "true_up",
)  # fmt: skip
_COUNTED = {"product_id", "renewal_id", "months", "users_over", "users_coming"}


def overuse_rows(facts):
    """Return the lines of a customer's use above its licences, as dicts of the columns to store.

    >>> class Facts:
    ...     partner_id, overuse = 7, [[3.0, None, 9000.0, 4.0, 100.0, 150.0, 50.0, 0.0, 1.0, None]]
    >>> row = overuse_rows(Facts)[0]
    >>> row["partner_id"], row["users_over"], row["renewal_id"], row["is_lasting"], str(row["date_since"])
    (7, 50, None, True, '2024-08-22')
    """
    rows = []
    for line in facts.overuse or ():
        row = dict(zip(_NAMES, line, strict=True))
        row |= {name: int(row[name]) for name in _COUNTED if row[name] is not None}
        row["date_since"] = DAY_ZERO + timedelta(days=int(row["date_since"]))
        row["is_contract"] = bool(row["is_contract"])
        row["is_lasting"] = row["months"] >= LASTING_MONTHS
        rows.append({"partner_id": facts.partner_id, **row})
    return rows

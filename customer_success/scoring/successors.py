"""The SQL steps that read a product and the one that took its place as one product; use, trend and years share them.

Records keep their product. A customer's use of a product is read as that of its last successor that this customer
uses, too, so naming a successor changes nothing for customers who have not changed yet.
"""

from .factor import Step

DEGREES = ("as_intended", "timely", "quality", "frequency", "in_place", "accuracy")
# The successors of successors that are followed; nobody names a loop, see `product.product`.
MOST_STEPS = 20

_KEY = ("partner_id", "product_id", "source", "period", "date")
_NUMBERS = ("licensed_users", "active_users")
_ROW = ", ".join((*_KEY, *_NUMBERS, *DEGREES))


def _each(template, names):
    return ",\n".join(template.replace("NAME", name) for name in names)


# The larger number of several products and their sum; that of the successor alone.
_SUMS = """\
                   max(NAME) AS NAME_low,
                   sum(NAME) AS NAME_sum,
                   max(NAME) FILTER (WHERE is_own) AS NAME_own"""
# A degree is that of the successor, if it is known.
_DEGREE = """\
                   COALESCE(max(NAME) FILTER (WHERE is_own), max(NAME)) AS NAME"""
# What was known last before the successor came, and what the successor has now: the second part of the latest pair.
_ANCHORS = """\
           (max(ARRAY[date - DATE '2000-01-01', NAME_low])
            FILTER (WHERE date < begun AND NAME_low IS NOT NULL) OVER line)[2] AS NAME_before,
           (max(ARRAY[date - DATE '2000-01-01', NAME_sum])
            FILTER (WHERE date < begun AND NAME_sum IS NOT NULL) OVER line)[2] AS NAME_sum_before,
           (max(ARRAY[date - DATE '2000-01-01', NAME_own])
            FILTER (WHERE NAME_own IS NOT NULL) OVER line)[2] AS NAME_now"""
# As near as possible to what was known before the change, or what is known after it. LEAST and GREATEST ignore NULL.
_BETWEEN = """\
           CASE WHEN is_change AND NAME_low IS NOT NULL
                THEN LEAST(NAME_sum, GREATEST(NAME_low, LEAST(NAME_sum_before, GREATEST(NAME_before, NAME_now))))
                ELSE NAME_low END AS NAME"""
# The entries of intended use, the most special and the nearest first.
_MEANT = """\
           (array_agg(meant.NAME ORDER BY meant.partner_id IS NULL, line.steps)
            FILTER (WHERE meant.NAME IS NOT NULL))[1] AS NAME"""

# Each product that was replaced, with its successor, the successor of that one, and so on.
KIN = Step(
    "kin",
    f"""
    WITH RECURSIVE next AS (
        SELECT id AS product_id, success_successor_id AS successor_id, 1 AS steps
          FROM product_product
         WHERE success_successor_id IS NOT NULL
           AND COALESCE(success_replaced_date, %(today)s) <= %(today)s
     UNION ALL
        SELECT next.product_id, later.success_successor_id, next.steps + 1
          FROM next
          JOIN product_product later ON later.id = next.successor_id
         WHERE later.success_successor_id IS NOT NULL
           AND COALESCE(later.success_replaced_date, %(today)s) <= %(today)s
           AND next.steps < {MOST_STEPS})
    SELECT product_id, successor_id, steps FROM next
""",
    on=None,
)
# Parameters: today, ramp_months.
SUCCESSOR_STEPS = (
    KIN,
    # For each customer and product of these the product as which it is read: the last successor that the customer uses,
    # or, before it uses any, the nearest former product. ``is_joined`` says that the use of several is one.
    Step(
        "line",
        """
    WITH used AS (
        SELECT partner_id, product_id, max(active_users) AS most
          FROM customer_success_usage
         WHERE partner_id IN_SCOPE
           AND date <= %(today)s
           AND EXISTS (SELECT FROM kin)
           AND product_id IN (SELECT product_id FROM kin UNION SELECT successor_id FROM kin)
      GROUP BY partner_id, product_id),
    forward AS (
        SELECT DISTINCT ON (used.partner_id, kin.product_id)
               used.partner_id, kin.product_id, kin.successor_id AS line_id, kin.steps
          FROM kin
          JOIN used ON used.product_id = kin.successor_id
      ORDER BY used.partner_id, kin.product_id, kin.steps DESC),
    back AS (
        SELECT DISTINCT ON (used.partner_id, kin.successor_id)
               used.partner_id, kin.successor_id AS product_id, used.product_id AS line_id, -kin.steps AS steps
          FROM kin
          JOIN used ON used.product_id = kin.product_id
      ORDER BY used.partner_id, kin.successor_id, kin.steps, used.most DESC NULLS LAST, used.product_id),
    own AS (
        SELECT partner_id, product_id, product_id AS line_id, 0 AS steps FROM used)
    SELECT found.partner_id, found.product_id, found.line_id, found.steps,
           used.product_id IS NOT NULL
           AND count(used.product_id) OVER (PARTITION BY found.partner_id, found.line_id) > 1 AS is_joined
      FROM (SELECT DISTINCT ON (partner_id, product_id) partner_id, product_id, line_id, steps
              FROM (SELECT *, 1 AS place FROM forward
                 UNION ALL SELECT *, 2 FROM own
                 UNION ALL SELECT *, 3 FROM back) placed
          ORDER BY partner_id, product_id, place) found
 LEFT JOIN used ON used.partner_id = found.partner_id AND used.product_id = found.product_id
""",
        on=None,
    ),
    # The use of these products as that of one. Users of several do not add up: while the change goes on, some have
    # changed, some have not and some use both, so their number lies between the larger one and the sum. A former
    # product that is delivered in another way than its successor is read as if it were delivered in that way. What it
    # still delivers ends with the figures of the successor, unless those have ended long ago.
    Step(
        "carried",
        f"""
    SELECT {", ".join(_KEY)},
{_each(_BETWEEN, _NUMBERS)},
           {", ".join(DEGREES)}
      FROM (
    SELECT begun.*, COALESCE(date < begun + 30 * %(ramp_months)s, FALSE) AS is_change,
{_each(_ANCHORS, _NUMBERS)}
      FROM (
    SELECT dated.*,
           min(date) FILTER (WHERE is_own) OVER line AS begun,
           max(date) FILTER (WHERE is_own) OVER line AS own_last
      FROM (
            SELECT partner_id, product_id, source, period, date, bool_or(is_own) AS is_own,
{_each(_SUMS, _NUMBERS)},
{_each(_DEGREE, DEGREES)}
              FROM (
            SELECT partner_id, line_id AS product_id, steps = 0 AS is_own,
                   CASE WHEN is_alike THEN source ELSE alike[1] END AS source,
                   CASE WHEN is_alike THEN period ELSE alike[2] END AS period,
                   CASE WHEN is_alike OR period = 'month' OR alike[2] = 'week' THEN date
                        ELSE date_trunc('month', date)::date END AS date,
{_each("                   avg(NAME) AS NAME", (*_NUMBERS, *DEGREES))}
              FROM (
            SELECT u.*, line.line_id, line.steps,
                   COALESCE(bool_or(line.steps = 0)
                            OVER (PARTITION BY u.partner_id, line.line_id, u.source, u.period), FALSE) AS is_alike,
                   max(ARRAY[u.source, u.period]) FILTER (WHERE line.steps = 0)
                       OVER (PARTITION BY u.partner_id, line.line_id) AS alike
              FROM (SELECT product_id AS named_id, {_ROW}
                      FROM customer_success_usage
                     WHERE partner_id IN_SCOPE
                       AND date <= %(today)s
                       AND EXISTS (SELECT FROM line WHERE is_joined)) u
              JOIN line ON line.partner_id = u.partner_id AND line.product_id = u.product_id AND line.is_joined) told
          GROUP BY partner_id, named_id, line_id, steps, 4, 5, 6) one
          GROUP BY partner_id, product_id, source, period, date) dated
    WINDOW line AS (PARTITION BY partner_id, product_id, source, period)) begun
    WINDOW line AS (PARTITION BY partner_id, product_id, source, period)) anchored
     WHERE is_own OR begun IS NULL OR date < begun OR date > own_last + 62 OR (is_change AND date < own_last)
""",
        on=None,
    ),
    # The intended use of a product that took another one's place: its own, else that of the former one. An entry of the
    # customer takes precedence over one for all customers.
    Step(
        "meant",
        f"""
    SELECT line.partner_id, line.line_id AS product_id,
{_each(_MEANT, ("adoption", "forced_use", *DEGREES))}
      FROM line
      JOIN customer_success_intended_use meant
        ON meant.product_id = line.product_id
       AND (meant.partner_id = line.partner_id OR meant.partner_id IS NULL)
     WHERE line.steps >= 0
       AND EXISTS (SELECT FROM line)
  GROUP BY line.partner_id, line.line_id
""",
        on=None,
    ),
)
# What the other steps read instead of the table: products that were replaced at a customer are read as their successors.
USED = f"""(SELECT {_ROW}
              FROM customer_success_usage
             WHERE partner_id IN_SCOPE
               AND date <= %(today)s
               AND (partner_id, product_id) NOT IN (SELECT partner_id, product_id FROM line WHERE is_joined)
         UNION ALL
            SELECT {_ROW}
              FROM carried)"""


def join_line(alias):
    """Return the SQL that joins the product as which that of a table, under its alias, is read."""
    return f"LEFT JOIN line ON line.partner_id = {alias}.partner_id AND line.product_id = {alias}.product_id"


def read_as(alias):
    """Return the SQL of the product as which that of a table is read; see :func:`join_line`."""
    return f"COALESCE(line.line_id, {alias}.product_id)"


_JOINED = "\n".join(step.text() for step in SUCCESSOR_STEPS).replace("IN_SCOPE", "= %(partner_id)s")
JOINED_MONTHS = f"""
WITH {_JOINED.rstrip(",")}
SELECT product_id, period, source, date_trunc('month', date)::date AS month,
       avg(licensed_users)::float8, avg(active_users)::float8
  FROM carried
 WHERE date >= %(since)s
 GROUP BY product_id, period, source, month
"""


def joined_months(cr, partner_id, since, today, ramp_months):
    """Return the use of a customer whose products were replaced, as it is scored, for each month of the successors.

    The rows are ``(product id, period, source, month, licensed users, active users)``.
    """
    cr.execute(
        JOINED_MONTHS,
        {
            "partner_id": partner_id,
            "since": since,
            "today": today,
            "ramp_months": ramp_months,
        },
    )
    return cr.fetchall()

"""The SQL step that holds each degree of use against the same time of earlier years, as the number of users is."""

from .factor import Step
from .months import serial
from .successors import DEGREES, USED
from .usual import BUSY, LEAST_MONTHS, LOW

# The mean of each degree in a month, and the figure that counts now.
_MEANS = ",\n                   ".join(
    f"avg(u.{name})::numeric AS {name}, min(found.{name}) AS {name}_latest" for name in DEGREES
)
_VALUES = ", ".join(f"('{name}', month.{name}, month.{name}_latest)" for name in DEGREES)


def _busy(first, last):
    """Return the SQL of the degree of the good months of a year; unknown if too few of its months are known."""
    return f"""CASE WHEN count(*) FILTER (WHERE age BETWEEN {first} AND {last}) >= {LEAST_MONTHS}
                        THEN NULLIF(percentile_disc({BUSY}) WITHIN GROUP (ORDER BY figure)
                                    FILTER (WHERE age BETWEEN {first} AND {last}), 0) END"""


def _then(age):
    return f"max(figure) FILTER (WHERE age = {age})"


# The share of each degree in that of the good months that is usual in this month, if it is low: that of a year ago, or of
# two years ago if that is higher. As in the season of the number of users, one low month of the past is no season: both
# years were low, or, if one is known, several months were, with better ones before them; and there are not more low
# months now than there were then.
DEGREE_SEASON = Step(
    "degree_season",
    f"""
    SELECT partner_id, product_id,
           {", ".join(f"max(share) FILTER (WHERE degree = '{name}') AS {name}" for name in DEGREES)}
      FROM (SELECT m.partner_id, m.product_id, m.degree,
                   GREATEST({_then(12)} / y.busy, {_then(24)} / y.busy_before) AS share,
                   {_then(12)} AS year_ago,
                   y.busy,
                   {_then(24)} / y.busy_before IS NOT NULL AS is_known_twice,
                   count(*) FILTER (WHERE age BETWEEN 0 AND 6 AND figure < {LOW} * y.busy) AS lows,
                   count(*) FILTER (WHERE age BETWEEN 11 AND 18 AND figure < {LOW} * y.busy) AS lows_then,
                   max(figure) FILTER (WHERE age BETWEEN 13 AND 24) AS best_before
              FROM degree_month m
              JOIN (SELECT partner_id, product_id, degree,
                           {_busy(1, 12)} AS busy,
                           {_busy(13, 24)} AS busy_before
                      FROM degree_month
                  GROUP BY partner_id, product_id, degree) y
                ON y.partner_id = m.partner_id AND y.product_id = m.product_id AND y.degree = m.degree
             WHERE y.busy IS NOT NULL
          GROUP BY m.partner_id, m.product_id, m.degree, y.busy, y.busy_before) compared
     WHERE share < {LOW}
       AND lows <= lows_then
       AND (is_known_twice OR (lows_then >= 2 AND year_ago < {LOW} * best_before))
  GROUP BY partner_id, product_id
""",
    on=None,
)
# The months of each measured degree that is low now, of products that were measured a year ago; ``age`` counts back from
# the last month that is known. Rows are taken together before they are told apart by degree.
DEGREE_MONTHS = Step(
    "degree_month",
    f"""
    SELECT partner_id, product_id, one.degree, one.figure,
           max(serial) OVER (PARTITION BY partner_id, product_id, one.degree) - serial AS age
      FROM (SELECT u.partner_id, u.product_id, {serial("u.date")} AS serial,
                   {_MEANS}
              FROM found
              JOIN spoken ON spoken.partner_id = found.partner_id
                         AND spoken.product_id = found.product_id
                         AND spoken.source = 'measured'
                         AND spoken.first < date_trunc('month', %(today)s::date) - interval '11 months'
              JOIN {USED} u ON u.partner_id = found.partner_id AND u.product_id = found.product_id
             WHERE LEAST({", ".join(f"found.{name}" for name in DEGREES)}) < 100 * {LOW}
               AND u.source = 'measured'
               AND u.date > %(today)s - 950
               AND u.date + CASE u.period WHEN 'week' THEN interval '7 days' ELSE interval '1 month' END <= %(today)s
          GROUP BY u.partner_id, u.product_id, 3) month
CROSS JOIN LATERAL (VALUES {_VALUES}) one (degree, figure, latest)
     WHERE one.figure IS NOT NULL
       AND one.latest < 100 * {LOW}
""",
    on=None,
)

"""The SQL step that says which silence is usual: deliveries of a seasonal customer that stop at this time of every year."""

from .counted import day_number
from .factor import Step
from .successors import USED

# The stop may come so many days earlier or later than a year ago.
SHIFT_DAYS = 45
# The first period after the pause may come so many days later than a year ago, and is told when it is over.
BACK_DAYS = 62
# Who delivers less than so many months of a year has no season.
LEAST_MONTHS = 4


def _year(number):
    """Return the SQL of the last day before the pause of so many years ago, and of the first one after it."""
    day = f"silent.last - {365 * number} + {SHIFT_DAYS}"
    return f"""\
                   max(u.date) FILTER (WHERE u.date <= {day}) AS stopped_{number},
                   min(u.date) FILTER (WHERE u.date > {day}) AS back_{number}"""


def _usual(number):
    """Return the SQL of the condition that the silence is not longer than so many years ago."""
    return f"""stopped_{number} >= last - {365 * number + SHIFT_DAYS}
           AND %(today)s < back_{number} + {365 * number + BACK_DAYS}"""


# The products whose measured figures stopped, and stopped at this time of the earlier years that are known, too, for at
# least as long. Nobody is excused by what people do not assess, nor by one stop if two years are known. ``heard`` is the
# day, as a number, from which the last figures belong to the pause.
PAUSE = Step(
    "pause",
    f"""
    SELECT partner_id, product_id, back_1 + {365 + BACK_DAYS} AS until,
           {day_number(f"(last - {SHIFT_DAYS})")} AS heard
      FROM (SELECT silent.partner_id, silent.product_id, silent.last,
                   min(u.date) AS first,
                   count(DISTINCT date_trunc('month', u.date))
                       FILTER (WHERE u.date > silent.last - 365) AS months,
{_year(1)},
{_year(2)}
              FROM (SELECT partner_id, product_id, max(last) AS last
                      FROM spoken
                     WHERE source = 'measured'
                  GROUP BY partner_id, product_id
                    HAVING max(last) <= %(today)s - %(fresh_days)s) silent
              JOIN {USED} u ON u.partner_id = silent.partner_id
                           AND u.product_id = silent.product_id
                           AND u.source = 'measured'
          GROUP BY silent.partner_id, silent.product_id, silent.last) told
     WHERE months >= {LEAST_MONTHS}
       AND {_usual(1)}
       AND (first > last - {365 * 2} OR ({_usual(2)}))
""",
    on=None,
)

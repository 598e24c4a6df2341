"""The limits of dates and numbers, the same for forms, files, the API, orders, the portal and mass changes.

A date outside is a slip of the keyboard (0202 for 2020), and Excel has no such days; a number outside is none that anybody means.
"""

from datetime import date
from math import isfinite

# Contracts, go-lives and plans. Use is measured since 2000 and up to today.
EARLIEST, LATEST = date(1970, 1, 1), date(2100, 12, 31)
EARLIEST_USE = date(2000, 1, 1)
MOST_MONEY = 10**15
MOST_WHOLE = 2**31 - 1  # PostgreSQL's int4
MOST_FIGURE = 10**12


def is_likely_day(day):
    """Return True if a day is within the limits.

    >>> is_likely_day(date(2026, 1, 5)), is_likely_day(date(202, 1, 5)), is_likely_day(date(2206, 1, 5))
    (True, False, False)
    """
    return EARLIEST <= day <= LATEST


def is_likely_number(number, most=MOST_MONEY):
    """Return True if a number is finite and within the limits.

    >>> is_likely_number(-5), is_likely_number(float("nan")), is_likely_number(float("-inf")), is_likely_number(10**400)
    (True, False, False, False)
    """
    # A whole number may be too long for ``isfinite``, and is above any limit.
    return -most <= number <= most and isfinite(number)

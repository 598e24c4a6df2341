"""The reading of dates: the one reader of files and the API.

A date that may be read with the day or with the month first is open; a file decides it for the whole column.
"""

import re
from datetime import date, datetime, timedelta
from math import isfinite

from dateutil import parser as date_parser

from ..scoring.numerals import plain

# The orders of the day and the month; these are also the keys of a mapping.
DAY_FIRST, MONTH_FIRST = "day", "month"

_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?"
    r" ?(?:Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_PAIR = re.compile(r"(\d{1,2})([./-]|\. )(\d{1,2})(?:[./-]|\. )(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})")
_TIME = re.compile(
    r"(?:T|,? +)\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:[a-z]{3,9},? +)?(?:\d{1,2}(?:st|nd|rd|th)?[ .-]+[a-z]{3,9}\.?|[a-z]{3,9}\.? +\d{1,2}(?:st|nd|rd|th)?)[ ,.-]+\d{4}",
    re.IGNORECASE,
)
# The days of Excel from 1954 to 2119, so that a year or another small number is no date.
_EXCEL_EPOCH, _EXCEL_DAYS = date(1899, 12, 30), range(20_000, 80_500)


def day_of(value):
    """Return the day of a value, ``None`` if it is not a date. For a moment it is the day as it is written.

    >>> [str(day_of(text)) for text in ("2026-05-31", "2026-05-31T00:00:00Z", "2026-05-31 23:30:00.5+02:00")]
    ['2026-05-31', '2026-05-31', '2026-05-31']
    >>> [day_of(text) for text in ("2026-02-29", "31.05.2026", "31.05.26", "20260531", "46173", 46173, True)]
    [None, None, None, None, None, None, None]
    """
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if not isinstance(value, str):
        return None
    match = _DATE.fullmatch(plain(value))
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    if hour > 23 or minute > 59 or second > 60:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def date_parts(cell):
    """Return the day of a cell if it can mean only one, or the two numbers and the year if their order is open.

    >>> date_parts("2026-03-15T00:00:00Z"), date_parts("15 Jan 2026 10:20"), date_parts(46037)
    (datetime.date(2026, 3, 15), datetime.date(2026, 1, 15), datetime.date(2026, 1, 15))
    >>> date_parts("01/15/2026"), date_parts("15.01.2026 00:00"), date_parts("1/2/2026, 3:04 PM")
    ((1, 15, 2026), (15, 1, 2026), (1, 2, 2026))
    >>> [date_parts(cell) for cell in ("May", "2026", "1/2/26", "12", 12, True, "31/31/2026", "2026-02-30", "30.02.2026")]
    [None, None, None, None, None, None, None, None, None]
    """
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    if type(cell) in (int, float):
        return _excel_day(cell)
    if type(cell) is not str:
        return None
    text = plain(cell)
    if day := day_of(text):
        return day
    if text.isdecimal():
        return _excel_day(int(text))
    text = _TIME.sub("", text)
    if found := _PAIR.fullmatch(text):
        one, _mark, two, year = found.groups()
        parts = int(one), int(two), int(year)
        return parts if _day(*parts, DAY_FIRST) or _day(*parts, MONTH_FIRST) else None
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
        return _day(day, month, year, DAY_FIRST)
    if _NAMED.fullmatch(text):
        try:
            return date_parser.parse(text).date()
        except (ValueError, OverflowError):
            return None
    return None


def date_of(cell, order):
    """Return the day of a cell in a column with this order, ``None`` if it is none.

    >>> date_of("03/04/2026", DAY_FIRST), date_of("03/04/2026", MONTH_FIRST), date_of("03/04/2026", None)
    (datetime.date(2026, 4, 3), datetime.date(2026, 3, 4), None)
    >>> date_of("15.01.2026", MONTH_FIRST), date_of("2026-01-15", MONTH_FIRST)
    (None, datetime.date(2026, 1, 15))
    """
    parts = date_parts(cell)
    return _day(*parts, order) if isinstance(parts, tuple) else parts


def _day(one, two, year, order):
    day, month = (one, two) if order == DAY_FIRST else (two, one)
    try:
        return date(year, month, day) if order else None
    except ValueError:
        return None


def _excel_day(number):
    if not isfinite(number) or int(number) not in _EXCEL_DAYS:
        return None
    return _EXCEL_EPOCH + timedelta(int(number))


def date_order(cell):
    """Return the order that a cell proves, ``"open"`` if it may have either, ``None`` if it says nothing.

    >>> [date_order(cell) for cell in ("15.01.2026", "01/15/2026", "03/04/2026", "04/04/2026", "2026-01-15", "x")]
    ['day', 'month', 'open', None, None, None]
    """
    parts = date_parts(cell)
    if not isinstance(parts, tuple) or parts[0] == parts[1]:
        return None
    day, month = (_day(*parts, order) for order in (DAY_FIRST, MONTH_FIRST))
    if day and month:
        return "open"
    return DAY_FIRST if day else MONTH_FIRST


class Evidence:
    """The signs of a form in the cells of a column, collected over the whole column.

    >>> orders = Evidence(date_order)
    >>> for row, cell in enumerate(("03/04/2026", "2026-01-01", "04/15/2026"), 2):
    ...     orders.see(row, cell)
    >>> orders.form, orders.is_open, orders.contradiction
    ('month', False, None)
    >>> orders.see(9, "15/04/2026"), orders.contradiction
    (None, ((4, '04/15/2026'), (9, '15/04/2026')))
    """

    def __init__(self, judge):
        self.judge = judge
        self.proofs = {}  # form -> the first row and cell that prove it

    def see(self, row, cell):
        """Take account of one cell."""
        found = self.judge(cell)
        if found and found not in self.proofs:
            self.proofs[found] = row, str(cell)

    @property
    def proven(self):
        """The forms that are proven, without the open one."""
        return [form for form in self.proofs if form != "open"]

    @property
    def form(self):
        """The one form that is proven, ``None`` if there is none or more than one."""
        return self.proven[0] if len(self.proven) == 1 else None

    @property
    def is_open(self):
        """True if there are cells that mean different things in the two forms, and none that proves one."""
        return "open" in self.proofs and not self.proven

    @property
    def example(self):
        """A cell that may be read in either way."""
        return self.proofs["open"][1] if "open" in self.proofs else None

    @property
    def contradiction(self):
        """The rows and cells that prove different forms, ``None`` if they agree."""
        return tuple(self.proofs[form] for form in self.proven) if len(self.proven) > 1 else None

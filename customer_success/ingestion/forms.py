"""The forms in which the cells of a column write dates and numbers, decided for the whole column."""

import re
from datetime import date, datetime, timedelta
from functools import cache

from babel.numbers import list_currencies
from dateutil import parser as date_parser

from .values import day_of, plain

# The orders of the day and the month, and the decimal marks; these are also the keys of a mapping.
DAY_FIRST, MONTH_FIRST = "day", "month"
POINT, COMMA = "point", "comma"

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
_GROUPED = {
    COMMA: re.compile(r"-?[1-9]\d{0,2}(?:[. ']\d{3})+(?:,\d*)?"),
    POINT: re.compile(r"-?[1-9]\d{0,2}(?:(?:[, ']\d{3})+|(?:,\d\d)*,\d{3})(?:\.\d*)?"),
}
_PLAIN_NUMBER = re.compile(r"-?(?:\d+(?:[.,]\d*)?|[.,]\d+)")
_SIGNS = re.compile(r"^([^\d.,()'+-]*)\s*([(+-]?)\s*([^\d.,()'+-]*)(.*?)(\)?)\s*([^\d.,()']*)$")


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
    return _EXCEL_EPOCH + timedelta(int(number)) if int(number) in _EXCEL_DAYS else None


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


@cache
def _codes():
    return frozenset(list_currencies())


def amount_parts(cell):
    """Return the number in a cell as a text, and the currency or the percent sign that is written with it.

    >>> amount_parts("48 500,00 €"), amount_parts("$12,000.50"), amount_parts("95 %"), amount_parts("(500)")
    (('48 500,00', '€'), ('12,000.50', '$'), ('95', '%'), ('-500', None))
    >>> amount_parts("EUR 1.200"), amount_parts("-€5"), amount_parts("US$ 7"), amount_parts("1 000"), amount_parts("12 users")
    (('1.200', 'EUR'), ('-5', '€'), ('7', 'US$'), ('1 000', None), None)
    """
    text = plain(cell).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if text and text[0].isdigit() and text[-1].isdigit():
        return text, None
    found = _SIGNS.fullmatch(text)
    if not found:
        return None
    before, sign, inner, body, closed, after = (part.strip() for part in found.groups())
    if bool(closed) != (sign == "("):
        return None
    marks = [mark for mark in (before, inner, after) if mark]
    if len(marks) > 1 or not body:
        return None
    mark = marks[0] if marks else None
    if mark and mark != "%" and not _is_currency(mark):
        return None
    return ("-" if sign in ("(", "-") else "") + body, mark


def _is_currency(mark):
    letters = mark.rstrip("$€£¥₹").strip()
    return not letters.isalpha() or len(letters) <= 2 or mark.upper() in _codes()


def decimal_mark(cell):
    """Return the decimal mark that a cell proves, ``"open"`` if it may have either, ``None`` if it says nothing.

    >>> [decimal_mark(cell) for cell in ("12.000,50", "12,000.50", "48 500,00 €", "80.0", "1.234.567", "0.125", "1234.567")]
    ['comma', 'point', 'comma', 'point', 'comma', 'point', 'point']
    >>> [decimal_mark(cell) for cell in ("12.000", "12,000", "1 000", "95 %", 12.5, "x")]
    ['open', 'open', None, None, None, None]
    """
    parts = amount_parts(cell) if type(cell) is str else None
    body = parts[0].lstrip("-") if parts else ""
    marks = [mark for mark in body if mark in ".,"]
    if not marks:
        return None
    decimal = marks[-1]
    if len(marks) > 1 and marks[0] == decimal:  # it groups thousands
        decimal = "," if decimal == "." else "."
    elif len(marks) == 1 and _GROUPED[POINT if decimal == "," else COMMA].fullmatch(body):
        return "open" if " " not in body and "'" not in body else _mark(decimal)
    return _mark(decimal)


def _mark(character):
    return COMMA if character == "," else POINT


def number_text(cell, mark):
    """Return the number of a cell in a column with this decimal mark, written as 1234.5; ``None`` if it is none.

    >>> number_text("12.000,50", COMMA), number_text("12,000.50", POINT), number_text("48 500,00 €", COMMA)
    ('12000.50', '12000.50', '48500.00')
    >>> number_text("12.000", COMMA), number_text("12.000", POINT), number_text("1 000", None), number_text("95 %", None)
    ('12000', '12.000', '1000', '95')
    >>> number_text("12.50", COMMA), number_text("1,23", POINT), number_text("nan", POINT), number_text("12.34.567", COMMA)
    (None, None, None, None)
    >>> number_text("1,23,45,678.5", POINT), number_text(5, COMMA), number_text(0.5, COMMA), number_text("12.000", None)
    ('12345678.5', '5', '0.5', None)
    """
    if type(cell) in (int, float):
        return repr(cell)
    parts = amount_parts(cell) if type(cell) is str else None
    if not parts:
        return None
    body = parts[0]
    if mark is None and ("." in body or "," in body):
        return None
    mark = mark or POINT
    decimal, group = (",", ".") if mark == COMMA else (".", ",")
    if not (_PLAIN_NUMBER.fullmatch(body) and group not in body) and not _GROUPED[mark].fullmatch(
        body
    ):
        return None
    for character in (group, " ", "'"):
        body = body.replace(character, "")
    return body.replace(decimal, ".")


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

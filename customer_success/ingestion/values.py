"""The reading of single values from text or JSON, with the same rules for files and the API.

The functions here interpret a value without knowing its row; :class:`Values` refuses invalid values with a message.
"""

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

from odoo import fields

from .rejections import Reject

_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
LONGEST_NAME = 256
LONGEST_TEXT = 1000
# The text that means unknown, as null does in JSON.
NULL = "null"

_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?"
    r" ?(?:Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = re.compile(r"([+-]?)(\d[\d., ]*|[.,]\d+)(?:[eE]([+-]?\d{1,3}))?", re.ASCII)
_GROUPS = {mark: re.compile(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+") for mark in ".,"}
_SPACED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?")
# Marks in the numbers of other scripts; marks of writing direction are removed.
_MARKS = {
    "\N{MINUS SIGN}": "-",
    "\N{ARABIC DECIMAL SEPARATOR}": ".",
    "\N{ARABIC THOUSANDS SEPARATOR}": " ",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    **dict.fromkeys("\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}", ""),
}


def plain(text):
    """Return a text without surrounding blanks, with its digits and marks converted to ASCII.

    >>> plain(" ٣٣٫٥ "), plain("1\N{NARROW NO-BREAK SPACE}234"), plain("\N{MINUS SIGN}7")
    ('33.5', '1 234', '-7')
    """
    text = text.strip()
    if text.isascii():
        return text
    return "".join(map(_plain_char, text)).strip()


def _plain_char(char):
    if char in _MARKS:
        return _MARKS[char]
    if unicodedata.category(char) == "Zs":
        return " "
    return str(unicodedata.decimal(char, char))


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


def number_of(value):
    """Return the number of a value as an ``int`` or a finite ``float``; ``None`` if it is not a number.

    Numbers are written as 1234.5. Thousands separators are accepted if a text can mean only one number. A single comma
    is ambiguous; what it means in a file is judged over its column.

    >>> [number_of(text) for text in ("1.234,5", "1,234.5", "1 234,5", "1'234.5", "1,234,567", "1e5", "٣٣٫٥")]
    [1234.5, 1234.5, 1234.5, 1234.5, 1234567.0, 100000.0, 33.5]
    >>> [number_of(text) for text in ("1,5", "1,234", "1_000", "nan", "1e400", "12,34,567", "=1+1", True, None)]
    [None, None, None, None, None, None, None, None, None]
    >>> number_of("1.234,"), number_of("1," * 120 + "x")
    (None, None)
    """
    kind = type(value)
    if kind is int:
        return value
    if kind is float:
        return value if isfinite(value) else None
    if kind is not str or len(value) > LONGEST_NAME:
        return None
    if value.isascii() and "_" not in value:
        with suppress(ValueError):
            number = float(value)
            return number if isfinite(number) else None
    return _separated(plain(value).replace("'", " "))


def _separated(text):
    """Return the number of a text with thousands separators."""
    match = _NUMBER.fullmatch(text)
    if not match:
        return None
    sign, body, exponent = match.groups()
    decimal = "."
    if " " in body:
        if not _SPACED.fullmatch(body):
            return None
        body, decimal = body.replace(" ", ""), "," if "," in body else "."
    last = max(body.rfind("."), body.rfind(","))
    if last >= 0:
        body = _with_point(body, body[last], last, decimal)
    if body is None:
        return None
    number = float(f"{sign}{body}e{exponent or 0}")
    return number if isfinite(number) else None


def _with_point(body, mark, last, decimal):
    """Return the digits with a decimal point, ``None`` if the separators are misplaced or ambiguous."""
    other = "," if mark == "." else "."
    if other in body:  # the last one separates decimals, the others thousands
        whole, part = body[:last], body[last + 1 :]
        is_number = part and _GROUPS[other].fullmatch(whole)
        return f"{whole.replace(other, '')}.{part}" if is_number else None
    grouped = bool(_GROUPS[mark].fullmatch(body))
    if body.count(mark) > 1 or (grouped and mark != decimal and mark == "."):
        return body.replace(mark, "") if grouped else None
    if mark == "," and decimal != ",":
        return None
    return body.replace(mark, ".")


def rounded(number, digits):
    """Return a number rounded half up, like Odoo's own fields; an ``int`` stays an ``int``.

    >>> rounded(33.349, 1), rounded(0.25, 1), rounded(66.65, 1), rounded(7, 1), rounded(-0.0, 1)
    (33.3, 0.3, 66.7, 7, 0.0)
    """
    if type(number) is int:
        return number
    if round(number, digits) == number:
        return number + 0.0
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def is_absent(value):
    """Return whether a value is missing: an empty cell of a file, or Odoo's empty value."""
    return (
        value is None or value is False or value == "" or (type(value) is str and not value.strip())
    )


class Values:
    """A reader of the values of rows; it refuses invalid values with the column and a message."""

    def __init__(self, translate, today):
        self._ = translate
        self.tomorrow = today + timedelta(days=1)  # today in the time zone that is furthest ahead
        self.today = today
        self.days = {}  # cached, because a delivery has few days and many rows

    @classmethod
    def of(cls, env):
        """Return a reader of values for a user."""
        return cls(env._, fields.Date.context_today(env["res.partner"]))

    def name(self, row, column, longest=LONGEST_NAME):
        """Return a name; ``None`` if the row has no value."""
        text = row.get(column)
        if text is None or text is False:
            return None
        if type(text) is not str:
            if type(text) is int:
                return str(text)
            raise Reject("not_a_name", column, self._("Enter a name or a number."))
        text = text.strip()
        if longest == LONGEST_NAME and not text.isprintable():
            text = _LINE_BREAK.sub(" ", text)  # a cell of two lines is one name
        if len(text) > longest:
            raise Reject(
                "too_long", column, self._("The text is longer than %d characters.", longest)
            )
        if not text.isprintable() and not _storable(text):
            raise Reject(
                "not_storable",
                column,
                self._("The text contains characters that cannot be stored."),
            )
        return None if text.lower() == NULL else text or None

    def choice(self, row, column, options):
        """Return one of these options; ``None`` if the row has no value."""
        value = row.get(column)
        text = value.strip().lower() if type(value) is str else value
        if is_absent(value) or text == NULL:
            return None
        if type(text) is str and text in options:
            return text
        raise Reject(
            "no_option",
            column,
            self._(
                "“%(value)s” is not one of: %(options)s.",
                value=_shown(value),
                options=", ".join(options),
            ),
        )

    def date(self, row, column, earliest, latest, outside=None):
        """Return a day; ``None`` if the row has no value. ``outside`` is the message for a day out of range."""
        value = row.get(column)
        is_text = type(value) is str
        day = self.days.get(value) if is_text else None
        if day is None:
            if is_absent(value) or (is_text and value.strip().lower() == NULL):
                return None
            day = day_of(value)
            if day is None:
                raise Reject(
                    "not_a_date",
                    column,
                    self._("“%s” is not a date; write it as 2026-01-31.", _shown(value)),
                )
            if is_text and len(self.days) < 10_000:
                self.days[value] = day
        if not earliest <= day <= latest:
            words = outside or self._("%s is too far in the past or in the future.", _shown(value))
            raise Reject("out_of_range", column, words)
        return day

    def number(self, column, value, high, outside=None):
        """Return a number from 0 to ``high``, not rounded; ``outside`` is the message for any other number, with ``%s``."""
        number = value if type(value) is int else number_of(value)
        if number is None:
            raise Reject(
                "not_a_number",
                column,
                self._("“%s” is not a number; write it as 1234.5.", _shown(value)),
            )
        if not 0 <= number <= high:
            shown = str(value)[:40]
            words = (
                outside % shown
                if outside
                else self._(
                    "%(value)s is not between 0 and %(high)s.", value=shown, high=f"{high:,.0f}"
                )
            )
            raise Reject("out_of_range", column, words)
        return number

    def whole(self, column, value, high, outside=None):
        """Return a whole number from 0 to ``high``."""
        if type(value) is int and 0 <= value <= high:
            return value  # the usual case
        number = self.number(column, value, high, outside)
        if number != int(number):
            raise Reject("not_whole", column, self._("%s is not a whole number.", _shown(value)))
        return int(number)

    def given(self, row, column):
        """Return the value of a row in a column, ``None`` if it is missing, ``NULL`` if it means unknown."""
        value = row.get(column, "")
        if type(value) is str:
            text = value.strip()
            return NULL if text.lower() == NULL else text or None
        return NULL if value is None else value


def _shown(value):
    return str(value)[:LONGEST_NAME]


def _storable(text):
    return "\x00" not in text and not any(0xD800 <= ord(char) <= 0xDFFF for char in text)

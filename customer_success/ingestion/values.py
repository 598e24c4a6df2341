"""The reading of single values from text or JSON, with the same rules for files and the API.

The functions here interpret a value without knowing its row; :class:`Values` refuses invalid values with a message.
"""

import re
from datetime import timedelta

from odoo import fields
from odoo.tools.misc import get_lang

from ..scoring.numerals import BARE, FIGURE, meant, read, written
from .forms import DAY_FIRST, MONTH_FIRST, date_of
from .rejections import Reject

_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
LONGEST_NAME = 256
LONGEST_TEXT = 1000
# The text that means unknown, as null does in JSON.
NULL = "null"


def is_absent(value):
    """Return whether a value is missing: an empty cell of a file, or Odoo's empty value."""
    return (
        value is None or value is False or value == "" or (type(value) is str and not value.strip())
    )


class Values:
    """A reader of the values of rows; it refuses invalid values with the column and a message."""

    def __init__(self, translate, today, decimal="."):
        self._ = translate
        self.decimal = decimal  # the decimal mark of the reader's language
        self.tomorrow = today + timedelta(days=1)  # today in the time zone that is furthest ahead
        self.today = today
        self.days = {}  # cached, because a delivery has few days and many rows

    @classmethod
    def of(cls, env):
        """Return a reader of values for a user."""
        return cls(
            env._,
            fields.Date.context_today(env["res.partner"]),
            get_lang(env, env.user.lang).decimal_point,
        )

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
        if value is None:
            return None  # the usual case
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
            day = self._day(column, value)
            if is_text and len(self.days) < 10_000:
                self.days[value] = day
        if not earliest <= day <= latest:
            words = outside or self._("%s is too far in the past or in the future.", _shown(value))
            raise Reject("out_of_range", column, words)
        return day

    def _day(self, column, value):
        """Return the one day that a value means, or raise ``Reject``."""
        days = [date_of(value, order) for order in (DAY_FIRST, MONTH_FIRST)]
        days = sorted(set(filter(None, days)))
        if len(days) != 1:
            words = self._("“%s” is not a date; write it as 2026-01-31.", _shown(value))
            raise self._not_one(column, value, days, ("not_a_date", words), str)
        return days[0]

    def _not_one(self, column, value, found, nothing, say):
        """Return the refusal of a value that has no meaning, with the code and words of ``nothing``, or several."""
        if not found:
            code, words = nothing
            return Reject(code, column, words)
        words = self._(
            "“%(value)s” may mean %(one)s or %(other)s: write it as one of them.",
            value=_shown(value),
            one=say(found[0]),
            other=say(found[1]),
        )
        return Reject("ambiguous", column, words)

    def number(self, column, value, high, outside=None, kind=FIGURE, whole=False):
        """Return a number from 0 to ``high``, not rounded; ``outside`` is the message for any other number, with ``%s``."""
        numbers = meant(read(value, kind, self.decimal).numbers, high, whole)
        if len(numbers) != 1:
            words = self._("“%s” is not a number; write it as 1234.5.", _shown(value))
            raise self._not_one(column, value, numbers, ("not_a_number", words), written)
        number = numbers[0]
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
        number = self.number(column, value, high, outside, BARE, whole=True)
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

"""The reading of numbers that people and systems write: the one reader of files, the API and the portal.

A text is read in each way in which it may be written. Most texts can mean only one number; a single mark before three digits
(12,500 or 12.500) may part decimals or thousands, so it means two, and whoever reads it asks.
"""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import isfinite
from typing import NamedTuple

from babel.numbers import list_currencies

LONGEST = 256  # characters
# The decimal marks; these are also the keys of a mapping.
POINT, COMMA = "point", "comma"
PERCENT = "%"
# What may be written beside a number: nothing, a percent sign, a currency, either.
BARE, SHARE, MONEY, FIGURE = "bare", "share", "money", "figure"
_BESIDE = {BARE: (), SHARE: (PERCENT,), MONEY: ("currency",), FIGURE: (PERCENT, "currency")}

# Marks in the numbers of other scripts; marks of writing direction are removed.
_MARKS = {
    "\N{MINUS SIGN}": "-",
    "\N{ARABIC DECIMAL SEPARATOR}": ".",
    "\N{ARABIC THOUSANDS SEPARATOR}": " ",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    **dict.fromkeys("\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}", ""),
}
_PLAIN = {mark: re.compile(rf"\d+(?:{re.escape(mark)}\d*)?|{re.escape(mark)}\d+") for mark in ".,"}
_GROUPED = {
    ",": re.compile(r"[1-9]\d{0,2}([. '])\d{3}(?:\1\d{3})*(?:,\d+)?"),
    # In India, only the last three digits are a group of three.
    ".": re.compile(
        r"[1-9]\d{0,2}([, '])\d{3}(?:\1\d{3})*(?:\.\d+)?|[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d+)?"
    ),
}
_EXPONENT = re.compile(r"(.*\d)[eE]([+-]?\d{1,3})", re.ASCII)
# Texts that are read at once: a single point, not before exactly three digits.
_USUAL = re.compile(r"-?\d{1,15}(?:\.(?:\d{1,2}|\d{4,15}))?", re.ASCII)
_SIGNS = re.compile(r"^([^\d.,()'+-]*)\s*([(+-]?)\s*([^\d.,()'+-]*)(.*?)(\)?)\s*([^\d.,()']*)$")
_WHOLE_MONEY = re.compile(r"(?<=\d)[.,][-–—]+(?=\D*$)")  # 500.- and 500,–
# The symbols of currencies that are letters.
_LETTERS = "kr kč zł ft лв lei r rm rp rs fr sfr den din km дин ден сом br"
_SYMBOLS = frozenset(_LETTERS.split())


class Reading(NamedTuple):
    """The meanings of a text: the numbers, the one in the reader's own way of writing first, and the sign beside it."""

    numbers: tuple
    beside: str | None = None


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


def read(value, kind=FIGURE, decimal="."):
    """Return what a value may mean as a :class:`Reading`; without numbers it is no number of this kind.

    ``decimal`` is the decimal mark of the reader's language: it says which meaning comes first.

    >>> [read(text).numbers for text in ("12,500", "12.500", "12'500", "12 500", "12,5", "50 %", "48 500,00 €")]
    [(12500.0, 12.5), (12.5, 12500.0), (12500.0,), (12500.0,), (12.5,), (50.0,), (48500.0,)]
    >>> read("12,500", decimal=",").numbers, read("12.500", decimal=",").numbers
    ((12.5, 12500.0), (12500.0, 12.5))
    >>> [read(text).numbers for text in ("1.234,5", "1,234.5", "1.234.567", "1,23,45,678.5", "1 234,567", "1234.567", "0.125")]
    [(1234.5,), (1234.5,), (1234567.0,), (12345678.5,), (1234.567,), (1234.567,), (0.125,)]
    >>> [read(text).numbers for text in ("1e5", "1,2E+3", "٣٣٫٥", "(500)", "500-", "-€5", "500.-", "12,000,00", "1,2,3")]
    [(100000.0,), (1200.0,), (33.5,), (-500.0,), (-500.0,), (-5.0,), (500.0,), (), ()]
    >>> [read(text).numbers for text in ("", "nan", "1e400", "1_000", "=1+1", "12k", "12 users", "1-2", "12 34", True, None)]
    [(), (), (), (), (), (), (), (), (), (), ()]
    >>> read("50%", BARE).numbers, read("50%", MONEY).numbers, read("5 €", SHARE).numbers, read("5 €", MONEY)
    ((), (), (), Reading(numbers=(5.0,), beside='€'))
    >>> read(12.5).numbers, read(float("nan")).numbers, read(10**400).numbers[0] == 10**400
    ((12.5,), (), True)
    """
    if type(value) is int:
        return Reading((value,))
    if type(value) is float:
        return Reading((value,) if isfinite(value) else ())
    if type(value) is not str or len(value) > LONGEST:
        return Reading(())
    if _USUAL.fullmatch(value):
        return Reading((float(value),))
    parts = amount_parts(value)
    if not parts:
        return Reading(())
    body, beside = parts
    sign = beside if beside in (None, PERCENT) else "currency"
    if sign and sign not in _BESIDE[kind]:
        return Reading(())
    return Reading(_meanings(body, decimal), beside)


def meant(numbers, high=None, whole=False, low=0):
    """Return those of the numbers that a field can hold; all of them if it can hold none.

    A number of people is whole, so 1.200 can only mean 1200; 80.000 may mean 80 or 80000.

    >>> meant((12.5, 12500.0), 100), meant((1.2, 1200.0), whole=True), meant((80.0, 80000.0), whole=True), meant((-1.0,))
    ((12.5,), (1200.0,), (80.0, 80000.0), (-1.0,))
    """
    held = [number for number in numbers if not (whole and number != int(number))]
    if high is not None:
        held = [number for number in held if low <= number <= high]
    return tuple(held) or numbers


def _meanings(body, decimal):
    sign = -1 if body.startswith("-") else 1
    body = body.removeprefix("-").removeprefix("+")
    factor = ""
    if found := _EXPONENT.fullmatch(body):
        body, factor = found[1], f"e{found[2]}"
    numbers = []
    for mark in (decimal, "," if decimal == "." else "."):
        is_plain = _PLAIN[mark].fullmatch(body)
        if not is_plain and (factor or not _GROUPED[mark].fullmatch(body)):
            continue
        digits = body if is_plain else re.sub(rf"[^\d{re.escape(mark)}]", "", body)
        number = sign * float(digits.replace(mark, ".") + factor)
        if isfinite(number) and number not in numbers:
            numbers.append(number + 0.0)
    return tuple(numbers)


@cache
def _codes():
    return frozenset(list_currencies())


def amount_parts(cell):
    """Return the number in a cell as a text, and the currency or the percent sign that is written with it.

    >>> amount_parts("48 500,00 €"), amount_parts("$12,000.50"), amount_parts("95 %"), amount_parts("(500)")
    (('48 500,00', '€'), ('12,000.50', '$'), ('95', '%'), ('-500', None))
    >>> amount_parts("EUR 1.200"), amount_parts("-€5"), amount_parts("US$ 7"), amount_parts("1 000"), amount_parts("12 users")
    (('1.200', 'EUR'), ('-5', '€'), ('7', 'US$'), ('1 000', None), None)
    >>> amount_parts("CHF 500.-"), amount_parts("500-"), amount_parts("12k"), amount_parts("5 #"), amount_parts("7 kr")
    (('500', 'CHF'), ('-500', None), None, None, ('7', 'kr'))
    """
    text = _WHOLE_MONEY.sub("", plain(cell))
    if text and text[0].isdigit() and text[-1].isdigit():
        return text, None
    found = _SIGNS.fullmatch(text)
    if not found:
        return None
    before, sign, inner, body, closed, after = (part.strip() for part in found.groups())
    if bool(closed) != (sign == "("):
        return None
    if after == "-" and not sign:  # as some systems write what is negative
        sign, after = after, ""
    marks = [mark for mark in (before, inner, after) if mark]
    if len(marks) > 1 or not body:
        return None
    mark = marks[0] if marks else None
    if mark and mark != PERCENT and not _is_currency(mark):
        return None
    return ("-" if sign in ("(", "-") else "") + body, mark


def _is_currency(mark):
    letters = "".join(char for char in mark if unicodedata.category(char) != "Sc").strip()
    if letters != mark:
        return len(letters) <= 3 and (not letters or letters.isalpha())
    return letters.casefold() in _SYMBOLS or letters.upper() in _codes()


def decimal_mark(cell, whole=False, high=None):
    """Return the decimal mark that a cell proves, ``"open"`` if it may have either, ``None`` if it says nothing.

    >>> [decimal_mark(cell) for cell in ("12.000,50", "12,000.50", "48 500,00 €", "80.0", "1.234.567", "0.125", "1234.567")]
    ['comma', 'point', 'comma', 'point', 'comma', 'point', 'point']
    >>> [decimal_mark(cell) for cell in ("12.000", "12,000", "1 000", "95 %", 12.5, "x")]
    ['open', 'open', None, None, None, None]
    >>> [decimal_mark(cell, whole=True) for cell in ("1,200", "1.200", "80.000", "1 200", "80.0", "7")]
    ['point', 'comma', 'open', None, 'point', None]
    >>> decimal_mark("12,500", high=100), decimal_mark("12.500", high=100)
    ('comma', 'point')
    """
    parts = amount_parts(cell) if type(cell) is str else None
    body = parts[0] if parts else ""
    if "." not in body and "," not in body:
        return None
    texts = {form: number_text(cell, form) for form in (POINT, COMMA)}
    proofs = {form: float(text) for form, text in texts.items() if text is not None}
    numbers = meant(tuple(proofs.values()), high, whole)
    forms = [form for form, number in proofs.items() if number in numbers]
    return "open" if len(forms) > 1 else forms[0] if forms else None


def number_text(cell, mark, kind=FIGURE):
    """Return the number of a cell in a column with this decimal mark, as a text that can mean only one; ``None`` if it is none.

    >>> number_text("12.000,50", COMMA), number_text("12,000.50", POINT), number_text("48 500,00 €", COMMA)
    ('12000.50', '12000.50', '48500.00')
    >>> number_text("12.000", COMMA), number_text("12.000", POINT), number_text("1 000", None), number_text("95 %", None)
    ('12000', '12', '1000', '95')
    >>> number_text("12.50", COMMA), number_text("1,23", POINT), number_text("nan", POINT), number_text("12.34.567", COMMA)
    (None, None, None, None)
    >>> number_text("1,23,45,678.5", POINT), number_text(5, COMMA), number_text(0.5, COMMA), number_text("12.000", None)
    ('12345678.5', '5', '0.5', None)
    >>> number_text("1.234", POINT), number_text(1.234, None), number_text("95 %", None, BARE), number_text("1,2e3", COMMA)
    ('1.2340', '1.2340', None, '1.2e3')
    """
    if type(cell) in (int, float):
        return certain(repr(cell))
    parts = amount_parts(cell) if type(cell) is str else None
    if not parts or not read(cell, kind).numbers:
        return None
    body, factor = parts[0], ""
    if mark is None and ("." in body or "," in body):
        return None
    if found := _EXPONENT.fullmatch(body):
        body, factor = found[1], f"e{found[2]}"
    decimal = "," if mark == COMMA else "."
    digits = body.lstrip("+-")
    is_plain = _PLAIN[decimal].fullmatch(digits)
    if not is_plain and (factor or not _GROUPED[decimal].fullmatch(digits)):
        return None
    digits = re.sub(rf"[^\d{re.escape(decimal)}]", "", digits).replace(decimal, ".")
    return certain(("-" if body.startswith("-") else "") + digits) + factor


def certain(text):
    """Return a number that is written with a point so that nobody reads its point as a mark of thousands.

    >>> certain("12.5"), certain("12.500"), certain("1.234"), certain("1000.125"), certain("12.000"), certain("7")
    ('12.5', '12.5', '1.2340', '1000.125', '12', '7')
    """
    whole, point, part = text.partition(".")
    if not point or len(part) != 3 or not re.fullmatch(r"-?[1-9]\d{0,2}", whole):
        return text
    part = part.rstrip("0")
    return f"{whole}.{part}0" if len(part) == 3 else f"{whole}.{part}" if part else whole


def written(number):
    """Return a number as a text that means only this number.

    >>> written(12500.0), written(12.5), written(1.234), written(-0.125), written(1e15)
    ('12500', '12.5', '1.2340', '-0.125', '1000000000000000')
    """
    text = format(Decimal(repr(number)).normalize(), "f")
    return certain(text)


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

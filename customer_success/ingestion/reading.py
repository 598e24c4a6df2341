"""Read rows of use: what came in becomes typed values, or is refused by field and in words."""

from contextlib import suppress
from datetime import date, timedelta
from math import isfinite

from ..scoring.use import DEGREES

CUSTOMER_KEYS = ("customer_external_id", "customer_ref", "customer_vat")
PRODUCT_KEYS = ("product_external_id", "product_code")
COUNTS = ("licensed_users", "active_users")
FIGURES = COUNTS + DEGREES
# Also the columns of the file, in the order of its template.
COLUMNS = (*CUSTOMER_KEYS, *PRODUCT_KEYS, "date", "period", "source", *FIGURES)

EARLIEST = date(2000, 1, 1)
MOST_USERS = 10**12
LONGEST_NAME = 256

_KNOWN = frozenset(COLUMNS)
# What a file leaves empty, and what a caller leaves out.
_ABSENT = object()


class Reject(Exception):
    """A row that cannot land: the field, and why in words."""

    def __init__(self, field, message):
        super().__init__(message)
        self.field = field
        self.message = message


class Reader:
    """Reads one row after the other; knows the day, and the language to refuse in.

    >>> reader = Reader(date(2026, 6, 15), lambda text, *args, **kwargs: text % (args or kwargs))
    >>> reader.parse({"customer_ref": "C-1", "product_code": "P", "date": "2026-05-20", "active_users": 7})
    ((None, 'C-1', None), (None, 'P'), datetime.date(2026, 5, 1), 'month', 'measured', {'active_users': 7})
    >>> reader.parse({"customer_ref": "C-1", "product_code": "P", "date": "2026-05-20",
    ...              "quality": 101})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    Reject: A degree goes from 0 to 100, not 101.
    """

    def __init__(self, today, translate):
        self._ = translate
        self.latest = today + timedelta(days=1)  # where it is tomorrow already
        self.starts = {}  # (text, period) -> first day: a delivery has few days and many rows

    def parse(self, row):
        """Return ``(customer keys, product keys, first day, period, source, figures)`` or raise ``Reject``."""
        if not isinstance(row, dict):
            raise Reject(None, self._("A row is a set of fields with their values."))
        if not _KNOWN.issuperset(row):
            self._refuse_columns(row)
        customer = tuple([self._name(row, key) for key in CUSTOMER_KEYS])
        if not any(customer):
            raise Reject(
                "customer_ref",
                self._("A row names its customer by external id, reference or VAT number."),
            )
        product = tuple([self._name(row, key) for key in PRODUCT_KEYS])
        if not any(product):
            raise Reject(
                "product_code",
                self._("A row names its product by external id or internal reference."),
            )
        period = self._choice(row, "period", ("month", "week"))
        source = self._choice(row, "source", ("measured", "assessed"))
        start = self._start(row.get("date"), period)
        figures = {}
        for field in FIGURES:
            value = row.get(field, _ABSENT)
            if value is not _ABSENT and value != "":
                unknown = value is None or value == "null"
                figures[field] = None if unknown else self._number(field, value)
        if not figures:
            raise Reject("active_users", self._("A row brings at least one figure."))
        return customer, product, start, period, source, figures

    def _refuse_columns(self, row):
        strange = next(key for key in row if key not in _KNOWN)
        field = strange[:LONGEST_NAME] if isinstance(strange, str) else str(strange)
        raise Reject(field, self._("There is no field “%s”.", field))

    def _name(self, row, key):
        text = row.get(key)
        if text is None or text is False or text == "null":
            return None
        if not isinstance(text, str):
            if isinstance(text, int) and not isinstance(text, bool):
                return str(text)
            raise Reject(key, self._("A name or number is wanted here."))
        text = text.strip()
        if len(text) > LONGEST_NAME:
            raise Reject(key, self._("This is longer than %d characters.", LONGEST_NAME))
        if not text.isprintable() and not _storable(text):
            raise Reject(key, self._("This text has characters that cannot be stored."))
        return text or None

    def _choice(self, row, key, options):
        value = row.get(key)
        if not value:
            return options[0]
        if isinstance(value, str) and value.strip().lower() in options:
            return value.strip().lower()
        raise Reject(
            key,
            self._(
                "“%(value)s” is none of: %(options)s.",
                value=str(value)[:LONGEST_NAME],
                options=", ".join(options),
            ),
        )

    def _start(self, text, period):
        key = (text, period) if isinstance(text, str) else None
        if key in self.starts:
            return self.starts[key]
        if not text:
            raise Reject("date", self._("Use needs the period it is of."))
        try:
            day = date.fromisoformat(text.strip()[:10])
            if text.strip()[10:].strip("T 0:Z"):
                raise ValueError
        except (ValueError, AttributeError):
            shown = str(text)[:LONGEST_NAME]
            raise Reject(
                "date", self._("“%s” is not a date; write it as 2026-01-31.", shown)
            ) from None
        if not EARLIEST <= day <= self.latest:
            raise Reject("date", self._("A period of use starts between the year 2000 and today."))
        start = day.replace(day=1) if period == "month" else day - timedelta(days=day.weekday())
        if len(self.starts) < 10_000:
            self.starts[key] = start
        return start

    def _number(self, field, value):
        kind = type(value)
        number = value if kind in (int, float) else None
        if kind is str:
            with suppress(ValueError):
                number = float(value) if "_" not in value else None
        if number is None or (kind is not int and not isfinite(number)):
            shown = str(value)[:LONGEST_NAME]
            raise Reject(field, self._("“%s” is not a number; write it as 1234.5.", shown))
        if field in COUNTS:
            if not 0 <= number <= MOST_USERS:
                raise Reject(
                    field, self._("A number of users is 0 or more, not %s.", str(value)[:40])
                )
            if number != int(number):
                raise Reject(field, self._("%s is not a whole number.", value))
            return int(number)
        if not 0 <= number <= 100:
            raise Reject(field, self._("A degree goes from 0 to 100, not %s.", str(value)[:40]))
        return round(number, 1)


def _storable(text):
    return "\x00" not in text and not any(0xD800 <= ord(char) <= 0xDFFF for char in text)

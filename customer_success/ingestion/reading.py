"""The reading of usage rows: raw values become typed values, or are refused with the column and a message."""

from datetime import timedelta
from difflib import get_close_matches

from ..scoring.limits import EARLIEST_USE, MOST_FIGURE
from ..scoring.numerals import SHARE, rounded
from ..scoring.use import DEGREES
from .rejections import Reject
from .values import LONGEST_NAME, NULL
from .weeks import UnsaidWeeks

CUSTOMER_KEYS = ("customer_external_id", "customer_ref", "customer_vat", "customer_name")
PRODUCT_KEYS = ("product_external_id", "product_code", "product_name")
COUNTS = ("licensed_users", "active_users")
FIGURES = COUNTS + DEGREES
# These are also the columns of the file, in the order of its template.
CONFIRMED = "confirmed"
WEEK_START = "week_start"
COLUMNS = (
    *CUSTOMER_KEYS,
    *PRODUCT_KEYS,
    "contract_number",
    "date",
    "period",
    "source",
    *FIGURES,
    CONFIRMED,
    WEEK_START,
)

MOST_USERS = MOST_FIGURE
PERIODS = ("month", "week")
SOURCES = ("measured", "assessed")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DECIMALS = 1  # the number of decimals of a degree


def check_columns(row, known, translate):
    """Refuse a row with a value in an unknown column, so that a mistyped column name does not lose a figure.

    >>> check_columns({"a": 1, "": "", "c": None}, frozenset("abc"), str)
    """
    if known.issuperset(row):
        return
    for column, value in row.items():
        if column in known or (type(value) is str and not value.strip()):
            continue
        shown = str(column)[:LONGEST_NAME]
        close = get_close_matches(shown, known, 1)
        raise Reject(
            "unknown_column",
            shown,
            translate(
                "There is no field “%(field)s”. Did you mean “%(close)s”?",
                field=shown,
                close=close[0],
            )
            if close
            else translate("There is no field “%s”.", shown),
        )


class UseReader:
    """A reader of the usage values of a row, with the column names of a file or of the API.

    >>> from datetime import date
    >>> from .values import Values
    >>> reader = UseReader(Values(lambda text: text, date(2026, 6, 15)))
    >>> reader.period({"date": "2026-05-20"}), reader.period({"date": "2026-05-20", "period": "Week"})
    ((datetime.date(2026, 5, 1), 'month', 'measured'), (datetime.date(2026, 5, 18), 'week', 'measured'))
    >>> reader.period({"date": "2026-05-20", "period": "week", "week_start": "Sunday"})[0]
    datetime.date(2026, 5, 17)
    >>> reader.figures({"active_users": "7", "quality": 33.349, "timely": None, "accuracy": " "})
    {'active_users': 7, 'timely': None, 'quality': 33.3}
    >>> reader.figures({"quality": 101})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    Reject: A degree goes from 0 to 100, not 101.
    """

    def __init__(self, values, date="date", period="period", source="source"):
        self.values = values
        self._ = values._
        self.columns = date, period, source
        self.weeks = UnsaidWeeks(values.today)
        # Translated once, because the lookup of a translation takes longer than the reading of a row.
        self._no_period = self._("A period of use starts between the year 2000 and today.")
        self._no_users = self._("A number of users is 0 or more, not %s.")
        self._no_degree = self._("A degree goes from 0 to 100, not %s.")

    def period(self, row):
        """Return the first day of the period, its kind and the source.

        A week starts on Monday, unless the row names another day.
        """
        date_column, period_column, source_column = self.columns
        period = self.values.choice(row, period_column, PERIODS) or PERIODS[0]
        source = self.values.choice(row, source_column, SOURCES) or SOURCES[0]
        day = self.values.date(
            row, date_column, EARLIEST_USE, self.values.tomorrow, self._no_period
        )
        if day is None:
            raise Reject(
                "missing", date_column, self._("A row of usage needs the date of its period.")
            )
        first = self.week_start(row)
        if period == "month":
            return day.replace(day=1), period, source
        if not first:
            self.weeks.see(day)
        into = (day.weekday() - WEEKDAYS.index(first or WEEKDAYS[0])) % 7
        return day - timedelta(days=into), period, source

    def week_start(self, row):
        """Return the day on which a row says that its week starts, or ``None``."""
        return self.values.choice(row, WEEK_START, WEEKDAYS) if WEEK_START in row else None

    def is_confirmed(self, row):
        """Return True if the row says that its figures are right although they are hard to believe."""
        if CONFIRMED not in row:
            return False
        value = row[CONFIRMED]
        return value is True or self.values.choice(row, CONFIRMED, ("yes", "no")) == "yes"

    def figures(self, row):
        """Return the figures of a row; ``None`` means that a figure is unknown."""
        found = {}
        for column in FIGURES:
            if column not in row:
                continue
            value = row[column]
            if value is None or type(value) is str:
                value = self.values.given(row, column)
                if value is None:
                    continue
            found[column] = None if value == NULL else self._figure(column, value)
        if not found:
            raise Reject("missing", "active_users", self._("A row needs at least one figure."))
        return found

    def _figure(self, column, value):
        if column in COUNTS:
            return self.values.whole(column, value, MOST_USERS, self._no_users)
        return rounded(self.values.number(column, value, 100, self._no_degree, SHARE), DECIMALS)


class Reader:
    """A reader of rows of the API, one after the other; a file of usage has the same columns.

    >>> from datetime import date
    >>> from .values import Values
    >>> reader = Reader(Values(lambda text: text, date(2026, 6, 15)))
    >>> reader.parse({"customer_ref": "C-1", "product_code": "P", "date": "2026-05-20", "active_users": 7})
    ((None, 'C-1', None, None), (None, 'P', None), False, datetime.date(2026, 5, 1), 'month', 'measured', {'active_users': 7})
    """

    KNOWN = frozenset(COLUMNS)

    def __init__(self, values):
        self._ = values._
        self.values = values
        self.use = UseReader(values)

    def parse(self, row):
        """Return the values of a row, or raise ``Reject``.

        The values are ``(customer's names, product's names, is confirmed, first day, period, source, figures)``.
        """
        if not isinstance(row, dict):
            raise Reject("no_row", None, self._("A row must be a set of fields with their values."))
        check_columns(row, self.KNOWN, self._)
        customer = tuple([self.values.name(row, key) for key in CUSTOMER_KEYS])
        if not any(customer):
            raise Reject(
                "missing",
                "customer_ref",
                self._(
                    "A row must name its customer by external id, reference, VAT number or name."
                ),
            )
        product = tuple([self.values.name(row, key) for key in PRODUCT_KEYS])
        if not any(product):
            raise Reject(
                "missing",
                "product_code",
                self._("A row must name its product by external id, internal reference or name."),
            )
        confirmed = self.use.is_confirmed(row)
        return customer, product, confirmed, *self.use.period(row), self.use.figures(row)

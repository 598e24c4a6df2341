"""The matching of a table to our columns: which column is which, how it is written, and what its values mean to us."""

from collections import Counter
from functools import lru_cache, partial
from itertools import islice

from ..scoring.numerals import BARE, MONEY, SHARE, amount_parts, decimal_mark, number_text
from .forms import Evidence, date_of, date_order

DATES = frozenset(
    {
        "go_live_date",
        "date_start",
        "date_renewal",
        "date_notice",
        "notice_given_on",
        "date_outcome",
        "change_from",
        "usage_date",
        "date",
        "last_active",
    }
)
AMOUNTS = frozenset(
    {"annual_value", "monthly_value", "renewed_value", "notice_value", "change_value"}
)
WHOLE = frozenset(
    {
        "seats",
        "renewed_seats",
        "notice_seats",
        "change_seats",
        "notice_period",
        "following_months",
        "licensed_users",
        "active_users",
    }
)
DEGREES = frozenset({"as_intended", "timely", "quality", "frequency", "in_place", "accuracy"})
MOST_SHARE = 200  # a price rise; degrees go to 100
NUMBERS = AMOUNTS | WHOLE | DEGREES | {"price_rise"}
# The columns whose values are names of ours, and those whose values are words of ours.
NAMED = (
    "stage",
    "csm",
    "company",
    "product",
    "product_code",
    "product_name",
    "replaced_by",
    "currency",
    "reason",
    "notice_reason",
)
WORDS = {
    "outcome": ("pending", "renewed", "expanded", "contracted", "churned"),
    "value_period": ("year", "half-year", "quarter", "month"),
    "usage_period": ("month", "week"),
    "period": ("month", "week"),
    "usage_source": ("measured", "assessed"),
    "source": ("measured", "assessed"),
    "new_customer": ("yes", "no"),
    "end_is_last_day": ("yes", "no"),
    "auto_renew": ("yes", "no"),
    "notice_unit": ("days", "weeks", "months"),
    "notice_to": ("term", "month", "quarter"),
    "notice_kind": ("end", "reduce"),
    "confirmed": ("yes", "no"),
    "licensed": ("yes", "no"),
}
MATCHED = (*NAMED, *WORDS)
# What a value that is left out means in a mapping.
LEFT_OUT = ""
MOST_VALUES = 1000
FIRST_ROWS = 20

_order = lru_cache(100_000)(date_order)
_decimal = lru_cache(100_000)(decimal_mark)


@lru_cache(100_000)
def _day_text(cell, order):
    day = date_of(cell, order)
    return day.isoformat() if day else str(cell)


_whole = lru_cache(100_000)(partial(decimal_mark, whole=True))
_share = lru_cache(100_000)(partial(decimal_mark, high=MOST_SHARE))


def _judge(column):
    """Return the judge of the decimal mark of a cell in a column."""
    return _whole if column in WHOLE else _decimal if column in AMOUNTS else _share


def _kind(column):
    """Return what may be written beside a number of a column."""
    return MONEY if column in AMOUNTS else BARE if column in WHOLE else SHARE


def folded(value):
    """Return a value as it is compared: without case.

    >>> folded("Closed Won "), folded(12)
    ('closed won', '12')
    """
    return str(value).strip().casefold()


class Scan:
    """One pass over a table with its matched columns: the forms, the values to match, the first rows.

    ``columns`` are ``{heading: column}``. The memory that it needs does not grow with the number of rows. ``most`` are
    the rows to read if not all are needed.
    """

    def __init__(self, table, columns, most=None):
        self.rows = self.ragged = 0
        self.first = []  # (number, cells)
        self.values = {}  # column -> Counter of texts
        self.last_day = None
        places = [(place, columns.get(heading)) for place, heading in enumerate(table.headings)]
        dates = [(place, Evidence(_order)) for place, column in places if column in DATES]
        numbers = [
            (place, Evidence(_judge(column))) for place, column in places if column in NUMBERS
        ]
        named = [(place, column) for place, column in places if column in MATCHED]
        marked = [place for place, column in places if column in AMOUNTS]
        self.values = {column: Counter() for _place, column in named}
        if marked and "currency" not in self.values and "annual_value" in _money(columns):
            self.values["currency"] = Counter()
        marked = marked if "currency" in self.values else []
        active = next((place for place, column in places if column == "last_active"), None)
        self.evidence = {table.headings[place]: evidence for place, evidence in dates + numbers}
        for number, cells in islice(table.rows(), most):
            self.rows += 1
            if cells is None:
                self.ragged += 1
                continue
            if len(self.first) < FIRST_ROWS:
                self.first.append((number, cells))
            self._weigh(number, cells, dates + numbers)
            for place, column in named:
                if cells[place] is not None:
                    self._count(column, cells[place])
            for place in marked:
                if mark := currency_mark(cells[place]):
                    self._count("currency", mark)
            if active is not None and cells[active] is not None:
                self._note_day(cells[active])

    @staticmethod
    def _weigh(number, cells, evidences):
        for place, evidence in evidences:
            if type(cells[place]) is str:  # a real date or number says nothing of the form
                evidence.see(number, cells[place])

    def _count(self, column, value):
        counter = self.values[column]
        text = str(value).strip()
        if text in counter or len(counter) < MOST_VALUES:
            counter[text] += 1

    def _note_day(self, cell):
        """Remember the last day of activity, as far as it can be read without knowing the order of day and month."""
        days = [day for order in ("day", "month") if (day := date_of(cell, order))]
        if days and (self.last_day is None or min(days) > self.last_day):
            self.last_day = min(days)


def _money(columns):
    """Return the columns of ours to which amounts of a file lead; a value of a month becomes an annual one."""
    found = set(columns.values()) & AMOUNTS
    return found | {"annual_value"} if found else found


def currency_mark(cell):
    """Return the currency that is written beside an amount, ``None`` if there is none.

    >>> currency_mark("48 500,00 €"), currency_mark("95 %"), currency_mark("12"), currency_mark(12)
    ('€', None, None, None)
    """
    if type(cell) is not str:
        return None
    parts = amount_parts(cell)
    return parts[1] if parts and parts[1] != "%" else None


class Matcher:
    """The conversion of the rows of a table to rows in our columns.

    ``columns`` are ``{heading: column}``, ``forms`` ``{heading: order or decimal mark}`` and ``values``
    ``{column: {value: ours}}``; ``fixed`` are the values of columns that the table does not have. A cell that cannot be read stays as it is, and is refused with the row.

    >>> matcher = Matcher(
    ...     ["Firm", "ARR", "Ends", "Phase"],
    ...     {"Firm": "customer", "ARR": "annual_value", "Ends": "date_renewal", "Phase": "stage"},
    ...     {"ARR": "comma", "Ends": "day"},
    ...     {"stage": {"live": "Effective use"}, "currency": {"€": "EUR"}},
    ... )
    >>> matcher.row(["Acme", "48.500,00 €", "03/04/2026", "LIVE"])
    {'customer': 'Acme', 'annual_value': '48500.00', 'currency': 'EUR', 'date_renewal': '2026-04-03', 'stage': 'Effective use'}
    >>> matcher.row(["Acme", "many", None, "new"])
    {'customer': 'Acme', 'annual_value': 'many', 'stage': 'new'}
    """

    def __init__(self, headings, columns, forms, values, fixed=None):
        self.columns = [
            (place, columns[heading], forms.get(heading))
            for place, heading in enumerate(headings)
            if columns.get(heading)
        ]
        self.values = {
            column: {folded(value): ours for value, ours in said.items()}
            for column, said in values.items()
        }
        matched = {column for _place, column, _form in self.columns}
        self.fixed = {
            column: ours for column, ours in (fixed or {}).items() if column not in matched
        }
        self.has_currency = any(column == "currency" for _place, column, _form in self.columns)

    def row(self, cells):
        """Return a row of cells in our columns, without the empty ones."""
        row, mark = dict(self.fixed), None
        for place, column, form in self.columns:
            cell = cells[place]
            if cell is None:
                continue
            if column in DATES:
                row[column] = _day_text(cell, form)
            elif column in NUMBERS:
                if type(cell) is str and cell.isdecimal() and cell.isascii():
                    row[column] = cell  # the usual case
                    continue
                number = number_text(cell, form, _kind(column))
                if column in AMOUNTS and (said := currency_mark(cell)):
                    said = self._ours("currency", said)
                    if mark not in (None, said):
                        number = None  # two currencies in one row
                    mark = said
                    if not self.has_currency and number:
                        row[column] = number
                        row["currency"] = said
                        continue
                row[column] = str(cell) if number is None else number
            else:
                ours = self._ours(column, cell)
                if ours != LEFT_OUT:
                    row[column] = ours
        if mark and self.has_currency and row.get("currency") not in (None, mark):
            row["currency"] = f"{mark} / {row['currency']}"  # which of them is meant is not known
        return row

    def _ours(self, column, cell):
        text = str(cell)
        if column not in self.values:
            return text
        return self.values[column].get(folded(text), text)


class Problem:
    """A column of which it is not known how it is written: a question to be asked, or a contradiction to be mended."""

    def __init__(self, heading, is_date, *, example=None, proofs=(), given=None):
        self.heading = heading
        self.is_date = is_date
        self.example = example  # the cell that may be read in two ways
        self.proofs = (
            proofs  # the rows and cells that contradict each other, or the form that was given
        )
        self.given = given

    @property
    def is_question(self):
        """True if an answer settles it."""
        return self.example is not None

    def words(self, translate):
        """Return the question or the contradiction in words."""
        _ = translate
        if self.is_question:
            text = (
                _(
                    "Column “%(heading)s”: is “%(example)s” written with the day or with the month first?"
                )
                if self.is_date
                else _(
                    "Column “%(heading)s”: is “%(example)s” written with a decimal point or a decimal comma?"
                )
            )
            return text % {"heading": self.heading, "example": self.example}
        row, cell = self.proofs[0]
        if self.given:
            text = _(
                "Column “%(heading)s”: “%(cell)s” in row %(row)d is not written as the matching says."
            )
            return text % {"heading": self.heading, "cell": cell, "row": row}
        other_row, other = self.proofs[1]
        text = (
            _(
                "Column “%(heading)s” has dates with the day first and with the month first: “%(cell)s” in row %(row)d, "
                "“%(other)s” in row %(other_row)d. Make them alike and choose the file again."
            )
            if self.is_date
            else _(
                "Column “%(heading)s” has decimal points and decimal commas: “%(cell)s” in row %(row)d, “%(other)s” in "
                "row %(other_row)d. Make them alike and choose the file again."
            )
        )
        return text % {
            "heading": self.heading,
            "cell": cell,
            "row": row,
            "other": other,
            "other_row": other_row,
        }


def settle(scan, columns, given):
    """Return ``({heading: form}, [Problem])`` of the scanned columns, with the answers that were given.

    A column of which the form is open takes that of the other columns of the file, if these prove one.
    """
    forms, problems, open_ones = {}, [], []
    for heading, evidence in scan.evidence.items():
        is_date = columns[heading] in DATES
        answer = given.get(heading)
        if evidence.contradiction:
            problems.append(Problem(heading, is_date, proofs=evidence.contradiction))
        elif evidence.form and answer and answer != evidence.form:
            proof = evidence.proofs[evidence.form]
            problems.append(Problem(heading, is_date, proofs=[proof], given=answer))
        elif evidence.form or answer:
            forms[heading] = evidence.form or answer
        elif evidence.is_open:
            open_ones.append((heading, is_date, evidence.example))
    for heading, is_date, example in open_ones:
        others = {
            evidence.form
            for other, evidence in scan.evidence.items()
            if evidence.form and (columns[other] in DATES) == is_date
        }
        if len(others) == 1:
            forms[heading] = others.pop()
        else:
            problems.append(Problem(heading, is_date, example=example))
    return forms, problems

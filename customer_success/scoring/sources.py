"""The rules that turn contracts and subscriptions of other addons into renewals; plain values in and out."""

from dataclasses import dataclass
from datetime import date, timedelta

from .chain import USUAL_MONTHS, Chain, add_months, is_last_day

# A later end is a renewal if it moved by RENEWED_DAYS or more while the former end was due within DUE_DAYS;
# otherwise a date was corrected.
RENEWED_DAYS = 28
DUE_DAYS = 183
PER_YEAR = {
    "daily": 365.0,
    "days": 365.0,
    "weekly": 365.0 / 7,
    "weeks": 365.0 / 7,
    "monthly": 12.0,
    "months": 12.0,
    "monthlylastday": 12.0,
    "quarterly": 4.0,
    "semesterly": 2.0,
    "yearly": 1.0,
    "years": 1.0,
}


@dataclass
class LineState:
    """The state of one contract line today. ``key`` holds the ids of customer, product and company."""

    line: int
    key: tuple
    state: str  # live; gone: given up; over: ended without a known reason; waiting: not in force
    start: date = None
    end: date = None  # as the source writes it
    # False: the end is the first day after the term; None: as start and end look
    end_is_last_day: bool = False
    notice: date = None
    value: float = 0.0  # for one year
    seats: float = 0.0
    currency: int = None
    automatic: bool = False  # renews itself until somebody stops it; None: the source does not say
    resumed: bool = False  # continues after a break: the same term, later
    gone_on: date = None
    reason: str = ""
    note: str = ""
    source: str = ""
    buyer: int = None  # who buys it for the customer of the key

    @property
    def ends_with_last_day(self):
        """True if the end is the last day of the term, as the source says or as it looks."""
        if self.end_is_last_day is None:
            return is_last_day(self.start, self.end)
        return self.end_is_last_day


def per_year(amount, unit, interval):
    """Return the yearly amount for an amount that is due every ``interval`` units.

    >>> per_year(100.0, "monthly", 3), per_year(900.0, "years", 2), per_year(10.0, "daily", 1)
    (400.0, 450.0, 3650.0)
    """
    return amount * PER_YEAR[unit] / max(interval or 1, 1)


def anniversary(start, today, months=USUAL_MONTHS):
    """Return start and end of the current term of a contract without an end.

    Such a term goes from one anniversary to the next.

    >>> [str(day) for day in anniversary(date(2024, 2, 29), date(2026, 3, 1))]
    ['2026-02-28', '2027-02-28']
    >>> [str(day) for day in anniversary(date(2026, 7, 1), date(2026, 3, 1))]
    ['2026-07-01', '2027-07-01']
    >>> [str(day) for day in anniversary(date(2026, 1, 31), date(2026, 3, 1), 1)]
    ['2026-02-28', '2026-03-31']
    """
    chain = Chain.of(start, add_months(start, months), last_day=False)
    number = chain.nearest(max(today, start))
    while chain.start(number) > today and number:
        number -= 1
    while chain.end(number) <= today:
        number += 1
    return chain.start(number), chain.end(number)


def term_of(states):
    """Return the term that the live lines of one product form together; ``None`` without a live line.

    Its dates are those of the line with the highest value.

    >>> big = LineState(1, (), "live", date(2026, 1, 1), date(2027, 1, 1), value=900.0, seats=9)
    >>> small = LineState(2, (), "live", date(2026, 6, 1), date(2026, 9, 1), value=100.0, seats=1)
    >>> term = term_of([big, small, LineState(3, (), "gone", value=50.0)])
    >>> str(term.end), term.value, term.seats
    ('2027-01-01', 1000.0, 10)
    """
    live = [line_state for line_state in states if line_state.state == "live"]
    if not live:
        return None
    said = [line_state.automatic for line_state in live if line_state.automatic is not None]
    main = max(live, key=lambda line_state: (line_state.value, line_state.end, -line_state.line))
    same = [line_state for line_state in live if line_state.currency == main.currency]
    return LineState(
        **{
            **vars(main),
            "value": sum(line_state.value for line_state in same),
            "seats": round(sum(line_state.seats for line_state in live)),
            "automatic": any(said) if said else None,
            "source": ", ".join(
                dict.fromkeys(line_state.source for line_state in live if line_state.source)
            ),
        }
    )


def is_renewed(term, end_before, today):
    """Return whether a term with a later end is a new term; else it is the same with a corrected date.

    >>> term = LineState(1, (), "live", date(2025, 1, 1), date(2028, 1, 1))
    >>> is_renewed(term, date(2027, 1, 1), date(2026, 12, 1))
    True
    >>> is_renewed(term, date(2027, 12, 15), date(2027, 12, 1))  # two weeks of grace
    False
    >>> is_renewed(term, date(2027, 1, 1), date(2026, 1, 2))  # far off: the date was wrong
    False
    """
    return (
        not term.resumed
        and term.end >= end_before + timedelta(days=RENEWED_DAYS)
        and end_before <= today + timedelta(days=DUE_DAYS)
    )

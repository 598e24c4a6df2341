"""Chains of contract terms: each end is counted from the first term, so that no date drifts; plain dates in and out.

A *boundary* is the first day of a term. The end of a term is written in one of two ways: as its last day, or as the first
day of the next term, which is the boundary itself.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
# The length of a term whose start is unknown.
USUAL_MONTHS = 12
# Lengths in days that contracts name; a term of one of them is counted in days, not to the end of a month.
ROUND_DAYS = {30, 60, 90, 120, 180, 360, 365}
UNITS = ("days", "weeks", "months")
TARGETS = ("term", "month", "quarter")
QUARTER = 3
LAST = 31  # the day of the month that stands for the last one of any month


def _index(day):
    return day.year * 12 + day.month - 1


def _in_month(index, day):
    """Return this day of a month, or its last day if the month has no such day."""
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))


def is_month_end(day):
    """Return whether a day is the last one of its month.

    >>> is_month_end(date(2024, 2, 29)), is_month_end(date(2024, 2, 28))
    (True, False)
    """
    return day.day == monthrange(day.year, day.month)[1]


def add_months(day, months):
    """Return the same day of the month some months later, or the last day of a month without it.

    >>> str(add_months(date(2026, 1, 31), 1))
    '2026-02-28'
    """
    return _in_month(_index(day) + months, day.day)


def day_after(end, is_last_day):
    """Return the first day after a term that ends on ``end``.

    >>> str(day_after(date(2026, 12, 31), True)), str(day_after(date(2026, 12, 31), False))
    ('2027-01-01', '2026-12-31')
    """
    return end + DAY if is_last_day and end < date.max else end


def is_last_day(start, end):
    """Return whether the end of a term is its last day; otherwise it is the first day of the next term.

    A length of whole months decides; then a length of a round number of days; then the end of a month, and whole weeks
    from a Monday to a Sunday. Everything else is read as the first day of the next term.

    >>> is_last_day(date(2026, 1, 1), date(2026, 12, 31)), is_last_day(date(2026, 1, 1), date(2027, 1, 1))
    (True, False)
    >>> is_last_day(date(2026, 1, 31), date(2026, 2, 28))  # from the end of a month to the end of the next
    False
    >>> is_last_day(date(2026, 2, 15), date(2027, 2, 28))  # a year, to the end of the month
    True
    >>> is_last_day(date(2026, 6, 1), date(2026, 6, 28)), is_last_day(date(2026, 6, 1), date(2026, 6, 29))
    (True, False)
    >>> is_last_day(None, date(2026, 12, 31)), is_last_day(None, date(2027, 1, 1))
    (True, False)
    """
    if not start:
        return is_month_end(end)
    if start >= end or _months_between(start, end, False):
        return False
    if _months_between(start, day_after(end, True), True):
        return True
    length = (end - start).days
    if length in ROUND_DAYS:
        return False
    monday_to_sunday = start.weekday() == 0 and end.weekday() == 6
    return length + 1 in ROUND_DAYS or is_month_end(end) or monday_to_sunday


def _months_between(start, after, last_day):
    """Return ``(months, day)`` of a term of whole months, from its first day to the day after it; else ``None``."""
    months = _index(after) - _index(start)
    if months < 1:
        return None
    if not last_day and is_month_end(start) and is_month_end(after):
        return months, LAST
    if after == _in_month(_index(after), start.day):
        return months, start.day
    if (
        is_month_end(start) and after.day > start.day
    ):  # the start is a day that its month does not have
        return months, after.day
    if last_day and is_month_end(start) and after.day == 1 and months > 1:
        return months - 1, 1  # from the last day of a month to and including that of another
    return None


def _to_month_end(start, after, last_day):
    """Return ``(months, day)`` of a term of some months and on to the end of a month; else ``None``."""
    if after.day != 1 and (last_day or not is_month_end(after)):
        return None
    months = _index(after) - _index(start) - (after.day < start.day)
    return (months, 1 if after.day == 1 else LAST) if months > 0 else None


@dataclass(frozen=True)
class Notice:
    """A notice period: a number of days, weeks or months before the end of the term, of a month or of a quarter."""

    number: int
    unit: str = "months"
    to: str = "term"

    def before(self, boundary, day):
        """Return the day that lies the period before a boundary; ``day`` is that of the month, for months."""
        if self.unit == "months":
            return _in_month(_index(boundary) - self.number, day)
        return boundary - timedelta(days=self.number * (7 if self.unit == "weeks" else 1))


@dataclass(frozen=True)
class Chain:
    """The terms that follow from a first one, however often it is renewed; term 0 is the first.

    >>> chain = Chain.of(date(2026, 1, 31), date(2026, 2, 28))
    >>> [str(chain.end(number)) for number in range(4)]
    ['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']
    >>> chain = Chain.of(date(2026, 1, 1), date(2026, 12, 31))
    >>> chain.last_day, str(chain.start(1)), str(chain.end(1))
    (True, '2027-01-01', '2027-12-31')
    """

    first: date  # the first day of the first term
    second: date  # the first day after it
    months: int  # the length in months, or 0 if it is counted in days
    day: int  # the day of the month on which terms begin; LAST: its last day
    last_day: bool  # an end is the last day of its term

    @classmethod
    def of(cls, start, end, last_day=None, following=0):
        """Return the chain of a first term; ``last_day`` says how its end is meant, ``None``: as it looks.

        Without a start, the term is of :data:`USUAL_MONTHS`. ``following`` is the length in months of the terms after it, 0:
        that of the first one.

        >>> str(Chain.of(None, date(2026, 3, 1)).end(1))
        '2027-03-01'
        >>> str(Chain.of(date(2026, 2, 15), date(2027, 2, 28)).end(1))
        '2028-02-29'
        >>> chain = Chain.of(date(2025, 12, 31), date(2027, 2, 28), following=12)  # 14 months, then yearly
        >>> [str(chain.end(number)) for number in range(3)]
        ['2027-02-28', '2028-02-29', '2029-02-28']
        """
        if last_day is None:
            last_day = is_last_day(start, end)
        after = day_after(end, last_day)
        if not start:
            day = LAST if is_month_end(after) else after.day
            start = _in_month(max(_index(after) - USUAL_MONTHS, 12), day)
        if start >= after:  # nothing that could follow; such a term is refused elsewhere
            return cls(start, max(after, start + DAY), 0, 0, bool(last_day))
        found = _months_between(start, after, last_day)
        if not found and (end - start).days + last_day not in ROUND_DAYS:
            found = _to_month_end(start, after, last_day)
        months, day = found or (0, 0)
        if following and not (months and day):
            day = after.day
        return cls(start, after, following or months, day, bool(last_day))

    def begun_on(self, first):
        """Return the chain with these terms of whole months that began on ``first``.

        >>> later = Chain.of(date(2026, 2, 28), date(2026, 3, 30))
        >>> str(later.begun_on(date(2026, 1, 30)).second)
        '2026-02-28'
        """
        at_end = self.day == LAST and is_month_end(first)
        second = _in_month(_index(first) + self.months, LAST if at_end else first.day)
        return Chain.of(first, second - self.last_day * DAY, self.last_day)

    def start(self, number):
        """Return the first day of a term."""
        if number < 1:
            return self.first
        if self.months:
            return _in_month(_index(self.second) + (number - 1) * self.months, self.day)
        return self.second + (number - 1) * (self.second - self.first)

    def end(self, number):
        """Return the end of a term, written as that of the first one."""
        return self.start(number + 1) - self.last_day * DAY

    def nearest(self, end):
        """Return the number of the term whose end is nearest to ``end``.

        >>> Chain.of(date(2026, 1, 31), date(2026, 2, 28)).nearest(date(2026, 4, 28))  # two days early
        2
        """
        after = day_after(end, self.last_day)
        if self.months:
            about = (_index(after) - _index(self.second)) // self.months
        else:
            about = (after - self.second).days // (self.second - self.first).days
        near = range(max(about - 1, 0), max(about, 0) + 2)
        return min(near, key=lambda number: abs(self.end(number) - end))

    def has(self, start, end):
        """Return whether a term is one of the chain.

        >>> chain = Chain.of(date(2026, 1, 30), date(2026, 2, 28))
        >>> chain.has(date(2026, 2, 28), date(2026, 3, 30)), chain.has(date(2026, 2, 28), date(2026, 3, 28))
        (True, False)
        """
        number = self.nearest(end)
        return (self.start(number), self.end(number)) == (start, end)

    def follows(self, before, start, end):
        """Return whether a term is the one after that which ends on ``before``, even if that is not a day of the chain.

        >>> Chain.of(date(2023, 2, 28), date(2024, 2, 29)).follows(date(2026, 3, 2), date(2026, 3, 2), date(2027, 2, 28))
        True
        """
        try:
            return (start, end) == self.next_term(before)
        except (OverflowError, ValueError):  # there is no such date
            return False

    def next_term(self, end):
        """Return first day and end of the term after the one that ends on ``end``.

        It begins where that term ends, even if that is not a day of the chain, and ends on a day of the chain.

        >>> chain = Chain.of(date(2026, 1, 31), date(2026, 2, 28))
        >>> [str(day) for day in chain.next_term(date(2026, 3, 28))]
        ['2026-03-28', '2026-04-30']
        """
        return day_after(end, self.last_day), self.end(self.nearest(end) + 1)

    # ------------------------------------------------------------------------------------------
    # Notice
    # ------------------------------------------------------------------------------------------

    def notice_day(self, end, notice):
        """Return the last day on which notice may be given in the term that ends on ``end``.

        It is counted from the end as it is written: full months lie between it and an end that is a last day.

        >>> half_years = Chain.of(date(2026, 7, 1), date(2026, 12, 31))
        >>> [str(half_years.notice_day(half_years.end(number), Notice(3))) for number in range(3)]
        ['2026-09-30', '2027-03-31', '2027-09-30']
        >>> year = Chain.of(date(2026, 2, 15), date(2027, 2, 14))
        >>> str(year.notice_day(year.end(0), Notice(6, "weeks", "quarter")))  # six weeks to 31 December
        '2026-11-19'
        """
        after = day_after(end, self.last_day)
        if notice.to != "term":
            to = end + DAY if is_month_end(end) else after
            months = QUARTER if notice.to == "quarter" else 1
            return notice.before(_in_month(_index(to) // months * months, 1), 1) - DAY
        day = after.day
        if self.months and self.end(self.nearest(end)) == end:
            day = self.day
        return notice.before(after, day) - self.last_day * DAY

    def notice_of(self, end, day):
        """Return the notice period that leads to this day in the term that ends on ``end``, or ``None`` without one.

        Whole months go first, then months to the end of the month with which the term ends, then whole weeks, then days.

        >>> half_years = Chain.of(date(2026, 7, 1), date(2026, 12, 31))
        >>> half_years.notice_of(date(2026, 12, 31), date(2026, 9, 30))
        Notice(number=3, unit='months', to='term')
        >>> half_years.notice_of(date(2026, 12, 31), date(2026, 11, 19)).unit
        'weeks'
        >>> Chain.of(date(2026, 7, 1), date(2027, 1, 1)).notice_of(date(2027, 1, 1), date(2026, 9, 30))
        Notice(number=3, unit='months', to='month')
        """
        if day >= end:
            return None
        months = _index(end) - _index(day)
        targets = ("term", "month") if day_after(end, self.last_day).day == 1 else ("term",)
        for to in targets:
            for number in (months, months + 1, months - 1):
                if number > 0 and self.notice_day(end, Notice(number, to=to)) == day:
                    return Notice(number, to=to)
        weeks, days = divmod((end - day).days, 7)
        return Notice((end - day).days, "days") if days else Notice(weeks, "weeks")

"""The weekly rows that do not say on which day their weeks start: which of them may be of a week that still runs."""

from datetime import timedelta

MONDAY = 0
WEEK = timedelta(days=7)


class UnsaidWeeks:
    """The weekly dates of a delivery without a day on which weeks start.

    If all of them fall on one day of the week other than Monday, weeks may start on that day. Then the last week may
    still run, although the week of its Monday is over.

    >>> from datetime import date
    >>> weeks = UnsaidWeeks(date(2026, 6, 15))
    >>> for number, day in enumerate((date(2026, 6, 7), date(2026, 6, 14))):
    ...     weeks.see(day)
    ...     weeks.note(number, {}, day - timedelta(days=6))
    >>> weeks.weekday(set()), weeks.weekday({2})
    (6, None)
    >>> [number for number, _row in weeks.may_run(6)]
    [1]
    """

    def __init__(self, today):
        self.today = today
        self.days = set()
        self.weekdays = set()  # 0 to 6, of these days
        self.first = None  # number of the first row
        self._last = []  # (number, row, Monday) of the rows of the last two weeks

    def see(self, day):
        """Take note of the date of a row."""
        if day not in self.days:
            self.days.add(day)
            self.weekdays.add(day.weekday())

    def note(self, number, row, monday):
        """Keep a row that will be stored under the week of this Monday, if that week may not be over yet."""
        if self.first is None:
            self.first = number
        if monday + 2 * WEEK > self.today and len(self.weekdays) < 2:
            self._last.append((number, row, monday))

    def weekday(self, earlier):
        """Return the one day of the week on which all dates fall, ``None`` if it is Monday or if there are several.

        ``earlier`` are the days of the week of earlier deliveries: a source that sends every day has many.
        """
        found = self.weekdays | earlier if self.days else set()
        return next(iter(found)) if len(found) == 1 and MONDAY not in found else None

    def may_run(self, weekday):
        """Return ``(number, row)`` of the rows whose weeks still run if weeks start on this day."""
        several = len(self.days) > 1
        return [
            (number, row)
            for number, row, monday in self._last
            if monday + timedelta(days=weekday) + WEEK > self.today
            # A single date in the running week is as well that of a source that sends every day.
            and (several or monday + WEEK <= self.today)
        ]

"""The moments at which a weekly workbook is due: a weekday and an hour in a time zone, converted to UTC."""

from datetime import UTC, datetime, time

import pytz
from dateutil.rrule import WEEKLY, rrule


def next_slot(after, weekday, hour, zone):
    """Return the first moment after ``after`` with this weekday and hour in the time zone; both are naive UTC.

    When the clocks change, the local hour counts: 7 o'clock stays 7 o'clock.

    >>> next_slot(datetime(2026, 6, 15, 4, 0), 0, 7.5, "Europe/Brussels")  # a Monday, 6:00 there
    datetime.datetime(2026, 6, 15, 5, 30)
    >>> next_slot(datetime(2026, 6, 15, 5, 30), 0, 7.5, "Europe/Brussels")
    datetime.datetime(2026, 6, 22, 5, 30)
    >>> next_slot(datetime(2026, 10, 24, 0, 0), 0, 7.5, "Europe/Brussels")  # winter time from the 25th on
    datetime.datetime(2026, 10, 26, 6, 30)
    >>> next_slot(datetime(2026, 3, 28, 12, 0), 6, 2.5, "Europe/Brussels")  # an hour that does not exist
    datetime.datetime(2026, 3, 29, 1, 30)
    >>> next_slot(datetime(2026, 10, 25, 0, 0), 6, 2.5, "Europe/Brussels")  # an hour that comes twice
    datetime.datetime(2026, 10, 25, 1, 30)
    >>> next_slot(datetime(2026, 8, 31, 6, 0), 0, 7.5, "Europe/Brussels")  # a Monday that is the 31st
    datetime.datetime(2026, 9, 7, 5, 30)
    >>> next_slot(datetime(2026, 12, 31, 23, 0), 4, 0, "Pacific/Auckland")  # a Friday already there
    datetime.datetime(2027, 1, 7, 11, 0)
    """
    place = pytz.timezone(zone)
    today = after.replace(tzinfo=UTC).astimezone(place).date()
    # The rule works in local time without summer time; each of its moments is placed in the time zone afterwards.
    walls = rrule(
        WEEKLY,
        dtstart=datetime.combine(today, time()),
        byweekday=weekday,
        byhour=int(hour),
        byminute=min(59, round(hour % 1 * 60)),
        bysecond=0,
    )
    moments = (place.localize(wall).astimezone(UTC).replace(tzinfo=None) for wall in walls)
    return next(moment for moment in moments if moment > after)

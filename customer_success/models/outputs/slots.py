"""When a weekly workbook is due: weekday and hour of a time zone, as moments of UTC."""

from datetime import UTC, datetime, time, timedelta

import pytz


def next_slot(after, weekday, hour, zone):
    """The first moment after ``after`` (naive UTC) that is this weekday and hour in the zone; naive UTC.

    Where the clocks change, the hour on the wall counts: 7 o'clock stays 7 o'clock.

    >>> next_slot(datetime(2026, 6, 15, 4, 0), 0, 7.5, "Europe/Brussels")  # a Monday, 6:00 there
    datetime.datetime(2026, 6, 15, 5, 30)
    >>> next_slot(datetime(2026, 6, 15, 5, 30), 0, 7.5, "Europe/Brussels")
    datetime.datetime(2026, 6, 22, 5, 30)
    >>> next_slot(datetime(2026, 10, 24, 0, 0), 0, 7.5, "Europe/Brussels")  # winter time from the 25th on
    datetime.datetime(2026, 10, 26, 6, 30)
    >>> next_slot(datetime(2026, 3, 28, 12, 0), 6, 2.5, "Europe/Brussels")  # an hour that does not exist
    datetime.datetime(2026, 3, 29, 1, 30)
    """
    place = pytz.timezone(zone)
    today = after.replace(tzinfo=UTC).astimezone(place).date()
    wall = time(int(hour), min(59, round(hour % 1 * 60)))
    for days in range((weekday - today.weekday()) % 7, 15, 7):
        slot = place.localize(datetime.combine(today + timedelta(days=days), wall))
        slot = slot.astimezone(UTC).replace(tzinfo=None)
        if slot > after:
            return slot
    raise AssertionError("a weekday comes back after a week")

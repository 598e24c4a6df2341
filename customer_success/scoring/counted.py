"""Counts and days as words, so that no text says "1 days" or a number that a formula has cut off."""

from datetime import date, timedelta

# Facts hold a day as the number of days after this one.
DAY_ZERO = date(2000, 1, 1)


def say_days(env, number):
    """Return a number of days as text; ``env`` is the environment or whatever else translates by ``_``.

    >>> class Plain:
    ...     @staticmethod
    ...     def _(text, *values):
    ...         return text % values
    >>> say_days(Plain, 1), say_days(Plain, 0), say_days(Plain, 30)
    ('1 day', '0 days', '30 days')
    """
    if number == 1:
        return env._("1 day")
    return env._("%d days", number)


def say_seats(env, number):
    """Return a number of seats as text; see :func:`say_days`.

    >>> class Plain:
    ...     @staticmethod
    ...     def _(text, *values):
    ...         return text % values
    >>> say_seats(Plain, 1), say_seats(Plain, 44.0)
    ('1 seat', '44 seats')
    """
    if number == 1:
        return env._("1 seat")
    return env._("%d seats", number)


def say_day(env, number):
    """Return the day with this number, see :data:`DAY_ZERO`, as a date in the reader's language.

    A day stays the same from night to night, where an age would grow and be cut off by a formula.
    """
    return env["ir.qweb.field.date"].value_to_html(DAY_ZERO + timedelta(days=int(number)), {})


def day_number(sql):
    """Return the SQL of the number of a day.

    >>> day_number("date_opened")
    "(date_opened - DATE '2000-01-01')"
    """
    return f"({sql} - DATE '{DAY_ZERO}')"

"""Counts as words, so that no text says "1 days"."""


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

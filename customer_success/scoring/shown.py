"""Risks as people see them: in whole percent, since more digits would say more than is known. More are stored."""

from math import floor


def whole(value):
    """Return a figure as a whole number; a half goes up, as in the web client and in Excel.

    >>> whole(24.5), whole(25.4), whole(0.4)
    (25, 25, 0)
    """
    return floor(value + 0.5 + 1e-9)


def whole_points(points, total=None):
    """Return points as whole numbers that add up to a ``total``, which without another one is their own sum.

    Each goes to one of the whole numbers beside it, so that none changes its sign.

    >>> whole_points([11.9, 7.3, -2.4]), whole_points([12.4, 0.3, -0.2, 0.0])
    ([12, 7, -2], [13, 0, 0, 0])
    >>> whole_points([0.2], 1), whole_points([])
    ([1], [])
    """
    found = list(map(whole, points))
    missing = (whole(sum(points)) if total is None else total) - sum(found)
    step = 1 if missing > 0 else -1
    furthest = sorted(range(len(found)), key=lambda n: (points[n] - found[n]) * step, reverse=True)
    for place in furthest[: abs(missing)]:
        found[place] += step
    return found


def say_range(env, low, high):
    """Return the range of a risk as text, empty if it is unknown; ``env`` is whatever translates by ``_``.

    >>> class Plain:
    ...     @staticmethod
    ...     def _(text, **values):
    ...         return text % values
    >>> say_range(Plain, 23.6, 46.2), say_range(Plain, False, False)
    ('24 to 46 %', '')
    """
    if low is None or low is False or high is None or high is False:
        return ""
    return env._("%(low)d to %(high)d %%", low=whole(low), high=whole(high))

"""Renewal risk: a logistic model whose every point is named, and contraction kept apart from it."""

from math import ceil, exp, log2

from .rules import apportion, tenth

# A factor at 60 neither raises nor lowers the risk; 20 points away from it are one unit.
NEUTRAL = 60.0
UNIT = 20.0
# Customers of two years neither raise nor lower the risk.
TENURE_NEUTRAL = 2
TENURE_LONGEST = 6
# Growth left in a term: customers rarely cut to exactly the seats in use.
SEAT_MARGIN = 1.1
# One bad quarter is not carried on at more than this, in %.
STEEPEST_FALL = 25.0


def sigmoid(z):
    """The logistic function, safe at both ends.

    >>> sigmoid(0), sigmoid(-1000), sigmoid(1000)
    (0.5, 0.0, 1.0)
    """
    if z < -700:
        return 0.0
    if z < 0:
        e = exp(z)
        return e / (1 + e)
    return 1 / (1 + exp(-z))


def deviations(values, renewal):
    """Turn known factors and the renewal's own facts into deviations; the unknown is left out.

    >>> from .facts import Renewal
    >>> deviations({"use": 40.0, "advisor": None}, Renewal(1, term_months=3, overdue=True))
    {'use': -1.0, 'term': 2.0, 'overdue': 1.0}
    """
    found = {code: (value - NEUTRAL) / UNIT for code, value in values.items() if value is not None}
    if renewal.tenure_years is not None:
        found["tenure"] = (min(renewal.tenure_years, TENURE_LONGEST) - TENURE_NEUTRAL) / 2
    if renewal.term_months:
        found["term"] = max(-1.0, min(log2(12 / renewal.term_months), 3.6))
    if renewal.overdue:
        found["overdue"] = 1.0
    return found


def leaving(found, coefficients):
    """The risk of leaving in %, and the lines that add up to it.

    ``found`` maps codes to deviations. The first line, ``base``, is the risk of a customer of whom
    nothing is known; each other line is what one deviation adds or takes, in percentage points: the
    Aumann-Shapley share, which for a logistic is the logit part times one common slope.

    >>> leaving({}, {"base": -2.0})
    (11.9, {'base': 11.9})
    >>> leaving({"use": -1.0, "tenure": 1.0}, {"base": -2.0, "use": -0.6, "tenure": -0.2})
    (16.8, {'base': 11.9, 'use': 7.3, 'tenure': -2.4})
    """
    base = coefficients.get("base", 0.0)
    parts = {code: coefficients[code] * dev for code, dev in found.items() if code in coefficients}
    shift = sum(parts.values())
    start = sigmoid(base)
    if abs(shift) > 1e-6:
        slope = (sigmoid(base + shift) - start) / shift
    else:
        slope = start * (1 - start)
    points = apportion([100 * start, *[100 * slope * part for part in parts.values()]])
    return tenth(sum(points)), dict(zip(("base", *parts), points))


def expected_use(active, moved, quarters):
    """How many will be active at the renewal, if use goes on as in the latest quarter.

    ``moved`` is the change of the latest quarter in %, ``quarters`` how many are left. Growth is not
    counted on, and a fall by no more than a quarter each.

    >>> expected_use(40, -50.0, 2), expected_use(40, 30.0, 2), expected_use(40, None, 2)
    (22.5, 40, 40)
    """
    if moved is None or moved >= 0:
        return active
    return active * (1 - min(-moved, STEEPEST_FALL) / 100) ** (quarters or 0)


def shrinking(risk, seats, active, coefficients):
    """The risk of renewing with fewer seats, in %, and the seats to expect.

    Returns ``(risk, reduced, expected, chance)`` or ``None`` when seats or users are unknown; ``risk`` is
    given that of leaving, in %, as who leaves cannot shrink: the two never add up to more than 100.
    ``chance`` is that of shrinking for who stays, in %, ``reduced`` the seats left then.

    >>> shrinking(20.0, 100, 40, {"shrink": -3.0, "idle": 5.0})
    (40.0, 44, 72.0, 50.0)
    >>> shrinking(20.0, 100, 100, {"shrink": -3.0, "idle": 5.0})
    (3.8, 100, 100.0, 4.7)
    >>> shrinking(20.0, None, 40, {}) is None
    True
    """
    if not seats or active is None:
        return None
    idle = max(0.0, 1 - active / seats)
    stays_smaller = sigmoid(coefficients.get("shrink", 0.0) + coefficients.get("idle", 0.0) * idle)
    reduced = min(seats, ceil(active * SEAT_MARGIN))
    expected = seats - stays_smaller * (seats - reduced)
    return (
        tenth((100 - risk) * stays_smaller),
        reduced,
        tenth(expected),
        tenth(100 * stays_smaller),
    )


def value_at_risk(value, risk, shrink, seats):
    """Money at risk: value x risk of leaving + value x risk of shrinking x share shrunk.

    >>> value_at_risk(1000.0, 20.0, (40.0, 44, 72.0, 50.0), 100)
    424.0
    >>> value_at_risk(1000.0, 20.0, None, None)
    200.0
    >>> value_at_risk(None, 20.0, None, None) is None
    True
    """
    if value is None:
        return None
    lost = value * risk / 100
    if shrink:
        lost += value * shrink[0] / 100 * (1 - shrink[1] / seats)
    return round(lost * 100) / 100

"""The churn risk, a logistic model in which every point has a name, and the contraction risk, which is separate."""

from math import ceil, exp, log2

from .rules import apportion, round_tenth
from .shapes import part, unknown_parts

# A factor at 60 neither raises nor lowers the risk; a distance of 20 points from it is one unit.
NEUTRAL = 60.0
UNIT = 20.0
# Two years as a customer neither raise nor lower the risk.
TENURE_NEUTRAL = 2
TENURE_LONGEST = 6
# The places, in deviations, at which the curve of a factor may bend: every ten points of its value, every year as a
# customer up to the longest, and terms of two years, one year, half a year and so on.
FACTOR_KNOTS = tuple((value - NEUTRAL) / UNIT for value in range(0, 101, 10))
KNOTS = {"tenure": (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0), "term": (-1.0, 0.0, 1.0, 2.0, 3.0, 3.6)}
# What is known of a renewal in words; each word has a level of its own, which starts at nothing.
WORDS = ("company", "product", "country", "industry", "segment", "channel")
# A margin for growth: customers rarely cut their seats to exactly the number in use.
SEAT_MARGIN = 1.1
# The largest fall per quarter, in %, that is extrapolated to the renewal.
STEEPEST_FALL = 25.0


def sigmoid(z):
    """Return the logistic function of ``z``, without overflow.

    >>> sigmoid(0), sigmoid(-1000), sigmoid(1000)
    (0.5, 0.0, 1.0)
    """
    if z < -700:
        return 0.0
    if z < 0:
        e = exp(z)
        return e / (1 + e)
    return 1 / (1 + exp(-z))


def deviations(values, renewal, reaches=None):
    """Return the deviations of the known factors and of the renewal's own facts; unknown ones are left out.

    ``reaches`` maps codes of factors to the share of their deviation that counts, 0 to 1; others count whole.

    >>> from .facts import Renewal
    >>> deviations({"use": 40.0, "advisor": None}, Renewal(1, term_months=3, overdue=True))
    {'use': -1.0, 'term': 2.0, 'overdue': 1.0}
    >>> deviations({"barriers": 100.0}, Renewal(1), {"barriers": 0.5})
    {'barriers': 1.0}
    >>> deviations({}, Renewal(1, notice=True))
    {'notice': 1.0}
    >>> deviations({}, Renewal(1, country_id=21.0))
    {'country': '21'}
    """
    reaches = reaches or {}
    features = {
        code: (value - NEUTRAL) / UNIT * reaches.get(code, 1.0)
        for code, value in values.items()
        if value is not None
    }
    if renewal.tenure_years is not None:
        features["tenure"] = (min(renewal.tenure_years, TENURE_LONGEST) - TENURE_NEUTRAL) / 2
    if renewal.term_months:
        features["term"] = max(-1.0, min(log2(12 / renewal.term_months), 3.6))
    if renewal.overdue:
        features["overdue"] = 1.0
    if renewal.notice:
        features["notice"] = 1.0
    for code in WORDS:
        word = getattr(renewal, f"{code}_id")
        if word is not None:
            features[code] = str(int(word))
    return features


def churn_probability(features, coefficients):
    """Return the churn risk in %, and the lines that add up to it.

    ``features`` maps codes to deviations or words, ``coefficients`` codes to their shapes, see :mod:`.shapes`. The first
    line, ``base``, is the risk of a customer about whom nothing is known. Each other line is what one deviation adds or
    takes, in percentage points, or what it was found to mean that a factor is unknown. It is the Aumann-Shapley share, which for a logistic model is the logit of that part times one common slope.

    >>> churn_probability({}, {"base": -2.0})
    (11.9, {'base': 11.9})
    >>> churn_probability({"use": -1.0, "tenure": 1.0}, {"base": -2.0, "use": -0.6, "tenure": -0.2})
    (16.8, {'base': 11.9, 'use': 7.3, 'tenure': -2.4})
    """
    base = coefficients.get("base", 0.0)
    parts = {
        code: part(coefficients[code], value)
        for code, value in features.items()
        if code in coefficients
    }
    parts |= unknown_parts(coefficients, features)
    shift = sum(parts.values())
    start = sigmoid(base)
    if abs(shift) > 1e-6:
        slope = (sigmoid(base + shift) - start) / shift
    else:
        slope = start * (1 - start)
    points = apportion([100 * start, *[100 * slope * part for part in parts.values()]])
    return round_tenth(sum(points)), dict(zip(("base", *parts), points))


def expected_use(active, moved, quarters):
    """Return the expected number of active users at the renewal if use changes as in the latest quarter.

    ``moved`` is the change of the latest quarter in %, ``quarters`` the number of quarters left. Growth is
    not extrapolated, and a fall only up to :data:`STEEPEST_FALL` per quarter.

    >>> expected_use(40, -50.0, 2), expected_use(40, 30.0, 2), expected_use(40, None, 2)
    (22.5, 40, 40)
    """
    if moved is None or moved >= 0:
        return active
    return active * (1 - min(-moved, STEEPEST_FALL) / 100) ** (quarters or 0)


def contraction(risk, seats, active, coefficients, coming=None):
    """Return the risk of renewing with fewer seats, in %, and the seats to expect.

    The result is ``(risk, reduced, expected, chance)`` or ``None`` when seats or users are unknown; ``risk`` is
    the churn risk in %: a customer who leaves cannot contract, so the two risks never exceed 100 together.
    ``chance`` is the contraction risk of a customer who stays, in %, ``reduced`` the number of seats it keeps.
    ``coming`` seats are so new that nobody expects their use: they are neither idle nor given back.

    >>> contraction(20.0, 100, 40, {"shrink": -3.0, "idle": 5.0})
    (40.0, 44, 72.0, 50.0)
    >>> contraction(20.0, 100, 100, {"shrink": -3.0, "idle": 5.0})
    (3.8, 100, 100.0, 4.7)
    >>> contraction(20.0, 200, 100, {"shrink": -3.0, "idle": 5.0}, 100)
    (3.8, 200, 200.0, 4.7)
    >>> contraction(20.0, None, 40, {}) is None
    True
    """
    if not seats or active is None:
        return None
    coming = min(seats, int(coming or 0))
    idle = max(0.0, 1 - active / (seats - coming)) if seats > coming else 0.0
    stays_smaller = sigmoid(coefficients.get("shrink", 0.0) + coefficients.get("idle", 0.0) * idle)
    reduced = min(seats, ceil(active * SEAT_MARGIN) + coming)
    expected = seats - stays_smaller * (seats - reduced)
    return (
        round_tenth((100 - risk) * stays_smaller),
        reduced,
        round_tenth(expected),
        round_tenth(100 * stays_smaller),
    )


def announced(risk, seats, stays, seats_stay=None):
    """Return the contraction that a notice announces, as :func:`contraction` does: it is certain unless the customer leaves.

    ``stays`` is the share of the value that stays, ``seats_stay`` the number of seats, if the notice names one.

    >>> announced(10.0, 100, 0.6, 60), announced(10.0, None, 0.6)
    ((90.0, 60, 60.0, 100.0), (90.0, None, None, 100.0))
    """
    if seats and not seats_stay:
        seats_stay = round(seats * stays)
    left = min(seats, int(seats_stay)) if seats else None
    return round_tenth(100 - risk), left, None if left is None else float(left), 100.0


def value_at_risk(value, risk, contracted, seats, stays=None):
    """Return the money at risk: value x churn risk + value x contraction risk x share of seats lost.

    ``stays`` is the share of the value that stays by the customer's notice, which then counts instead of the seats.

    >>> value_at_risk(1000.0, 20.0, (40.0, 44, 72.0, 50.0), 100)
    424.0
    >>> value_at_risk(1000.0, 20.0, None, None)
    200.0
    >>> value_at_risk(1000.0, 20.0, (80.0, 40, 40.0, 100.0), 100, 0.5)
    600.0
    >>> value_at_risk(None, 20.0, None, None) is None
    True
    """
    if value is None:
        return None
    lost = value * risk / 100
    if contracted:
        lost += (
            value * contracted[0] / 100 * (1 - (contracted[1] / seats if stays is None else stays))
        )
    return round(lost * 100) / 100

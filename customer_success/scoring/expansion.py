"""The expansion likelihood: whether a customer that stays, and keeps its seats, buys more. It is a model of its own.

It has the form of the churn risk, with few facts and coefficients of its own, which are learned from renewals that
expanded and from upsells that were won. It is no advice to sell: whoever may leave is asked about first.
"""

from .risk import NEUTRAL, UNIT, churn_probability, sigmoid
from .rules import round_tenth

# With this share of the seats in use, in %, a customer is no more likely to need further seats than others.
SEATS_NEUTRAL = 80.0
# Less use than this many units below the neutral one says nothing more.
SEATS_LEAST = -2.0
CRITICAL = 3  # the severity of a critical barrier
# The code of the factor with the likelihood of a customer about whom nothing is known, and the codes of the facts.
BASE = "expand"
FOUND = ("expand_seats", "expand_health", "expand_trend", "expand_blocked")
CODES = (BASE, *FOUND)


def deviations(seats=None, used=None, health=None, trend=None, blocked=None):
    """Return what speaks for and against more business, by code; what is unknown is left out.

    ``seats`` are those of the contract and ``used`` its active users, ``health`` and ``trend`` are values from 0 to 100.

    >>> deviations(100, 95, 80.0, 60.0, False)
    {'expand_seats': 0.75, 'expand_health': 1.0, 'expand_trend': 0.0, 'expand_blocked': 0.0}
    >>> deviations(100, 130), deviations(100, 2), deviations(0, 3)
    ({'expand_seats': 1.0}, {'expand_seats': -2.0}, {})
    """
    found = {}
    if seats and used is not None:
        share = min(100.0 * used / seats, 100.0)
        found["expand_seats"] = round(max((share - SEATS_NEUTRAL) / UNIT, SEATS_LEAST), 3)
    if health is not None:
        found["expand_health"] = round((health - NEUTRAL) / UNIT, 3)
    if trend is not None:
        found["expand_trend"] = round((trend - NEUTRAL) / UNIT, 3)
    if blocked is not None:
        found["expand_blocked"] = float(blocked)
    return found


def of_checkpoint(breakdown):
    """Return the deviations that a checkpoint knows; one from before there was this model knows some of them.

    >>> of_checkpoint({"expansion": {"found": {"expand_health": 1.0}}})
    {'expand_health': 1.0}
    >>> of_checkpoint({"seats": {"bought": 100, "year": 90}, "health": 70.0, "found": {"trend": 0.5}})
    {'expand_seats': 0.5, 'expand_health': 0.5, 'expand_trend': 0.5}
    >>> of_checkpoint({"seats": None})
    {}
    """
    known = breakdown.get("expansion")
    if known:
        return known["found"]
    seats, trend = breakdown.get("seats") or {}, (breakdown.get("found") or {}).get("trend")
    return deviations(
        seats.get("bought"),
        seats.get("year"),
        breakdown.get("health"),
        None if trend is None else NEUTRAL + UNIT * trend,
    )


def expansion(risk, contracted, found, coefficients):
    """Return the likelihood of expansion in %, and its breakdown; ``(None, None)`` if the model is switched off.

    ``risk`` is the churn risk and ``contracted`` the result of :func:`~.risk.contraction`: who leaves or gives seats back
    does not expand, so the three never exceed 100 together. ``chance`` is the likelihood of a customer who does neither.

    >>> coefficients = {"expand": -2.2, "expand_health": 0.4, "expand_blocked": -1.0}
    >>> expansion(10.0, None, {}, coefficients)
    (9.0, {'chance': 10.0, 'found': {}})
    >>> expansion(20.0, (40.0, 44, 72.0, 50.0), {"expand_health": 1.0}, coefficients)
    (5.7, {'chance': 14.2, 'found': {'expand_health': 1.0}})
    >>> expansion(99.0, None, {"expand_health": 2.0}, coefficients)[0]
    0.2
    >>> expansion(20.0, None, {}, {})
    (None, None)
    """
    if BASE not in coefficients:
        return None, None
    z = coefficients[BASE]
    for code, value in found.items():
        z += coefficients.get(code, 0.0) * value
    chance = round_tenth(100 * sigmoid(z))
    stays = 100.0 - risk
    if contracted:
        stays *= 1.0 - contracted[3] / 100.0
    return round_tenth(stays * chance / 100.0), {"chance": chance, "found": found}


def lines(found, coefficients):
    """Return the lines that add up to the chance of :func:`expansion`, as those of a churn risk; ``base`` is the first.

    >>> lines({"expand_health": 1.0}, {"expand": -2.2, "expand_health": 0.4})
    {'base': 10.0, 'expand_health': 4.2}
    """
    own = {code: coefficients[code] for code in FOUND if code in coefficients}
    return churn_probability(found, {**own, "base": coefficients[BASE]})[1]

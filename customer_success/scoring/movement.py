"""The share of each factor in the change of a score between two days."""

from .rules import round_tenth

# A change that comes from no factor comes from weights that were changed in between; up to ROUNDING points
# it comes from rounding.
WEIGHTS = "weights"
ROUNDING = 0.3


def health_moved(before, now):
    """Divide the change of a health score among its factors; the shares add up to the change.

    Both arguments map the codes of known factors to ``[value, weight]``. A factor that stays known moved
    the health score by its own change. A factor that became known moved it by its distance from the former
    health score; a factor that is no longer known took that distance away. ``weights`` holds the rest.

    >>> health_moved({"use": [80.0, 30]}, {"use": [80.0, 30], "barriers": [20.0, 10]})
    {'barriers': -15.0}
    >>> health_moved({"use": [80.0, 30], "plan": [40.0, 10]}, {"use": [60.0, 30], "plan": [40.0, 10]})
    {'use': -15.0}
    >>> health_moved({"use": [80.0, 30], "plan": [40.0, 10]}, {"use": [80.0, 30]})
    {'plan': 10.0}
    >>> health_moved({"use": [80.0, 30], "plan": [40.0, 10]}, {"use": [80.0, 30], "plan": [40.0, 30]})
    {'weights': -10.0}
    >>> health_moved({}, {"use": [80.0, 30]})
    {}
    """
    if not before or not now:
        return {}
    weight = sum(w for _value, w in now.values())
    health = _mean(before)
    parts = {}
    for code, (value, w) in now.items():
        was = before[code][0] if code in before else health
        parts[code] = (value - was) * w / weight
    for code, (value, w) in before.items():
        if code not in now:
            parts[code] = (health - value) * w / weight
    shares = {code: round_tenth(part) for code, part in parts.items() if round_tenth(part)}
    rest = round_tenth(round_tenth(_mean(now)) - round_tenth(health) - sum(shares.values()))
    if rest and shares and abs(rest) <= ROUNDING:
        most = max(shares, key=lambda code: abs(shares[code]))
        shares[most] = round_tenth(shares[most] + rest)
    elif rest:
        shares[WEIGHTS] = rest
    return shares


def risk_moved(before, now):
    """Return the change of each line of a risk in points; a line that is new or gone counts in full.

    >>> risk_moved({"base": 11.9, "use": 4.0}, {"base": 11.9, "use": 7.5, "plan": -1.0})
    {'use': 3.5, 'plan': -1.0}
    """
    moved = {
        code: round_tenth(now.get(code, 0.0) - before.get(code, 0.0)) for code in {**before, **now}
    }
    return {code: points for code, points in moved.items() if points}


def _mean(known):
    return sum(v * w for v, w in known.values()) / sum(w for _v, w in known.values())

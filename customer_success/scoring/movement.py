"""The share of each factor in the change of a score between two days."""

from .rules import round_tenth

# A change that comes from no factor comes from weights that were changed in between; up to ROUNDING points
# it comes from rounding.
WEIGHTS = "weights"
ROUNDING = 0.3
# The share of another segment, of other weights or expected days, or of another formula; and the factor that reads the expected days.
RULES = "rules"
# The share of what holds a health score below "good".
HELD = "held"
TIMED = "progress"


def health_moved(before, now, shift=0.0, timed=False, held=0.0, moved=None, reaching=()):
    """Divide the change of a health score among its factors; the shares add up to the change.

    Both arguments map the codes of known factors to ``[value, weight]``. A factor that stays known moved
    the health score by its own change, with what its reach changed by that. A factor that became known moved it by its distance from the former
    health score; a factor that is no longer known took that distance away. ``weights`` holds the rest.

    ``shift`` are the points that came from other rules alone, which ``rules`` holds: another segment, or other
    weights. They are taken from the rest and, if the expected days are ``timed`` otherwise now, from the
    progress. ``held`` are the points by which what holds the score below *good* has changed.
    ``moved`` is the change of the score as it is stored, if it is known: weights are kept to one decimal only.
    ``reaching`` are the factors of which less is known at times: their weight changes by what is known of the customer,
    also while their value stays.

    >>> health_moved({"use": [80.0, 30]}, {"use": [80.0, 30], "barriers": [20.0, 10]})
    {'barriers': -15.0}
    >>> health_moved({"use": [80.0, 30], "plan": [40.0, 10]}, {"use": [60.0, 30], "plan": [40.0, 10]})
    {'use': -15.0}
    >>> health_moved({"use": [80.0, 30], "plan": [40.0, 10]}, {"use": [80.0, 30]})
    {'plan': 10.0}
    >>> health_moved({"use": [80.0, 30], "plan": [40.0, 10]}, {"use": [80.0, 30], "plan": [40.0, 30]})
    {'weights': -10.0}
    >>> health_moved({"use": [80.0, 30], "plan": [40.0, 10]}, {"use": [80.0, 30], "plan": [40.0, 30]}, -10.0)
    {'rules': -10.0}
    >>> health_moved({"use": [80.0, 10], "progress": [40.0, 10]}, {"use": [80.0, 10], "progress": [20.0, 10]},
    ...              -8.0, timed=True)
    {'progress': -2.0, 'rules': -8.0}
    >>> health_moved({"use": [100.0, 10], "plan": [40.0, 10]}, {"use": [50.0, 20], "plan": [40.0, 10]})
    {'use': -23.3}
    >>> health_moved({"use": [80.0, 30], "barriers": [0.0, 15]}, {"use": [80.0, 30], "barriers": [0.0, 5]}, reaching=["barriers"])
    {'barriers': 15.3}
    >>> health_moved({"use": [80.0, 30]}, {"use": [90.0, 30]}, held=-10.0)
    {'use': 10.0, 'held': -10.0}
    >>> health_moved({"use": [80.0, 30]}, {"use": [90.0, 30]}, moved=10.1)
    {'use': 10.1}
    >>> health_moved({}, {"use": [80.0, 30]})
    {}
    """
    if not before or not now:
        return {}
    weight = sum(w for _value, w in now.values())
    health = _mean(before)
    parts = {}
    for code, (value, w) in now.items():
        was, w_before = before.get(code, (health, 0.0))
        # A weight that changed with the value is the reach of the factor, else it comes from the rules.
        w_before = w if value == was and code not in reaching else w_before
        parts[code] = ((value - health) * w - (was - health) * w_before) / weight
    for code, (value, w) in before.items():
        if code not in now:
            parts[code] = (health - value) * w / weight
    shares = {code: round_tenth(part) for code, part in parts.items() if round_tenth(part)}
    whole = (
        round_tenth(_mean(now)) - round_tenth(health)
        if moved is None
        else round_tenth(moved - held)
    )
    rest = round_tenth(whole - sum(shares.values()) - shift)
    if timed and rest:
        shares[TIMED] = round_tenth(shares.get(TIMED, 0.0) + rest)
        rest = 0.0
    shares = {code: points for code, points in shares.items() if points}
    if shift:
        shares = _with_rules(shares, rest, shift)
    elif rest and shares and abs(rest) <= ROUNDING:
        most = max(shares, key=lambda code: abs(shares[code]))
        shares[most] = round_tenth(shares[most] + rest)
    elif rest:
        shares[WEIGHTS] = rest
    return {**shares, **({HELD: round_tenth(held)} if round_tenth(held) else {})}


def joined(legs):
    """Add up the shares of several spans of time that follow each other.

    >>> joined([{"use": -4.0, "plan": 1.0}, {"rules": 8.0}, {"use": -2.5, "plan": -1.0}])
    {'use': -6.5, 'rules': 8.0}
    """
    total = {}
    for shares in legs:
        for code, points in shares.items():
            total[code] = round_tenth(total.get(code, 0.0) + points)
    return {code: points for code, points in total.items() if points}


def _with_rules(shares, rest, shift):
    """Return the shares with that of the rules; a rest within rounding goes to the rules as well."""
    if abs(rest) <= ROUNDING:
        shift, rest = round_tenth(shift + rest), 0.0
    return {**shares, **({WEIGHTS: rest} if rest else {}), **({RULES: shift} if shift else {})}


def risk_moved(before, now, shift=0.0):
    """Return the change of each line of a risk in points; a line that is new or gone counts in full.

    ``shift`` are the points that came from another segment or other expected days; they are taken from the
    progress, and ``rules`` holds them.

    >>> risk_moved({"base": 11.9, "use": 4.0}, {"base": 11.9, "use": 7.5, "plan": -1.0})
    {'use': 3.5, 'plan': -1.0}
    >>> risk_moved({"base": 11.9, "progress": 1.0}, {"base": 11.9, "progress": 3.0}, 2.0)
    {'rules': 2.0}
    >>> risk_moved({"use": 1.0, "progress": 1.0}, {"use": 2.0, "progress": 3.0}, 2.0)
    {'use': 1.0, 'rules': 2.0}
    """
    moved = {
        code: round_tenth(now.get(code, 0.0) - before.get(code, 0.0)) for code in {**before, **now}
    }
    if shift and abs(sum(moved.values()) - shift) <= ROUNDING:
        # Nothing else happened; the other lines moved because all of them share one slope.
        moved = {RULES: round_tenth(sum(moved.values()))}
    elif shift:
        moved[TIMED] = round_tenth(moved.get(TIMED, 0.0) - shift)
        moved[RULES] = shift
    return {code: points for code, points in moved.items() if points}


def _mean(known):
    return sum(v * w for v, w in known.values()) / sum(w for _v, w in known.values())

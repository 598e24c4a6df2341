"""The health score: the weighted mean of the known factors, and the share of the weight that is known."""

from .rules import apportion, round_tenth


def health(values, weights, reaches=None):
    """Return ``(health, confidence, points)`` from the known values.

    ``values`` maps codes of factors to 0-100 or ``None``, ``weights`` maps them to their weight. Health
    is 0-100, or ``None`` if nothing is known; confidence is the percentage of the weight that is known.
    ``points`` maps each known code to its part of the health score, and the parts add up to it.
    ``reaches`` maps codes to the share of their weight that the value deserves, 0 to 1; others have all of it.

    >>> health({"use": 80.0, "barriers": None, "progress": 50.0},
    ...        {"use": 30, "barriers": 20, "progress": 10})
    (72.5, 66.7, {'use': 60.0, 'progress': 12.5})
    >>> health({"use": 80.0, "barriers": 100.0}, {"use": 30, "barriers": 20}, {"barriers": 0.5})
    (85.0, 80.0, {'use': 60.0, 'barriers': 25.0})
    >>> health({"use": None}, {"use": 30})
    (None, 0.0, {})
    """
    reaches = reaches or {}
    counted = {
        code: weight * reaches.get(code, 1.0)
        for code, weight in weights.items()
        if values.get(code) is not None
    }
    known = [code for code, weight in counted.items() if weight]
    if not known:
        return None, 0.0, {}
    weight = sum([counted[code] for code in known])
    parts = apportion([counted[code] * values[code] / weight for code in known])
    confidence = round_tenth(100.0 * weight / sum(weights.values()))
    return round_tenth(sum(parts)), confidence, dict(zip(known, parts))


def shares_by_value(ids, values):
    """Return the share of each of these in the whole, which add up to 1, by id: those of their values.

    One whose value is unknown counts like the mean of the others; without any value all count alike.

    >>> shares_by_value([7, 8], {7: 900.0, 8: 300.0})
    {7: 0.75, 8: 0.25}
    >>> shares_by_value([7, 8], {7: 900.0}), shares_by_value([7, 8], {})
    ({7: 0.5, 8: 0.5}, {7: 0.5, 8: 0.5})
    """
    if not values:
        return dict.fromkeys(ids, 1 / len(ids))
    mean = sum(values.values()) / len(values)
    total = sum(values.values()) + mean * (len(ids) - len(values))
    return {id_: values.get(id_, mean) / total for id_ in ids}


def mean_health(parts):
    """Return ``(health, confidence, points)`` of a whole from those of its parts, weighted by their shares.

    A customer has products, a group has customers. ``parts`` are pairs of the share of a part, 0 to 1, and its result,
    which has the names of this one. A part of which nothing is known has no health and counts as unknown.

    >>> from types import SimpleNamespace as Part
    >>> good = Part(health=90.0, confidence=80.0, points={"use": 60.0, "plan": 30.0})
    >>> bad = Part(health=30.0, confidence=40.0, points={"use": 30.0})
    >>> mean_health([(0.75, good), (0.25, bad)])
    (75.0, 70.0, {'use': 52.5, 'plan': 22.5})
    >>> mean_health([(0.5, good), (0.5, Part(health=None, confidence=0.0, points={}))])
    (90.0, 40.0, {'use': 60.0, 'plan': 30.0})
    """
    confidence = round_tenth(sum(share * part.confidence for share, part in parts))
    known = [(share, part) for share, part in parts if part.health is not None]
    if not known:
        return None, 0.0, {}
    whole = sum(share for share, _part in known)
    exact = {}
    for share, part in known:
        for code, points in part.points.items():
            exact[code] = exact.get(code, 0.0) + share * points / whole
    shown = apportion(list(exact.values()))
    return round_tenth(sum(shown)), confidence, dict(zip(exact, shown))

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

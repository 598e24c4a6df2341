"""The curves of a risk as numbers for a drawing: no markup, so nothing needs escaping."""

from math import log2

from .factor import FACTORS
from .risk import FACTOR_KNOTS, KNOTS, NEUTRAL, TENURE_NEUTRAL, UNIT, sigmoid
from .shapes import part

WIDTH, HEIGHT = 320, 150
LEFT, RIGHT, TOP, BOTTOM = 36, 8, 8, 20
# The tallest bar of the outcomes behind a stretch, as a share of the height.
TALLEST = 0.4
STEPS = 40
# The top of the axis is the first of these, in %, above all lines.
TOPS = (10, 20, 40, 60, 80, 100)
MONTHS = (24, 12, 6, 3, 1)


def knots_of(code):
    """Return the places at which the curve of a factor may bend; none for a factor that is a straight line or words."""
    return FACTOR_KNOTS if code in FACTORS else KNOTS.get(code, ())


def own_value(code, deviation):
    """Return a deviation as the factor's own value: 0 to 100, years as a customer, or months of a term.

    >>> own_value("use", -1.0), own_value("tenure", 1.0), own_value("term", 1.0)
    (40, 4.0, 6.0)
    """
    if code == "tenure":
        return round(2 * deviation + TENURE_NEUTRAL, 1)
    if code == "term":
        return round(12 / 2**deviation, 1)
    return round(NEUTRAL + UNIT * deviation)


def chart(code, base, prior, shape=None, support=None, at=None):
    """Return the drawing of a curve; ``None`` for a factor that has none.

    Heights are the risk in % of a customer of whom nothing else is known. ``prior`` is the slope that experts expect,
    ``shape`` what was learned, ``support`` the outcomes behind each knot and behind what is unknown, ``at`` the
    deviation of one customer.

    >>> done = chart("tenure", -2.0, -0.25, at=0.0)
    >>> done["dot"], done["top"], done["learned"], [row["value"] for row in done["rows"]]
    ((128.0, 57.3), 20, '', [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    >>> done["rows"][0]
    {'value': 0.0, 'prior': 14.8, 'learned': None, 'outcomes': None}
    >>> chart("notice", -2.0, 7.0) is None
    True
    """
    knots = knots_of(code)
    if not knots:
        return None
    first, last = knots[0], knots[-1]
    places = [first + (last - first) * n / STEPS for n in range(STEPS + 1)]

    def risk(one, deviation):
        return 100 * sigmoid(base + part(one, deviation))

    lines = {"prior": prior, "learned": shape}
    drawn = {
        name: [risk(one, place) for place in places]
        for name, one in lines.items()
        if one is not None
    }
    most = max(map(max, drawn.values()))
    top = next(top for top in TOPS if most <= top)

    def x(deviation):
        inside = min(max(deviation, first), last)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (inside - first) / (last - first), 1)

    def y(value):
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)

    paths = {
        name: " ".join(f"{x(place)},{y(value)}" for place, value in zip(places, values))
        for name, values in drawn.items()
    }
    counts = list(support[: len(knots)]) if support else []
    tallest = max(counts, default=0) or 1
    high = TALLEST * (HEIGHT - TOP - BOTTOM)
    seen = shape if shape is not None else prior
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "base": HEIGHT - BOTTOM,
        "top": top,
        "grid": [(value, y(value)) for value in (0, top // 2, top)],
        "ticks": [(own_value(code, place), x(place)) for place in _ticks(code, first, last)],
        "prior": paths["prior"],
        "learned": paths.get("learned", ""),
        "bars": [
            (
                x(place) - 4,
                round(HEIGHT - BOTTOM - high * n / tallest, 1),
                round(high * n / tallest, 1),
            )
            for place, n in zip(knots, counts)
            if n
        ],
        "dot": None if at is None else (x(at), y(risk(seen, at))),
        "rows": [
            {
                "value": own_value(code, place),
                "prior": round(risk(prior, place), 1),
                "learned": None if shape is None else round(risk(shape, place), 1),
                "outcomes": counts[n] if counts else None,
            }
            for n, place in enumerate(knots)
        ],
        "unknown": support[len(knots)] if support else None,
        "unknown_effect": None
        if shape is None
        else f"{round(100 * sigmoid(base + getattr(shape, 'unknown', 0.0)))} %",
    }


def behind(code, at, support):
    """Return the number of outcomes behind the stretch of a curve on which a deviation lies.

    >>> behind("tenure", 0.3, [1.0, 2.0, 5.5, 7.2, 0.0, 0.0, 0.0, 3.0])
    13
    >>> behind("tenure", 9.0, [1.0, 2.0, 5.5, 7.2, 0.0, 1.0, 2.0, 3.0])
    3
    """
    knots = knots_of(code)
    place = sum(1 for knot in knots[1:-1] if knot <= at)
    return round(sum(support[place : place + 2]))


def _ticks(code, first, last):
    if code == "term":
        return [log2(12 / months) for months in MONTHS]
    count = 3 if code == "tenure" else 4
    return [first + (last - first) * n / count for n in range(count + 1)]


def deciles(groups):
    """Return the drawing of predicted and actual shares in groups, riskiest first; ``None`` without any.

    >>> done = deciles([{"predicted": 50.0, "actual": 40.0}, {"predicted": 10.0, "actual": 5.0}])
    >>> done["top"], done["bars"][0], done["dots"]
    (60, (48.4, 48.7, 113.2, 81.3), [(105.0, 28.3), (243.0, 109.7)])
    """
    if not groups:
        return None
    most = max(max(group["predicted"], group["actual"]) for group in groups)
    top = next(top for top in TOPS if most <= top)
    wide, high = (WIDTH - LEFT - RIGHT) / len(groups), HEIGHT - TOP - BOTTOM

    def y(value):
        return round(TOP + high * (1 - value / top), 1)

    bars, dots = [], []
    for n, group in enumerate(groups):
        left = LEFT + wide * n
        bars.append(
            (
                round(left + wide * 0.09, 1),
                y(group["actual"]),
                round(wide * 0.82, 1),
                round(high * group["actual"] / top, 1),
            )
        )
        dots.append((round(left + wide / 2, 1), y(group["predicted"])))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "base": HEIGHT - BOTTOM,
        "top": top,
        "grid": [(value, y(value)) for value in (0, top // 2, top)],
        "bars": bars,
        "dots": dots,
        "path": " ".join(f"{x},{y}" for x, y in dots),
        "ticks": [(n + 1, x) for n, (x, _y) in enumerate(dots)],
    }

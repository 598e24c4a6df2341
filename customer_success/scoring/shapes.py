"""The part of one factor in the logit of a risk: a number for a straight line, a curve, or a level for each word."""

from bisect import bisect_right
from typing import NamedTuple


class Curve(NamedTuple):
    """A curve of straight pieces between knots; beyond the first and the last knot it goes on level.

    ``knots`` are deviations in ascending order, ``heights`` the logits at them, and ``unknown`` the logits of a factor of
    which nothing is known.
    """

    knots: tuple
    heights: tuple
    unknown: float = 0.0

    def at(self, deviation):
        """Return the logits at a deviation.

        >>> curve = Curve((-1.0, 0.0, 2.0), (1.0, 0.0, -1.0))
        >>> [curve.at(x) for x in (-3.0, -0.5, 0.0, 1.0, 9.0)]
        [1.0, 0.5, 0.0, -0.5, -1.0]
        """
        knots, heights = self.knots, self.heights
        place = bisect_right(knots, deviation)
        if not place:
            return heights[0]
        if place == len(knots):
            return heights[-1]
        left, low = knots[place - 1], heights[place - 1]
        return low + (heights[place] - low) * (deviation - left) / (knots[place] - left)


class Levels(NamedTuple):
    """The logits of each word of a factor that is a word; a word that is not known to it counts nothing."""

    levels: dict
    unknown: float = 0.0

    def at(self, word):
        """Return the logits of a word.

        >>> levels = Levels({"BE": 0.5})
        >>> levels.at("BE"), levels.at("FR")
        (0.5, 0.0)
        """
        return self.levels.get(word, 0.0)


def part(shape, value):
    """Return the logits of a known value.

    >>> part(-0.5, 2.0), part(Curve((0.0, 1.0), (0.0, 3.0)), 0.5)
    (-1.0, 1.5)
    """
    return shape * value if isinstance(shape, float | int) else shape.at(value)


def unknown_parts(shapes, features):
    """Return the logits of what is unknown, by code, where that was found to count.

    >>> unknown_parts({"use": Curve((0.0, 1.0), (0.0, 3.0), 0.2), "plan": -0.1}, {})
    {'use': 0.2}
    """
    return {
        code: shape.unknown
        for code, shape in shapes.items()
        if code not in features and not isinstance(shape, float | int) and shape.unknown
    }


def to_json(shape):
    """Return a shape as a value of JSON.

    >>> to_json(-0.5), from_json(to_json(Levels({"BE": 0.5}))) == Levels({"BE": 0.5})
    (-0.5, True)
    """
    return shape if isinstance(shape, float | int) else shape._asdict()


def from_json(value):
    """Return a shape from a value of JSON.

    >>> from_json({"knots": [0, 1], "heights": [0, -2], "unknown": 0.1})
    Curve(knots=(0, 1), heights=(0, -2), unknown=0.1)
    """
    if isinstance(value, float | int):
        return value
    if "levels" in value:
        return Levels(**value)
    return Curve(tuple(value["knots"]), tuple(value["heights"]), value.get("unknown", 0.0))


def within(shape, sign):
    """Return a shape that never contradicts a sign: itself, or else a straight line of its mean slope, or 0.

    >>> within(Curve((0.0, 1.0, 2.0), (0.0, -1.0, -2.0)), -1).heights, within(Curve((0.0, 1.0, 2.0), (0.0, 1.0, -2.0)), -1)
    ((0.0, -1.0, -2.0), -1.0)
    >>> within(0.3, -1), within(-0.3, -1), within(0.3, 0)
    (0.0, -0.3, 0.3)
    """
    if not sign or isinstance(shape, Levels):
        return shape
    if isinstance(shape, Curve):
        pieces = zip(shape.heights, shape.heights[1:])
        if all((right - left) * sign >= 0 for left, right in pieces):
            return shape
    mean = slope(shape)
    return mean if mean * sign >= 0 else 0.0


def slope(shape):
    """Return the mean slope of a shape between its outermost knots; ``None`` for words, which have no order.

    >>> slope(-0.5), slope(Curve((-1.0, 0.0, 1.0), (1.0, 0.0, 0.0))), slope(Levels({}))
    (-0.5, -0.5, None)
    """
    if isinstance(shape, float | int):
        return float(shape)
    if isinstance(shape, Levels):
        return None
    knots, heights = shape.knots, shape.heights
    return (heights[-1] - heights[0]) / (knots[-1] - knots[0])

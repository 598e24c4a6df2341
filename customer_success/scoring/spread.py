"""The uncertainty of a risk: how far the truth may be from what the model says, by what it was learned from."""

from bisect import bisect_right
from hashlib import md5
from math import exp, sqrt
from operator import itemgetter
from typing import NamedTuple

# The range holds the true risk in four of five cases: this many standard deviations on either side.
DEVIATIONS = 1.2816


class Spread(NamedTuple):
    """The covariance of the parts of a risk, at the knots of its curves, its words and what is unknown.

    ``places`` maps codes to ``(first row, positions, kind)``; ``kind`` is ``"line"``, ``"curve"`` or ``"words"``. A curve
    has a row for each knot, and its positions are the middles between them; words have a row each, which their positions
    name. After these comes a row for what is unknown, and for words one for those that were too rare to learn.
    ``matrix`` holds the covariances in squared logits, ``mark`` is a short text that tells one spread from another.
    """

    places: dict
    matrix: tuple
    mark: str = ""

    def __repr__(self):
        """Return the mark alone: the rules name themselves by their text, each time that a customer is scored."""
        return f"Spread({self.mark})"

    def variance(self, features):
        """Return the variance of the logit of these features. Between two knots the nearest one stands for a value.

        >>> places = {"base": (0, (), "line"), "use": (1, (-0.5,), "curve")}
        >>> spread = Spread(places, ((1.0, 0.5, 0.0, 0.0), (0.5, 4.0, 0.0, 0.0), (0.0,) * 4, (0.0, 0.0, 0.0, 9.0)))
        >>> spread.variance({"use": -0.9}), spread.variance({"use": 0.2}), spread.variance({})
        (6.0, 1.0, 10.0)
        """
        rows, weights = self._parts(features)
        matrix = self.matrix
        if len(rows) > 1 and weights.count(1.0) == len(weights):  # nearly always, and much faster
            pick = itemgetter(*rows)
            return max(sum(map(sum, map(pick, pick(matrix)))), 0.0)
        total = 0.0
        for row, weight in zip(rows, weights):
            line = matrix[row]
            total += weight * sum([by * line[other] for other, by in zip(rows, weights)])
        return max(total, 0.0)

    def _parts(self, features):
        """Return the rows of these features, and the weight of each."""
        rows, weights = [], []
        for code, (first, positions, kind) in self.places.items():
            value = features.get(code)
            if kind == "line":
                value = 1.0 if code == "base" else value
                if value:
                    rows.append(first)
                    weights.append(value)
            else:
                rows.append(first + _row(positions, kind, value))
                weights.append(1.0)
        return rows, weights

    def common(self, found):
        """Return the variance of the mean logit of many renewals: what is uncertain for all of them at once.

        ``found`` are the features of each; without any, it is the variance of the base.

        >>> places = {"base": (0, (), "line"), "use": (1, (), "line")}
        >>> spread = Spread(places, ((1.0, 0.0), (0.0, 4.0)))
        >>> spread.common([]), spread.common([{"use": 1.0}]), spread.common([{"use": 1.0}, {"use": -1.0}])
        (1.0, 5.0, 1.0)
        """
        mean = {}
        for features in found:
            for row, weight in zip(*self._parts(features)):
                mean[row] = mean.get(row, 0.0) + weight / len(found)
        if not found and "base" in self.places:
            mean[self.places["base"][0]] = 1.0
        total = sum(
            one * sum(self.matrix[row][other] * by for other, by in mean.items())
            for row, one in mean.items()
        )
        return max(total, 0.0)

    def range(self, risk, features):
        """Return the range of a risk, both in %.

        >>> Spread({"base": (0, (), "line")}, ((0.25,),)).range(20.0, {})
        (11.6, 32.2)
        """
        share = min(max(risk / 100, 1e-6), 1 - 1e-6)
        odds, by = share / (1 - share), exp(DEVIATIONS * sqrt(self.variance(features)))
        return tuple(round(1000 * o / (1 + o)) / 10 for o in (odds / by, odds * by))


def _row(positions, kind, value):
    """Return the row of a value among those of its code."""
    if kind == "words":
        unknown = len(positions)
        return unknown if value is None else positions.get(value, unknown + 1)
    return len(positions) + 1 if value is None else bisect_right(positions, value)


def spread_of(fit):
    """Return the :class:`Spread` of a :class:`~.fitting.Fit`."""
    places, blocks, first = {}, [], 0
    for start, block in zip(fit.starts, fit.blocks):
        kind, positions = block.points()
        places[block.code] = first, positions, kind
        blocks.append((first, start, block))
        first += block.nodes + (kind == "words")
    matrix = [[0.0] * first for _row in range(first)]
    for row, start, block in blocks:
        for column, left, other in blocks:
            half = [
                other.heights(line[left : left + other.size])
                for line in fit.covariance[start : start + block.size]
            ]
            for k, by_parameter in enumerate(zip(*half)):
                for j, value in enumerate(block.heights(list(by_parameter))):
                    matrix[row + j][column + k] = value
        if places[block.code][2] == "words":
            rare = row + block.nodes
            matrix[rare][rare] = block.penalties[0].variance
    return _marked(places, tuple(tuple(round(v, 5) + 0.0 for v in line) for line in matrix))


def _marked(places, matrix):
    seen = repr((places, matrix)).encode()
    return Spread(places, matrix, md5(seen, usedforsecurity=False).hexdigest()[:12])


def to_json(spread):
    """Return a spread as a value of JSON, of the lower triangle of its matrix.

    >>> places = {"base": (0, (), "line"), "use": (1, (0.0,), "curve")}
    >>> spread = _marked(places, ((1.0, 0.5, 0.0), (0.5, 4.0, 0.1), (0.0, 0.1, 9.0)))
    >>> from_json(to_json(spread)) == spread, from_json(None) is None
    (True, True)
    >>> spread
    Spread(f015648b2f47)
    """
    places = {
        code: [first, list(positions), kind]
        for code, (first, positions, kind) in spread.places.items()
    }
    return {"places": places, "matrix": [line[: n + 1] for n, line in enumerate(spread.matrix)]}


def from_json(value):
    """Return a spread from a value of JSON; ``None`` if there is none."""
    if not value:
        return None
    places = {}
    for code, (first, positions, kind) in value["places"].items():
        if kind == "words":
            places[code] = first, {word: n for n, word in enumerate(positions)}, kind
        else:
            places[code] = first, tuple(positions), kind
    lower = value["matrix"]
    size = len(lower)
    return _marked(
        places,
        tuple(tuple(lower[max(j, k)][min(j, k)] for k in range(size)) for j in range(size)),
    )

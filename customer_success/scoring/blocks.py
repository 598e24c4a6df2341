"""The parameters of one factor in the learning: a coefficient, the slopes of a curve, or a level for each word.

The parameters make the heights of nodes: the knots of a curve, the words, or the one of a straight line. Each distinct
value of a curve or a word is a cell, which lies at one node or between two. So sums over cases are taken cell by cell.
"""

from bisect import bisect_right
from collections import Counter
from math import sqrt
from operator import mul

from .shapes import Curve, Levels

# A word of fewer cases, or beyond this number of words, says nothing of its own.
LEAST_OF_A_WORD = 5
MOST_WORDS = 100
# Values between two knots are counted on a grid of this many cells.
GRID = 8
# The expected size, in logits, of the level of what is unknown, and of a word.
UNKNOWN_SD = 0.3
WORD_SD = 0.4
# The expected change of a slope from knot to knot, in logits per unit, over a distance of one unit.
BEND_SD = 1.0
# A curve keeps at least this share of the slope that experts expect, so that nothing done right earns nothing.
LEAST_SLOPE = 0.1


class Penalty:
    """A sum of squares of combinations of parameters that is expected to be small.

    ``rows`` are combinations, ``((parameter, factor), …)``. Each is expected to have this ``variance``; where it
    ``learns``, the outcomes decide it, beginning with ``start`` as if one row had been seen.
    """

    def __init__(self, rows, variance, learns=False):
        self.rows, self.variance, self.start, self.learns = rows, variance, variance, learns


class Block:
    """The coefficient of a straight line."""

    def __init__(self, code, prior, values, weights):
        self.code, self.prior = code, prior
        self.means, self.bounds = [prior.mean], [_bound(prior)]
        self.penalties = [Penalty([((0, 1.0),)], prior.sd**2)]
        self.values = [value or 0.0 for value in values]

    @property
    def size(self):
        """Return the number of parameters."""
        return len(self.means)

    @property
    def nodes(self):
        """Return the number of nodes."""
        return self.size

    def heights(self, b):
        """Return the heights of the nodes that these parameters make."""
        return b

    def parameters(self, sums):
        """Return what sums over the nodes are as sums over the parameters: the transpose of :meth:`heights`."""
        return sums

    def shape(self, b):
        """Return the shape that these parameters make, rounded."""
        return _rounded(b[0])

    def points(self):
        """Return ``(kind, positions)`` of the nodes, as :class:`~.spread.Spread` names them."""
        return "line", ()

    def logits(self, b):
        """Return the logits of each case."""
        return [b[0] * value for value in self.values]

    def sums(self, weights):
        """Return the sums over the nodes of weights of the cases."""
        return [sum(map(mul, self.values, weights))]

    def meeting(self, other, weights):
        """Return the weights with which the nodes of two blocks meet, ``[[sum for a node of the other] for a node]``."""
        return [other.sums(list(map(mul, self.values, weights)))]


class CellBlock(Block):
    """A block whose cases are counted in cells: ``cells`` are ``((node, share), …)``, ``index`` is the cell of each case."""

    def logits(self, b):
        """Return the logits of each case, computed once for each cell."""
        heights = self.heights(b)
        found = [sum(by * heights[node] for node, by in cell) for cell in self.cells]
        return map(found.__getitem__, self.index)

    def sums(self, weights):
        """Return the sums over the nodes of weights of the cases."""
        found = [0.0] * len(self.cells)
        for cell, weight in zip(self.index, weights):
            found[cell] += weight
        return self._by_node(found)

    def meeting(self, other, weights):
        """Return the weights with which the nodes of two blocks meet."""
        if not isinstance(other, CellBlock):
            return [[weight] for weight in self.sums(list(map(mul, other.values, weights)))]
        pairs = [[0.0] * len(other.cells) for _cell in self.cells]
        for a, b, weight in zip(self.index, other.index, weights):
            pairs[a][b] += weight
        nodes = [[0.0] * other.nodes for _node in range(self.nodes)]
        for cell, found in zip(self.cells, pairs):
            if cell and any(found):
                found = other._by_node(found)
                for node, x in cell:
                    nodes[node] = [so_far + x * y for so_far, y in zip(nodes[node], found)]
        return nodes

    def _by_node(self, by_cell):
        nodes = [0.0] * self.nodes
        for cell, value in zip(self.cells, by_cell):
            if value:
                for node, by in cell:
                    nodes[node] += by * value
        return nodes


class CurveBlock(CellBlock):
    """The slopes of a curve between its knots, of which one is at the neutral 0, and the level of what is unknown."""

    def __init__(self, code, prior, values, weights):
        self.code, self.prior, self.knots = code, prior, prior.knots
        self.neutral = self.knots.index(0.0)
        self.widths = [right - left for left, right in zip(self.knots, self.knots[1:])]
        pieces = len(self.widths)
        self.means = [prior.mean] * pieces + [0.0]
        self.bounds = [_bound(prior)] * pieces + [(None, None)]
        length = self.knots[-1] - self.knots[0]
        self.penalties = [
            Penalty(
                [((s, sqrt(width)),) for s, width in enumerate(self.widths)],
                prior.sd**2 * length,
                True,
            ),
            Penalty([((pieces, 1.0),)], UNKNOWN_SD**2),
        ]
        if pieces > 1:
            self.penalties.append(Penalty(self._bends(), BEND_SD**2, True))
        self.cells, self.index, place = [], [], {}
        for value in values:
            key = self._key(value)
            if key not in place:
                place[key] = len(self.cells)
                self.cells.append(self._cell(key))
            self.index.append(place[key])

    @property
    def nodes(self):
        """Return the number of knots, and one for what is unknown."""
        return len(self.knots) + 1

    def _bends(self):
        rows = []
        for s in range(len(self.widths) - 1):
            by = 1.0 / sqrt((self.widths[s] + self.widths[s + 1]) / 2)
            rows.append(((s, -by), (s + 1, by)))
        return rows

    def _key(self, value):
        if value is None:
            return None
        if value <= self.knots[0]:
            return 0, 0
        if value >= self.knots[-1]:
            return len(self.widths), 0
        piece = bisect_right(self.knots, value) - 1
        return piece, round((value - self.knots[piece]) / self.widths[piece] * GRID)

    def _cell(self, key):
        if key is None:
            return ((len(self.knots), 1.0),)
        piece, eighth = key
        share = eighth / GRID
        return tuple((node, by) for node, by in ((piece, 1.0 - share), (piece + 1, share)) if by)

    def heights(self, b):
        """Return the heights of the knots, 0 at the neutral one, and of what is unknown."""
        found = [0.0] * len(self.knots)
        for s in range(self.neutral, len(self.widths)):
            found[s + 1] = found[s] + b[s] * self.widths[s]
        for s in reversed(range(self.neutral)):
            found[s] = found[s + 1] - b[s] * self.widths[s]
        return [*found, b[-1]]

    def parameters(self, sums):
        """Return sums over the knots as sums over the slopes, which lift or lower all knots beyond them."""
        found = [0.0] * len(self.widths)
        beyond = 0.0
        for s in reversed(range(self.neutral, len(self.widths))):
            beyond += sums[s + 1]
            found[s] = beyond * self.widths[s]
        beyond = 0.0
        for s in range(self.neutral):
            beyond += sums[s]
            found[s] = -beyond * self.widths[s]
        return [*found, sums[-1]]

    def shape(self, b):
        """Return the curve that these slopes make."""
        *heights, unknown = map(_rounded, self.heights(b))
        return Curve(tuple(self.knots), tuple(heights), unknown)

    def points(self):
        """Return the middles between the knots."""
        return "curve", tuple((a + b) / 2 for a, b in zip(self.knots, self.knots[1:]))


class WordBlock(CellBlock):
    """A level for each word that is frequent enough, drawn towards 0, and one for what is unknown."""

    def __init__(self, code, prior, values, weights):
        self.code, self.prior = code, prior
        count = Counter()
        for value, weight in zip(values, weights):
            count[value] += weight
        frequent = [word for word, n in count.items() if word is not None and n >= LEAST_OF_A_WORD]
        self.words = sorted(frequent, key=lambda word: (-round(count[word], 6), word))[:MOST_WORDS]
        size = len(self.words)
        self.means, self.bounds = [0.0] * (size + 1), [(None, None)] * (size + 1)
        self.penalties = [
            Penalty([((n, 1.0),) for n in range(size)], WORD_SD**2, True),
            Penalty([((size, 1.0),)], UNKNOWN_SD**2),
        ]
        place = {word: n for n, word in enumerate(self.words)}
        place[None] = size
        self.index = [place.get(value, size + 1) for value in values]
        self.cells = [*(((n, 1.0),) for n in range(size + 1)), ()]

    def shape(self, b):
        """Return the levels of the words."""
        *levels, unknown = map(_rounded, b)
        return Levels(dict(zip(self.words, levels)), unknown)

    def points(self):
        """Return the words, each with its row."""
        return "words", {word: n for n, word in enumerate(self.words)}


def block(code, prior, values, weights):
    """Return the block of a factor.

    ``values`` are those of groups of cases, ``None`` where unknown, and ``weights`` the numbers of cases in them.
    """
    kind = CurveBlock if prior.knots else WordBlock if prior.words else Block
    return kind(code, prior, values, weights)


def _bound(prior):
    """Return the least and the largest slope that the sign of a prior allows; ``None`` is no bound."""
    least = LEAST_SLOPE * prior.mean
    return (None, least) if prior.sign < 0 else (least, None) if prior.sign > 0 else (None, None)


def _rounded(value):
    return round(value, 6) + 0.0

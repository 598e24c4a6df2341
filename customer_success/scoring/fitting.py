"""The fitting of a risk model: a posterior mode, its curvature, and the sizes of its penalties, in plain Python.

The model is a logistic regression on the parameters of :mod:`.blocks`. Newton's method finds the most probable
parameters. After each step every penalty that learns gets the variance that explains its parameters best (the
generalised Fellner-Schall method, Wood and Fasiolo, Biometrics 2017), as if one more row of its start had been seen.
"""

from math import exp, log, log1p, sqrt
from operator import add, mul, sub

from .risk import sigmoid

STEPS = 60
CLOSE_ENOUGH = 1e-9
# The variances are settled when none changes by more than this share; they stay within these limits.
SETTLED = 0.01
LEAST_VARIANCE, MOST_VARIANCE = 1e-6, 1e4
MOST_ROUNDS = 30


class Fit:
    """The most probable parameters of some blocks, ``b``, and their covariance."""

    def __init__(self, blocks, offsets, totals, happened):
        self.blocks = blocks
        self.offsets, self.totals, self.happened = offsets, totals, happened
        self.starts, self.size = [], 0
        for block in blocks:
            self.starts.append(self.size)
            self.size += block.size
        self.means = [mean for block in blocks for mean in block.means]
        self.bounds = [bound for block in blocks for bound in block.bounds]
        self.b = [_inside(mean, *bound) for mean, bound in zip(self.means, self.bounds)]
        self.penalties = [
            (penalty, [tuple((start + j, by) for j, by in row) for row in penalty.rows])
            for start, block in zip(self.starts, blocks)
            for penalty in block.penalties
        ]
        self.covariance = None

    def of(self, block):
        """Return the parameters of a block."""
        start = self.starts[self.blocks.index(block)]
        return self.b[start : start + block.size]

    def support(self):
        """Return the number of cases behind each node, by code: a case between two knots is divided between them."""
        return {
            block.code: [round(n, 1) for n in block.sums(self.totals)]
            for block in self.blocks
            if block.nodes > 1
        }

    def run(self):
        """Find the parameters, the variances and the covariance; return self."""
        for _round in range(MOST_ROUNDS):
            hessian = self._newton()
            self.covariance = inverse(hessian)
            if self._settle() < SETTLED:
                break
        for _step in range(STEPS):
            before = self.b
            hessian = self._newton()
            if max(map(abs, map(sub, self.b, before)), default=0.0) < CLOSE_ENOUGH:
                break
        self.covariance = inverse(hessian)
        return self

    def _newton(self):
        """Make one step of Newton's method within the bounds; return the curvature where it began."""
        gradient, hessian = self._slope()
        b, value = self.b, self._objective(self.b)
        # A parameter at its bound whose gradient points beyond the bound is not free to move.
        free = [
            j
            for j, (least, most) in enumerate(self.bounds)
            if not ((b[j] == least and gradient[j] <= 0) or (b[j] == most and gradient[j] >= 0))
        ]
        move = solve([[hessian[j][k] for k in free] for j in free], [gradient[j] for j in free])
        size = 1.0
        while size > 1e-6:
            moved = list(b)
            for j, by in zip(free, move):
                moved[j] = _inside(b[j] + size * by, *self.bounds[j])
            if self._objective(moved) >= value:
                self.b = moved
                break
            size /= 2
        return hessian

    def _settle(self):
        """Give each penalty that learns its variance; return the largest change, as a difference of logarithms."""
        largest = 0.0
        for start, block in zip(self.starts, self.blocks):
            for penalty, free in self._freedoms(start, block):
                squares = sum(
                    sum(by * (self.b[start + j] - self.means[start + j]) for j, by in row) ** 2
                    for row in penalty.rows
                )
                variance = (penalty.start + squares) / (1.0 + free)
                variance = min(max(variance, LEAST_VARIANCE), MOST_VARIANCE)
                largest = max(largest, abs(log(variance / penalty.variance)))
                penalty.variance = variance
        return largest

    def _freedoms(self, start, block):
        """Return each penalty of a block that learns, with the number of its rows that the outcomes decide."""
        learning = [penalty for penalty in block.penalties if penalty.learns]
        if not learning:
            return []
        own = [[0.0] * block.size for _j in range(block.size)]
        for penalty in block.penalties:
            for row in penalty.rows:
                for j, x in row:
                    for k, y in row:
                        own[j][k] += x * y / penalty.variance
        before = inverse(own)
        found = []
        for penalty in learning:
            free = sum(
                x * y * (before[j][k] - self.covariance[start + j][start + k])
                for row in penalty.rows
                for j, x in row
                for k, y in row
            )
            found.append((penalty, max(free / penalty.variance, 0.0)))
        return found

    def _scores(self, b):
        z = self.offsets
        for start, block in zip(self.starts, self.blocks):
            z = map(add, z, block.logits(b[start : start + block.size]))
        return list(z)

    def _objective(self, b):
        """Return the penalised log likelihood."""
        total = 0.0
        for z, n, k in zip(self._scores(b), self.totals, self.happened):
            # log(1 + e^z) without overflow
            total += k * z - n * ((z if z > 0 else 0.0) + log1p(exp(-abs(z))))
        means = self.means
        for penalty, rows in self.penalties:
            squares = sum(sum(by * (b[j] - means[j]) for j, by in row) ** 2 for row in rows)
            total -= squares / penalty.variance / 2
        return total

    def _slope(self):
        """Return the gradient and the negative Hessian of the objective."""
        p = list(map(sigmoid, self._scores(self.b)))
        missing = [k - n * q for n, k, q in zip(self.totals, self.happened, p)]
        curve = [n * q * (1 - q) for n, q in zip(self.totals, p)]
        gradient = []
        hessian = [[0.0] * self.size for _j in range(self.size)]
        for number, (start, block) in enumerate(zip(self.starts, self.blocks)):
            gradient += block.parameters(block.sums(missing))
            for left, other in zip(self.starts[: number + 1], self.blocks[: number + 1]):
                half = [other.parameters(row) for row in block.meeting(other, curve)]
                columns = [block.parameters(list(column)) for column in zip(*half)]
                for k, column in enumerate(columns):
                    for j, value in enumerate(column):
                        hessian[start + j][left + k] = hessian[left + k][start + j] = value
        for penalty, rows in self.penalties:
            for row in rows:
                off = sum(by * (self.b[j] - self.means[j]) for j, by in row) / penalty.variance
                for j, x in row:
                    gradient[j] -= x * off
                    for k, y in row:
                        hessian[j][k] += x * y / penalty.variance
        return gradient, hessian


def _inside(value, least, most):
    if least is not None and value < least:
        return least
    return most if most is not None and value > most else value


# ----------------------------------------------------------------------------------------------
# Linear algebra; the priors keep every matrix positive definite
# ----------------------------------------------------------------------------------------------


def cholesky(matrix):
    """Return the lower triangle whose square is a matrix.

    >>> cholesky([[4.0, 2.0], [2.0, 2.0]])
    [[2.0], [1.0, 1.0]]
    """
    lower = []
    for j, wanted in enumerate(matrix):
        row = []
        for k in range(j):
            other = lower[k]
            row.append((wanted[k] - sum(map(mul, row, other))) / other[k])
        row.append(sqrt(wanted[j] - sum(map(mul, row, row))))
        lower.append(row)
    return lower


def solve(matrix, vector):
    """Return the solution of a linear system.

    >>> solve([[4.0, 2.0], [2.0, 2.0]], [8.0, 6.0])
    [1.0, 2.0]
    """
    return _solved(cholesky(matrix), vector)


def _solved(lower, vector):
    half = []
    for row, value in zip(lower, vector):
        half.append((value - sum(map(mul, row, half))) / row[-1])
    size = len(half)
    for j in reversed(range(size)):
        half[j] /= lower[j][j]
        known = half[j]
        for k, by in enumerate(lower[j][:j]):
            half[k] -= by * known
    return half


def inverse(matrix):
    """Return the inverse of a symmetric matrix.

    >>> inverse([[4.0, 0.0], [0.0, 16.0]])
    [[0.25, 0.0], [0.0, 0.0625]]
    """
    lower, size = cholesky(matrix), len(matrix)
    return [_solved(lower, [float(j == k) for k in range(size)]) for j in range(size)]

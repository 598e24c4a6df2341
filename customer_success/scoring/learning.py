"""The learning of coefficients: they are fitted to the outcomes of renewals, starting from the priors of experts.

The method is MAP logistic regression: the likelihood of the outcomes, penalised by the distance from the
priors. Without outcomes the result is the priors; with many outcomes they decide. Plain Python on plain rows.
"""

from collections import defaultdict
from datetime import date, timedelta
from math import exp, log1p, sqrt
from operator import mul
from typing import NamedTuple

from .evaluation import Evaluation, evaluate
from .risk import sigmoid

# The expected distance, in logits, of a coefficient from its prior. The base rate differs more from vendor to
# vendor than the effect of a factor.
PRIOR_SD = 0.5
BASE_SD = 1.5
# The base rate changes with the market: outcomes of the latest year may move it by about this many logits.
DRIFT_SD = 0.75
DRIFT_DAYS = 365
# The least number of outcomes, and of each kind. Fewer say more about chance than about customers.
LEAST_OUTCOMES = 50
LEAST_OF_A_KIND = 10
# The share of the outcomes that is held back: a model is judged by the outcomes after those it was fitted to.
HELD_BACK = 0.25

STEPS = 60
CLOSE_ENOUGH = 1e-9


class Prior(NamedTuple):
    """The prior of a coefficient: the expected ``mean`` and its standard deviation ``sd``, in logits.

    ``sign`` -1 keeps the coefficient at zero or below, 1 at zero or above; 0 leaves it free.
    """

    mean: float = 0.0
    sd: float = PRIOR_SD
    sign: int = 0


class Case(NamedTuple):
    """A renewal that ended: its deviations by code before the end (``features``), and its outcome."""

    features: dict
    happened: bool
    weight: float = 1.0
    day: date = None  # of the outcome
    renewal: int = None


# ----------------------------------------------------------------------------------------------
# Fitting
# ----------------------------------------------------------------------------------------------


def fit(cases, priors, fixed=None):
    """Return the coefficients that explain the cases best, as ``{code: coefficient}``.

    A distance from the priors is penalised. ``priors`` maps codes to :class:`Prior`; ``base`` is the
    intercept. Codes of a case that have no prior are ignored; codes that a case lacks are unknown and
    contribute nothing. ``fixed`` maps codes to given coefficients. The method is Newton's, on rows grouped
    by equal features. A step that would overshoot is halved. A coefficient at its bound stays there as long
    as the gradient points beyond the bound.

    >>> priors = {"base": Prior(-2.0, BASE_SD), "use": Prior(-0.6, sign=-1)}
    >>> fit([], priors)
    {'base': -2.0, 'use': -0.6}
    >>> cases = [Case({"use": -1.0}, n < 60) for n in range(100)]
    >>> cases += [Case({"use": 1.0}, n < 20) for n in range(100)]
    >>> {code: round(value, 2) for code, value in fit(cases, priors).items()}
    {'base': -0.5, 'use': -0.87}

    A factor that seems to work against its sign gets the coefficient 0:

    >>> cases = [Case({"use": 1.0}, True), Case({"use": -1.0}, False)] * 50
    >>> fit(cases, priors)["use"]
    0.0
    """
    codes = list(priors)
    columns, offsets, totals, happened = _group(cases, codes, fixed or {})
    means = [priors[code].mean for code in codes]
    precisions = [1.0 / priors[code].sd ** 2 for code in codes]
    signs = [priors[code].sign for code in codes]
    b = [bounded(mean, sign) for mean, sign in zip(means, signs)]
    value = _objective(b, columns, offsets, totals, happened, means, precisions)
    for _step in range(STEPS):
        gradient, hessian = _slope(b, columns, offsets, totals, happened, means, precisions)
        # A coefficient at its bound whose gradient points beyond the bound is not free to move.
        free = [
            j
            for j, sign in enumerate(signs)
            if not (sign and b[j] == 0 and gradient[j] * sign <= 0)
        ]
        move = _solve([[hessian[j][k] for k in free] for j in free], [gradient[j] for j in free])
        size = 1.0
        while True:
            moved = list(b)
            for j, by in zip(free, move):
                moved[j] = bounded(b[j] + size * by, signs[j])
            reached = _objective(moved, columns, offsets, totals, happened, means, precisions)
            if reached >= value or size < 1e-6:
                break
            size /= 2
        gained, shift = reached - value, max(map(abs, map(_minus, moved, b)), default=0.0)
        if gained < 0:
            break
        b, value = moved, reached
        if shift < CLOSE_ENOUGH:
            break
    return {code: round(coefficient, 6) + 0.0 for code, coefficient in zip(codes, b)}


def predict(features, coefficients):
    """Return the probability of one case, from 0 to 1.

    >>> predict({}, {"base": 0.0}), predict({"use": 2.0, "gone": 9.0}, {"base": 1.0, "use": -0.5})
    (0.5, 0.5)
    """
    return sigmoid(
        coefficients.get("base", 0.0)
        + sum(
            coefficients[code] * deviation
            for code, deviation in features.items()
            if code in coefficients
        )
    )


def _minus(a, b):
    return a - b


def bounded(value, sign):
    """Return the coefficient, or 0 if it contradicts its sign.

    >>> bounded(0.3, -1), bounded(-0.3, -1), bounded(0.3, 0)
    (0.0, -0.3, 0.3)
    """
    if sign and value * sign < 0:
        return 0.0
    return value


def _group(cases, codes, fixed):
    """Group cases with equal features; return columns by code, offsets, counts and counts of what happened."""
    groups = defaultdict(lambda: [0.0, 0.0])
    for case in cases:
        features = case.features
        row = [1.0 if code == "base" else features.get(code) or 0.0 for code in codes]
        offset = sum(
            fixed[code] * (1.0 if code == "base" else features.get(code) or 0.0) for code in fixed
        )
        group = groups[(*row, offset)]
        group[0] += case.weight
        group[1] += case.weight * bool(case.happened)
    rows = list(groups)
    columns = [[row[j] for row in rows] for j in range(len(codes))]
    return (
        columns,
        [row[-1] for row in rows],
        [n for n, _k in groups.values()],
        [k for _n, k in groups.values()],
    )


def _scores(b, columns, offsets):
    z = offsets
    for coefficient, column in zip(b, columns):
        if coefficient:
            z = [a + coefficient * x for a, x in zip(z, column)]
    return z


def _objective(b, columns, offsets, totals, happened, means, precisions):
    """Return the penalised log likelihood."""
    total = 0.0
    for z, n, k in zip(_scores(b, columns, offsets), totals, happened):
        # log(1 + e^z) without overflow
        total += k * z - n * ((z if z > 0 else 0.0) + log1p(exp(-abs(z))))
    return total - sum(q * (c - m) ** 2 for q, c, m in zip(precisions, b, means)) / 2


def _slope(b, columns, offsets, totals, happened, means, precisions):
    """Return the gradient and the negative Hessian of the objective."""
    p = list(map(sigmoid, _scores(b, columns, offsets)))
    missing = [k - n * q for n, k, q in zip(totals, happened, p)]
    curve = [n * q * (1 - q) for n, q in zip(totals, p)]
    size = len(b)
    gradient = [
        sum(map(mul, column, missing)) - precisions[j] * (b[j] - means[j])
        for j, column in enumerate(columns)
    ]
    hessian = [[0.0] * size for _j in range(size)]
    for j in range(size):
        weighted = list(map(mul, columns[j], curve))
        for k in range(j + 1):
            hessian[j][k] = hessian[k][j] = sum(map(mul, weighted, columns[k]))
        hessian[j][j] += precisions[j]
    return gradient, hessian


def _solve(matrix, vector):
    """Return the solution of a linear system, by Cholesky; the priors keep the matrix positive definite.

    >>> _solve([[4.0, 2.0], [2.0, 2.0]], [8.0, 6.0])
    [1.0, 2.0]
    """
    size = len(vector)
    lower = [[0.0] * size for _j in range(size)]
    for j in range(size):
        for k in range(j + 1):
            rest = matrix[j][k] - sum(map(mul, lower[j][:k], lower[k][:k]))
            lower[j][k] = sqrt(rest) if j == k else rest / lower[k][k]
    half = []
    for j in range(size):
        half.append((vector[j] - sum(map(mul, lower[j][:j], half))) / lower[j][j])
    solution = [0.0] * size
    for j in reversed(range(size)):
        rest = half[j] - sum(lower[k][j] * solution[k] for k in range(j + 1, size))
        solution[j] = rest / lower[j][j]
    return solution


# ----------------------------------------------------------------------------------------------
# Learning from the outcomes so far
# ----------------------------------------------------------------------------------------------


class Lesson(NamedTuple):
    """The result of learning: coefficients from all outcomes, and a trial without the latest ones.

    ``trial`` and the evaluations serve for comparison: each model is judged by outcomes that came after
    those it was fitted to.
    """

    coefficients: dict
    trial: dict
    until: date  # the trial is fitted to outcomes before this day and judged by those from it on
    fresh: Evaluation  # of the trial
    standing: Evaluation  # of the model in force, on the same outcomes
    experts: Evaluation  # of the priors, on the same outcomes


def enough(cases):
    """Return whether there are enough outcomes of both kinds to learn from.

    >>> enough([Case({}, True)] * 100), enough([Case({}, n % 2) for n in range(50)])
    (False, True)
    """
    total = sum(case.weight for case in cases)
    happened = sum(case.weight for case in cases if case.happened)
    return (
        total > LEAST_OUTCOMES - 0.5
        and happened > LEAST_OF_A_KIND - 0.5
        and total - happened > LEAST_OF_A_KIND - 0.5
    )


def split(cases):
    """Return the day from which outcomes are held back; these are about the latest quarter of them.

    Outcomes of one day stay together. Return ``None`` if all fall on one day.

    >>> days = [date(2026, 1, n) for n in (1, 2, 3, 4)]
    >>> split([Case({}, True, day=day) for day in days])
    datetime.date(2026, 1, 4)
    >>> split([Case({}, True, day=days[0])] * 9) is None
    True
    """
    ordered = sorted(cases, key=lambda case: case.day)
    behind = (1 - HELD_BACK) * sum(case.weight for case in ordered)
    first = ordered[0].day if ordered else None
    for case in ordered:
        behind -= case.weight
        if behind < -1e-9 and case.day > first:
            return case.day
    later = [case.day for case in ordered if case.day != first]
    return later[-1] if later else None


def fit_recent(cases, priors):
    """Return coefficients from all cases, with a base that is fitted to the outcomes of the latest year.

    The effect of a factor hardly changes over time; the share of customers who leave in a year does.
    """
    coefficients = fit(cases, priors)
    if "base" not in priors or not cases:
        return coefficients
    since = max(case.day for case in cases) - timedelta(days=DRIFT_DAYS)
    recent = [case for case in cases if case.day > since]
    base = {"base": Prior(coefficients.pop("base"), DRIFT_SD)}
    return fit(recent, base, fixed=coefficients) | coefficients


def learn(cases, priors, standing):
    """Return the :class:`Lesson` of cases that have a day; ``None`` if there are too few outcomes.

    ``standing`` are the coefficients of the model in force without the outcomes that are now held back,
    that is, its own trial.
    """
    if not enough(cases):
        return None
    until = split(cases)
    if until is None:
        return None
    before = [case for case in cases if case.day < until]
    after = [case for case in cases if case.day >= until]
    trial = fit_recent(before, priors)
    experts = {code: prior.mean for code, prior in priors.items()}

    def judged(coefficients):
        return evaluate(
            (predict(case.features, coefficients), case.happened, case.weight) for case in after
        )

    return Lesson(
        coefficients=fit_recent(cases, priors),
        trial=trial,
        until=until,
        fresh=judged(trial),
        standing=judged(standing),
        experts=judged(experts),
    )

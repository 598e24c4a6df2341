"""The learning of coefficients: they are fitted to the outcomes of renewals, starting from the priors of experts.

The method is MAP logistic regression: the likelihood of the outcomes, penalised by the distance from the
priors. Without outcomes the result is the priors; with many outcomes they decide. Plain Python on plain rows.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from .blocks import block
from .evaluation import Evaluation, evaluate
from .fitting import Fit
from .risk import sigmoid
from .shapes import part, unknown_parts
from .spread import Spread, spread_of

# The expected distance, in logits, of a coefficient from its prior. The base rate differs more from vendor to
# vendor than the effect of a factor.
PRIOR_SD = 0.5
BASE_SD = 1.0
# The base rate changes with the market: outcomes of the latest year may move it by about this many logits.
DRIFT_SD = 0.75
DRIFT_DAYS = 365
# The least number of outcomes, and of each kind. Fewer say more about chance than about customers.
LEAST_OUTCOMES = 20
LEAST_OF_A_KIND = 3
# A view of the CSMs is read as the share that left of those with this view before, and of this many usual ones.
AS_USUAL = 2.0
# The share of the outcomes that is held back: a model is judged by the outcomes after those it was fitted to.
HELD_BACK = 0.25


class Prior(NamedTuple):
    """The prior of a factor: the expected slope ``mean`` and its standard deviation ``sd``, in logits per unit.

    ``sign`` -1 keeps every slope below zero, 1 above it, by a tenth of the mean at the least; 0 leaves it free. A factor with
    ``knots``, of which one is 0, may bend at them; without any it is a straight line. The values of a factor of
    ``words`` are texts without an order.
    """

    mean: float = 0.0
    sd: float = PRIOR_SD
    sign: int = 0
    knots: tuple = ()
    words: bool = False


class Case(NamedTuple):
    """A renewal that ended: its deviations by code before the end (``features``), and its outcome."""

    features: dict
    happened: bool
    weight: float = 1.0
    day: date = None  # of the outcome
    renewal: int = None
    view: str = None  # of the CSM, on the day of the checkpoint


# ----------------------------------------------------------------------------------------------
# Fitting
# ----------------------------------------------------------------------------------------------


def fit(cases, priors, fixed=None):
    """Return the shapes that explain the cases best, as ``{code: shape}``; see :mod:`.shapes`.

    A distance from the priors is penalised. ``priors`` maps codes to :class:`Prior`; ``base`` is the
    intercept. Codes of a case that have no prior are ignored. Codes that a case lacks are unknown: they contribute
    nothing to a straight line, and have a level of their own beside a curve or words. ``fixed`` maps codes to given shapes.

    >>> priors = {"base": Prior(-2.0, BASE_SD), "use": Prior(-0.6, sign=-1)}
    >>> fit([], priors)
    {'base': -2.0, 'use': -0.6}
    >>> cases = [Case({"use": -1.0}, n < 60) for n in range(100)]
    >>> cases += [Case({"use": 1.0}, n < 20) for n in range(100)]
    >>> {code: round(value, 2) for code, value in fit(cases, priors).items()}
    {'base': -0.52, 'use': -0.88}

    A factor that seems to work against its sign keeps a tenth of what experts expect:

    >>> cases = [Case({"use": 1.0}, True), Case({"use": -1.0}, False)] * 50
    >>> fit(cases, priors)["use"]
    -0.06

    A curve bends where the outcomes say so:

    >>> priors["use"] = Prior(-0.6, sign=-1, knots=(-1.0, 0.0, 1.0))
    >>> fit([], priors)["use"].heights
    (0.6, 0.0, -0.6)
    >>> cases = [Case({"use": -1.0}, n % 2) for n in range(400)] + [Case({"use": 0.0}, n % 10 == 0) for n in range(400)]
    >>> cases += [Case({"use": 1.0}, n % 10 == 0) for n in range(400)]
    >>> [round(height, 1) for height in fit(cases, priors)["use"].heights]
    [2.1, 0.0, -0.1]
    """
    return posterior(cases, priors, fixed)[0]


def posterior(cases, priors, fixed=None):
    """Return the shapes as :func:`fit` does, and the :class:`~.fitting.Fit` that they come from."""
    columns, offsets, totals, happened = _group(cases, list(priors), fixed or {})
    blocks = [block(code, priors[code], column, totals) for code, column in zip(priors, columns)]
    done = Fit(blocks, offsets, totals, happened).run()
    shapes = {one.code: one.shape(done.of(one)) for one in blocks}
    return shapes, done


def predict(features, shapes):
    """Return the probability of one case, from 0 to 1.

    >>> predict({}, {"base": 0.0}), predict({"use": 2.0, "gone": 9.0}, {"base": 1.0, "use": -0.5})
    (0.5, 0.5)
    """
    return sigmoid(_logits(features, shapes))


def _logits(features, shapes):
    parts = [part(shapes[code], value) for code, value in features.items() if code in shapes]
    if "base" in shapes:
        parts.append(shapes["base"])
    return sum(parts) + sum(unknown_parts(shapes, features).values())


def _group(cases, codes, fixed):
    """Group cases with equal features; return columns by code, offsets, counts and counts of what happened."""
    groups = defaultdict(lambda: [0.0, 0.0])
    for case in cases:
        features = case.features
        row = [1.0 if code == "base" else features.get(code) for code in codes]
        group = groups[(*row, _logits(features, fixed))]
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


# ----------------------------------------------------------------------------------------------
# Learning from the outcomes so far
# ----------------------------------------------------------------------------------------------


class Lesson(NamedTuple):
    """The result of learning: shapes from all outcomes with their spread, and a trial without the latest ones.

    ``trial`` and the evaluations serve for comparison: each model is judged by outcomes that came after
    those it was fitted to.
    """

    shapes: dict
    spread: Spread
    support: dict  # outcomes behind each knot of a factor and what is unknown; by word, where unknown is ""
    trial: dict
    until: date  # the trial is fitted to outcomes before this day and judged by those from it on
    fresh: Evaluation  # of the trial
    standing: Evaluation  # of the model in force, on the same outcomes
    experts: Evaluation  # of the priors, on the same outcomes
    constant: Evaluation  # of the share that left before, for everybody alike, on the same outcomes
    views: Evaluation  # of the CSMs' views, on those of the same outcomes that have one
    beside_views: Evaluation  # of the trial, on those


def enough(cases):
    """Return whether there are enough outcomes of both kinds to learn from.

    >>> enough([Case({}, True)] * 100), enough([Case({}, n % 2) for n in range(20)])
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
    """Return the shapes from all cases, with a base that is fitted to the outcomes of the latest year.

    The effect of a factor hardly changes over time; the share of customers who leave in a year does.
    """
    return _rebased(cases, priors, fit(cases, priors))


def _rebased(cases, priors, shapes):
    """Return these shapes with a base that is fitted to the outcomes of the latest year."""
    if "base" not in priors or not cases:
        return shapes
    since = max(case.day for case in cases) - timedelta(days=DRIFT_DAYS)
    recent = [case for case in cases if case.day > since]
    rest = {code: shape for code, shape in shapes.items() if code != "base"}
    base = {"base": Prior(shapes["base"], DRIFT_SD)}
    return fit(recent, base, fixed=rest) | rest


def learn(cases, priors, standing):
    """Return the :class:`Lesson` of cases that have a day; ``None`` if there are too few outcomes.

    ``standing`` are the shapes of the model in force without the outcomes that are now held back,
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
    experts = {code: prior.mean for code, prior in priors.items() if not prior.words}

    def judged(shapes):
        return evaluate(
            (predict(case.features, shapes), case.happened, case.weight) for case in after
        )

    shapes, done = posterior(cases, priors)
    usual = _share(before)
    said = {view: _share(those, usual) for view, those in _by_view(before).items()}
    viewed = [case for case in after if case.view]
    return Lesson(
        shapes=_rebased(cases, priors, shapes),
        spread=spread_of(done),
        support=_support(done),
        trial=trial,
        until=until,
        fresh=judged(trial),
        standing=judged(standing),
        experts=judged(experts),
        constant=evaluate((usual, case.happened, case.weight) for case in after),
        views=evaluate((said.get(case.view, usual), case.happened, case.weight) for case in viewed),
        beside_views=evaluate(
            (predict(case.features, trial), case.happened, case.weight) for case in viewed
        ),
    )


def forecasts(cases, shapes):
    """Return ``{renewal: (probability, happened, weight)}``; the probability is the mean of those at its checkpoints.

    >>> cases = [Case({"use": -1.0}, True, 0.5, renewal=7), Case({"use": 1.0}, True, 0.5, renewal=7)]
    >>> forecasts(cases, {"base": 0.0, "use": -1.0})
    {7: (0.5, True, 1.0)}
    """
    found = {}
    for case in cases:
        row = predict(case.features, shapes), case.happened, case.weight
        found.setdefault(case.renewal, []).append(row)
    return {
        renewal: (
            sum(p for p, _y, _w in rows) / len(rows),
            bool(rows[0][1]),
            sum(w for _p, _y, w in rows),
        )
        for renewal, rows in found.items()
    }


def telling(priors, cases):
    """Return the priors without words that are the same in all cases: such a word says nothing beside the base.

    >>> cases = [Case({"company": "1", "country": "21"}, True), Case({"company": "1"}, False)]
    >>> list(telling({"base": Prior(), "company": Prior(words=True), "country": Prior(words=True)}, cases))
    ['base', 'country']
    """
    return {
        code: prior
        for code, prior in priors.items()
        if not prior.words or len({case.features.get(code) for case in cases}) > 1
    }


def _by_view(cases):
    found = defaultdict(list)
    for case in cases:
        if case.view:
            found[case.view].append(case)
    return found


def _share(cases, usual=0.5):
    """Return the share of cases that happened, as if :data:`AS_USUAL` of the usual share had been seen before them."""
    total = sum(case.weight for case in cases)
    happened = sum(case.weight for case in cases if case.happened)
    return (happened + AS_USUAL * usual) / (total + AS_USUAL)


def _support(done):
    """Return the support of a fit, with that of words by word."""
    support = done.support()
    for one in done.blocks:
        kind, places = one.points()
        if kind == "words":
            counts = one.sums(done.totals)
            support[one.code] = {
                word: round(count, 1) for word, count in zip([*places, ""], counts, strict=True)
            }
    return support

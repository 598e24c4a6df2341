"""The expected revenue of renewals by quarter with its interval: a simulation in plain Python from the risks.

Each renewal ends in one of four ways: the customer leaves, renews with less, renews, or renews with more. Single renewals
would even out in a large book. What does not even out is what is uncertain for all at once: the year may be worse than
the model has learned. So each draw first draws one shift for all churn risks, one for all contractions and one for all
expansions, and then the renewals.

The large renewals of a quarter are drawn one by one, because one of them can decide the quarter. All others are added up by
their risk and drawn together, as a normal distribution given the common draws: hardly anything is lost by this, and a
book of 100,000 renewals takes as long as one of 100. The draws are the same in each run.
"""

from math import exp, log, pi, sqrt
from random import Random
from statistics import NormalDist
from typing import NamedTuple

from .risk import sigmoid

# By how much years differ, as a standard deviation in logits, even if all were known of the years before: a year in which
# 12 % were expected to leave ends between 9 and 17 % in four of five cases.
COMMON_SD = 0.3
DRAWS = 1000
# The share of the draws within the interval.
INTERVAL = 0.8
# The number of renewals of a quarter that are drawn one by one, the largest first.
SINGLE = 20
SEED = 19


class Group(NamedTuple):
    """Renewals of one quarter with the same churn risk, as sums; a large one is a group of its own.

    Money is what the renewals end with. ``shrinks`` and ``grows`` are what contractions take and expansions add if the
    customers stay, times their chance; ``squares`` and ``of_mean`` are the sums of the squares of what is expected of
    each renewal if its customer stays: the mean of the squares, and the squares of the means.
    """

    quarter: int
    risk: float  # %, of the churn
    value: float
    shrinks: float = 0.0
    grows: float = 0.0
    squares: float = 0.0
    of_mean: float = 0.0
    # Of a single renewal: the chances that it shrinks or grows, if its customer stays, from 0 to 1. None for others.
    chances: tuple = None


class Expected(NamedTuple):
    """The expectation of a quarter, or of all of them: ``total`` is ``value - lost - shrunk + grown``."""

    value: float
    lost: float
    shrunk: float
    grown: float
    total: float
    low: float
    high: float


def single(quarter, risk, value, shrinks=0.0, kept=1.0, grows=0.0, growth=0.0):
    """Return the group of one renewal that is drawn by itself.

    ``shrinks`` and ``grows`` are chances from 0 to 1 if the customer stays, ``kept`` and ``growth`` shares of the value.

    >>> single(0, 20.0, 1000.0, 0.1, 0.5, 0.2, 0.25)  # doctest: +ELLIPSIS
    Group(quarter=0, risk=20.0, value=1000.0, shrinks=50.0, grows=50.0, ..., chances=(0.1, 0.2))
    """
    lost, gained = value * (1 - kept), value * growth
    mean = value - shrinks * lost + grows * gained
    squares = (
        (1 - shrinks - grows) * value**2
        + shrinks * (value - lost) ** 2
        + grows * (value + gained) ** 2
    )
    return Group(
        quarter, risk, value, shrinks * lost, grows * gained, squares, mean**2, (shrinks, grows)
    )


def together(groups):
    """Return groups as one for each quarter and churn risk, for renewals that are not large.

    >>> together([single(0, 20.0, 10.0), single(0, 20.0, 30.0), single(1, 20.0, 5.0)])[0][:3]
    (0, 20.0, 40.0)
    """
    sums = {}
    for group in groups:
        known = sums.setdefault((group.quarter, group.risk), [0.0] * 5)
        for place, amount in enumerate(group[2:7]):
            known[place] += amount
    return [Group(*key, *amounts) for key, amounts in sums.items()]


def common_sd(learned):
    """Return what is uncertain of all risks at once: how years differ, and what is not known from the outcomes so far.

    ``learned`` is the variance of the mean logit, see :meth:`.spread.Spread.common`.

    >>> round(common_sd(0.0), 2), round(common_sd(0.16), 2), round(common_sd(1.0), 2)
    (0.3, 0.5, 1.04)
    """
    return sqrt(COMMON_SD**2 + learned)


def expected(groups, quarters, sd=COMMON_SD, draws=DRAWS):
    """Return ``([Expected of each quarter], Expected of all)``.

    The means are exact: value times probability. The interval comes from the draws. ``sd`` is what is uncertain of all churn
    risks at once, in logits: see :func:`common_sd`. Contractions and expansions have that of the years, or less.

    >>> [one], total = expected([single(0, 50.0, 1000.0)], 1, sd=0.0)
    >>> one.total, one.low, one.high, total == one
    (500.0, 0.0, 1000.0, True)
    >>> expected([], 1)[0]
    [Expected(value=0.0, lost=0.0, shrunk=0.0, grown=0.0, total=0.0, low=0.0, high=0.0)]
    """
    found = []
    totals = simulate(groups, quarters, sd, draws)
    for quarter in range(quarters):
        own = [group for group in groups if group.quarter == quarter]
        found.append(_expected(own, totals[quarter]))
    return found, _expected(groups, [sum(drawn) for drawn in zip(*totals)])


def _expected(groups, totals):
    value = lost = shrunk = grown = 0.0
    for group in groups:
        stays = 1 - group.risk / 100
        value += group.value
        lost += group.value * (1 - stays)
        shrunk += group.shrinks * stays
        grown += group.grows * stays
    low, high = interval(totals)
    return Expected(value, lost, shrunk, grown, value - lost - shrunk + grown, low, high)


def interval(totals, share=INTERVAL):
    """Return the least and the greatest of the middle draws; ``share`` says how many of them are in the middle.

    >>> interval(range(1, 1001))
    (101, 900)
    >>> interval([7.0])
    (7.0, 7.0)
    """
    ordered = sorted(totals)
    out = int(len(ordered) * (1 - share) / 2 + 1e-9)
    return ordered[out], ordered[len(ordered) - 1 - out]


def simulate(groups, quarters, sd=COMMON_SD, draws=DRAWS):
    """Return the drawn totals of each quarter, ``[[total of each draw]]``; the common draws are those of all quarters."""
    random = Random(SEED)
    leaving, shrinking, growing = (_normal(draws, random) for _kind in range(3))
    # Their mean is 1, so the mean of the draws is that of the model.
    by = min(sd, COMMON_SD)
    less, more = ([exp(by * z - by * by / 2) for z in drawn] for drawn in (shrinking, growing))
    shifts = [exp(-sd * z) for z in leaving]
    totals = []
    for quarter in range(quarters):
        own = [group for group in groups if group.quarter == quarter]
        drawn = _rest([g for g in own if g.chances is None], leaving, less, more, sd, random)
        for group in own:
            if group.chances is not None:
                _add_single(drawn, group, shifts, less, more, sd, random)
        totals.append(drawn)
    return totals


def _normal(draws, random):
    """Return draws of the normal distribution, one of each part of it, in random order.

    >>> drawn = _normal(1000, Random(1))
    >>> abs(sum(drawn)) < 1e-9, round(sum(z * z for z in drawn) / 1000, 2)
    (True, 1.0)
    """
    plain = NormalDist()
    drawn = [plain.inv_cdf((n + 0.5) / draws) for n in range(draws)]
    random.shuffle(drawn)
    return drawn


def _logit(risk, sd):
    """Return the logit of a risk in %, moved so far that the mean over the common draws is this risk.

    >>> drawn = _normal(1000, Random(1))
    >>> [round(sum(100 * sigmoid(_logit(risk, 0.3) + 0.3 * z) for z in drawn) / 1000) for risk in (3.0, 12.0, 72.0)]
    [3, 12, 72]
    """
    share = min(max(risk / 100, 1e-6), 1 - 1e-6)
    return log(share / (1 - share)) * sqrt(1 + pi * sd * sd / 8)


def _rest(groups, leaving, less, more, sd, random):
    """Return the drawn totals of renewals that are added up, given the common draws."""
    if not groups:
        return [0.0] * len(leaving)
    known = [
        (_logit(g.risk, sd), g.value, g.shrinks, g.grows, g.squares, g.of_mean) for g in groups
    ]
    # Mean and variance change smoothly with the common draw: they are computed at some places, and in between read off.
    grid = [-4 + 0.25 * n for n in range(33)]
    curve = []
    for place in grid:
        mean = shrunk = grown = variance = 0.0
        for logit, value, shrinks, grows, squares, of_mean in known:
            stays = 1 - sigmoid(logit + sd * place)
            mean += stays * value
            shrunk += stays * shrinks
            grown += stays * grows
            variance += stays * squares - stays * stays * of_mean
        curve.append((mean, shrunk, grown, max(variance, 0.0)))
    most = sum(group.value + group.grows for group in groups)
    totals = []
    for z, by_less, by_more in zip(leaving, less, more):
        at = min(max((z + 4) * 4, 0.0), 31.999)
        left = int(at)
        part = at - left
        mean, shrunk, grown, variance = (
            a + part * (b - a) for a, b in zip(curve[left], curve[left + 1])
        )
        total = mean - shrunk * by_less + grown * by_more + random.gauss(0, 1) * sqrt(variance)
        totals.append(min(max(total, 0.0), max(most, mean + grown * by_more)))
    return totals


def _add_single(totals, group, shifts, less, more, sd, random):
    """Draw one renewal, and add what it is worth to each drawn total."""
    odds, (shrinks, grows) = exp(-_logit(group.risk, sd)), group.chances
    with_less = group.value - (group.shrinks / shrinks if shrinks else 0.0)
    with_more = group.value + (group.grows / grows if grows else 0.0)
    draw = random.random
    for place, shift in enumerate(shifts):
        if draw() * (1 + odds * shift) < 1:
            continue  # they leave
        ends, shrunk = draw(), min(shrinks * less[place], 1.0)
        if ends < shrunk:
            totals[place] += with_less
        elif ends < shrunk + grows * more[place]:
            totals[place] += with_more
        else:
            totals[place] += group.value

"""The quality of predicted probabilities: rank, distance from the outcome, and calibration."""

from math import log, sqrt
from statistics import NormalDist
from typing import NamedTuple

# Probabilities stay this far from 0 and 1, so that a certain and wrong prediction has a finite log loss.
CERTAIN = 1e-6
GROUPS = 10
# Fewer outcomes than this say little about how a model does on them.
FEW = 20
# A gap between predicted and actual that chance would make in one of a hundred models is no chance.
CHANCE = 0.01


class Evaluation(NamedTuple):
    """The measures of one evaluation; a measure is ``None`` if it cannot be computed.

    ``auc`` needs outcomes of both kinds.
    """

    count: float
    happened: float
    auc: float  # 0.5 is chance, 1 perfect
    brier: float  # mean squared distance, low is good
    log_loss: float  # low is good
    calibration_error: float  # mean distance of predicted and actual share, in percentage points
    deciles: list  # riskiest first: {count, predicted %, actual %, lift}


def evaluate(rows):
    """Return the :class:`Evaluation` of rows ``(probability, happened, weight)``.

    >>> done = evaluate([(0.9, True, 1), (0.8, True, 1), (0.7, False, 1), (0.1, False, 1)])
    >>> done.auc, round(done.brier, 4), round(done.log_loss, 4)
    (1.0, 0.1375, 0.4095)
    >>> evaluate([(0.2, False, 1)]).auc is None
    True
    >>> evaluate([])
    Evaluation(count=0, happened=0, auc=None, brier=None, log_loss=None, calibration_error=None, deciles=[])
    """
    rows = sorted(((p, bool(y), w) for p, y, w in rows if w > 0), key=lambda row: -row[0])
    count = sum(w for _p, _y, w in rows)
    happened = sum(w for _p, y, w in rows if y)
    if not rows:
        return Evaluation(0, 0, None, None, None, None, [])
    deciles = _deciles(rows, count, happened)
    return Evaluation(
        count=round(count, 3),
        happened=round(happened, 3),
        auc=_auc(rows, happened, count - happened),
        brier=sum(w * (p - y) ** 2 for p, y, w in rows) / count,
        log_loss=-sum(w * log(_inside(p if y else 1 - p)) for p, y, w in rows) / count,
        calibration_error=sum(d["count"] * abs(d["predicted"] - d["actual"]) for d in deciles)
        / count,
        deciles=deciles,
    )


class Gap(NamedTuple):
    """The predicted and the actual share of some outcomes, in %, and the distance between them in standard deviations."""

    count: int
    predicted: float
    actual: float
    z: float

    def is_no_chance(self, tried=1):
        """Return whether chance would hardly make such a gap in one of ``tried`` groups, of which each may have it.

        >>> Gap(45, 12.0, 31.0, 3.9).is_no_chance(10), Gap(45, 12.0, 25.0, 2.7).is_no_chance(10)
        (True, False)
        >>> Gap(45, 12.0, 25.0, 2.7).is_no_chance(), Gap(FEW - 1, 12.0, 50.0, 5.1).is_no_chance()
        (True, False)
        """
        return self.count >= FEW and abs(self.z) > NormalDist().inv_cdf(1 - CHANCE / 2 / tried)


def gap(rows):
    """Return the :class:`Gap` of rows ``(probability, happened, weight)``, each of which is one outcome or a share of one.

    The number that happens is a sum of independent outcomes, each with its own probability.

    >>> gap([(0.2, n < 16, 1) for n in range(40)])
    Gap(count=40, predicted=20.0, actual=40.0, z=3.16)
    >>> gap([(0.2, False, 1 / 12)] * 12 * 32 + [(0.2, True, 1)] * 8)
    Gap(count=40, predicted=20.0, actual=20.0, z=0.0)
    >>> gap([])
    Gap(count=0, predicted=None, actual=None, z=0.0)
    """
    rows = list(rows)
    if not rows:
        return Gap(0, None, None, 0.0)
    count = sum(w for _p, _y, w in rows)
    expected, happened = sum(p * w for p, _y, w in rows), sum(w for _p, y, w in rows if y)
    deviation = sqrt(sum(w * q * (1 - q) for q, w in ((_inside(p), w) for p, _y, w in rows)))
    return Gap(
        round(count),
        round(100 * expected / count, 1),
        round(100 * happened / count, 1),
        round((happened - expected) / deviation, 2) + 0.0,
    )


def _inside(p):
    return min(max(p, CERTAIN), 1 - CERTAIN)


def _tied(rows):
    """Return the rows in groups of equal probability, in their order."""
    groups = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    return list(groups.values())


def _auc(rows, happened, not_happened):
    """Return the chance that a row that happened has a higher probability than one that did not.

    A tie counts half.
    """
    if not happened or not not_happened:
        return None
    wins = below = 0.0
    for tied in reversed(_tied(rows)):
        yes = no = 0.0
        for _same, y, w in tied:
            if y:
                yes += w
            else:
                no += w
        wins += yes * (below + no / 2)
        below += no
    return wins / (happened * not_happened)


def _deciles(rows, count, happened):
    """Return ten groups of about the same size, riskiest first; rows of equal probability stay together.

    >>> [d["count"] for d in _deciles([(0.5, True, 1)] * 20, 20, 20)]
    [20]
    """
    groups = {}
    before = 0.0
    for tied in _tied(rows):
        weight = sum(w for _same, _y, w in tied)
        middle = before + weight / 2
        groups.setdefault(min(int(GROUPS * middle / count), GROUPS - 1), []).extend(tied)
        before += weight
    return [_decile(group, happened / count) for group in groups.values()]


def _decile(group, overall):
    count = sum(w for _p, _y, w in group)
    actual = sum(w for _p, y, w in group if y) / count
    return {
        "count": round(count, 1),
        "predicted": round(100 * sum(p * w for p, _y, w in group) / count, 1),
        "actual": round(100 * actual, 1),
        "lift": round(actual / overall, 2) if overall else None,
    }

"""The rules of the scores: weights, coefficients and limits, as plain values."""

from hashlib import md5
from typing import NamedTuple

from .factor import FACTORS

# Raise it whenever a formula changes, so that unchanged facts are scored anew after an upgrade.
FORMULA_VERSION = 4


class Rules(NamedTuple):
    """The weights, coefficients and limits of one scoring run.

    ``weights`` maps the code of each factor of the health to its weight. ``coefficients`` maps the code of
    each factor of the risk to its coefficient, in logits per unit of deviation.
    """

    weights: dict
    coefficients: dict
    adoption_target: float = 80.0  # % of the licensed users that should be active
    ramp_months: int = 6  # after go-live, the target rises to its full height over this many months
    usage_fresh_days: int = 120  # older usage says nothing about today
    search_fresh_days: int = 180  # an older search for barriers says nothing about today
    known_enough: float = 25.0  # % of the weight; below it a customer has no health score
    health_bands: tuple = ((70.0, "good"), (45.0, "watch"), (0.0, "poor"))
    risk_bands: tuple = ((65.0, "critical"), (40.0, "high"), (20.0, "medium"), (0.0, "low"))

    def version(self):
        """Return a short text that changes whenever a rule or a formula changes."""
        formulas = [(code, FACTORS[code].formula) for code in self.weights if code in FACTORS]
        said = repr((FORMULA_VERSION, formulas, self))
        return md5(said.encode(), usedforsecurity=False).hexdigest()


def band(value, bands):
    """Return the name of the band that a value falls in; ``None`` for an unknown value.

    ``bands`` are pairs ``(lowest value, name)``, highest first.

    >>> band(70.0, ((70.0, "good"), (45.0, "watch"), (0.0, "poor")))
    'good'
    >>> band(69.9, ((70.0, "good"), (45.0, "watch"), (0.0, "poor")))
    'watch'
    >>> band(None, ((0.0, "poor"),)) is None
    True
    """
    if value is not None:
        for floor, name in bands:
            if value >= floor:
                return name
    return None


def round_tenth(value):
    """Round to one decimal, as all scores are stored; much faster than ``round(value, 1)``.

    >>> round_tenth(33.349), round_tenth(-0.06)
    (33.3, -0.1)
    """
    return round(value * 10) / 10


def apportion(parts):
    """Round parts to tenths so that they still add up to their rounded sum (largest remainder first).

    >>> apportion([33.33, 33.33, 33.34])
    [33.3, 33.3, 33.4]
    >>> apportion([10.05, 10.05, -0.04])
    [10.1, 10.0, 0.0]
    >>> apportion([])
    []
    """
    tenths = [part * 10 for part in parts]
    whole = list(map(round, tenths))
    missing = round(sum(tenths)) - sum(whole)
    while missing:
        # Move the part whose rounding went furthest in the other direction.
        step = 1 if missing > 0 else -1
        errors = [(exact - units) * step for exact, units in zip(tenths, whole)]
        whole[errors.index(max(errors))] += step
        missing -= step
    return [units / 10 for units in whole]

"""The rules of the scores: weights, coefficients and limits, as plain values."""

from hashlib import md5
from typing import NamedTuple

from .factor import FACTORS

# Raise it whenever a formula changes, so that unchanged facts are scored anew after an upgrade.
FORMULA_VERSION = 6


class Rules(NamedTuple):
    """The weights, coefficients and limits of one scoring run.

    ``weights`` maps the code of each factor of the health to its weight. ``coefficients`` maps the code of
    each factor of the risk to its shape, see :mod:`.shapes`: a coefficient in logits per unit of deviation, a curve, or words. ``segments`` maps the id of each
    segment that has weights or limits of its own to its rules, and ``former`` maps the marks of earlier rules to
    their weights and their percentage of the expected days.
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
    expected_days: int = 100  # % of the days that a stage usually takes
    mark: str = ""  # see :meth:`marked`
    formula: str = ""  # see :meth:`marked`
    segments: dict = {}
    former: dict = {}
    spread: object = None  # the :class:`~.spread.Spread` of the coefficients

    def of(self, segment_id):
        """Return the rules of a segment; without rules of its own these rules hold.

        >>> rules = Rules({"use": 30}, {}, segments={7: Rules({"use": 50}, {})})
        >>> rules.of(7).weights, rules.of(8).weights, rules.of(None).weights
        ({'use': 50}, {'use': 30}, {'use': 30})
        """
        return self.segments.get(segment_id, self)

    def version(self):
        """Return a short text that changes whenever a rule or a formula changes, but for the rules of segments."""
        formulas = [(code, FACTORS[code].formula) for code in self.weights if code in FACTORS]
        return _digest((FORMULA_VERSION, formulas, self._replace(segments={}, former={})))

    def versions(self):
        """Return the versions of the rules of all segments, ``{id as text: version}``."""
        return {str(segment): rules.version() for segment, rules in self.segments.items()}

    def marked(self):
        """Return these rules with their mark and their formula: short texts that say by what scores are computed.

        The mark names the weights and the expected days. A score whose mark differs from that of the score before was
        moved by the rules, not only by its customer. The formula names the version of the formulas, and of each factor.

        >>> first, second = Rules({"use": 30}, {}).marked(), Rules({"use": 30, "plan": 0.0}, {}).marked()
        >>> first.mark == second.mark, first.mark == Rules({"use": 31}, {}).marked().mark
        (True, False)
        >>> first.formula.split()[0] == str(FORMULA_VERSION), first.formula.split()[1].partition(":")[0]
        (True, 'use')
        """
        formulas = {code: FACTORS[code].formula if code in FACTORS else 1 for code in self.weights}
        formula = " ".join(
            [str(FORMULA_VERSION), *(f"{code}:{formulas[code]}" for code in sorted(formulas))]
        )
        weights = sorted((code, float(weight)) for code, weight in self.weights.items() if weight)
        return self._replace(mark=_digest((weights, self.expected_days))[:12], formula=formula)


def is_new_formula(before, now):
    """Return True if scores are computed by other formulas now than before; an unknown formula is no other one.

    A factor that counts in one of the two only is a matter of weights.

    >>> is_new_formula("3 use:1", "4 use:1"), is_new_formula("4 use:1", "4 use:2")
    (True, True)
    >>> is_new_formula("4 use:1", "4 plan:2 use:1"), is_new_formula(None, "4 use:1"), is_new_formula("4", "")
    (False, False, False)
    """
    if not before or not now or before == now:
        return False
    (old, *olds), (new, *news) = before.split(), now.split()
    olds, news = (dict(part.rsplit(":", 1) for part in parts) for parts in (olds, news))
    return old != new or any(news.get(code, version) != version for code, version in olds.items())


def _digest(value):
    return md5(repr(value).encode(), usedforsecurity=False).hexdigest()


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


def below_good(bands):
    """Return the highest score that is not in the first of these bands: a point below it, so that whole figures agree.

    >>> below_good(((70.0, "good"), (45.0, "watch"), (0.0, "poor"))), below_good(((45.5, "good"), (45.0, "watch")))
    (69.0, 45.0)
    """
    return max(bands[0][0] - 1.0, bands[1][0])


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
    if missing:
        # Move the parts whose rounding went furthest in the other direction, one tenth each.
        step = 1 if missing > 0 else -1
        errors = [(exact - units) * step for exact, units in zip(tenths, whole)]
        furthest = sorted(range(len(errors)), key=errors.__getitem__, reverse=True)
        for place in furthest[: abs(missing)]:
            whole[place] += step
    return [units / 10 for units in whole]

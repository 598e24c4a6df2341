"""What would help most: each thing that could be done, tried on the facts, and what the scores would be then."""

from typing import NamedTuple

from .engine import score
from .factor import FACTORS, Lever
from .rules import round_tenth


class Effect(NamedTuple):
    """What one thing would do: risk and health are after it. ``lever`` says which, see there for ``subject``."""

    lever: Lever
    subject: int
    risk: float
    health: float


def levers(facts, rules, renewal_id=None):
    """What lowers the risk most, then what raises the health most: ``(before, [Effect])``.

    ``before`` is an :class:`Effect` without lever. The risk is that of the renewal named, else of the one that
    speaks for the customer; ``None`` without any. What would not help at all is left out.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> rules = Rules({"barriers": 20}, {"base": -2.0, "barriers": -0.4})
    >>> facts = Facts(1, barriers_known=True, barriers=[[7, 2, 90, 1, 0], [8, 0, 0, 0, 0]], renewals=[
    ...     [5, True, 1000.0, 1, False, 12, 1, False, 100, 32, None, None, 3]])
    >>> before, found = levers(facts, rules)
    >>> before
    Effect(lever=None, subject=None, risk=17.2, health=38.8)
    >>> found[0].lever.kind, found[0][1:]
    ('authority', (7, 14.2, 50.0))
    """
    before = _scored(facts, rules, renewal_id)
    found = []
    for code in rules.weights:
        for lever in FACTORS[code].levers:
            for subject, changed in lever.find(facts, rules):
                after = _scored(changed, rules, renewal_id, lever, subject)
                if _gain(before, after) > (0, 0):
                    found.append(after)
    found.sort(key=lambda effect: _gain(before, effect), reverse=True)
    return before, found


def _scored(facts, rules, renewal_id, lever=None, subject=None):
    row, renewals = score(facts, rules)
    risk = row["renewal_risk"]
    if renewal_id is not None:
        risk = next((r["churn_risk"] for r in renewals if r["renewal_id"] == renewal_id), None)
    return Effect(lever, subject, risk, row["health"])


def _gain(before, after):
    """Points of risk taken, then points of health won; what was unknown before is no gain."""
    lowered = (
        0.0 if before.risk is None or after.risk is None else round_tenth(before.risk - after.risk)
    )
    raised = (
        0.0
        if before.health is None or after.health is None
        else round_tenth(after.health - before.health)
    )
    return max(lowered, 0.0), raised

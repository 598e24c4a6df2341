"""The levers of a customer: each possible action is tried on the facts, and the scores are computed anew."""

from typing import NamedTuple

from .engine import score
from .factor import FACTORS, Lever
from .rules import round_tenth


class Effect(NamedTuple):
    """The churn risk and the health score after one action; :class:`Lever` explains the other fields."""

    lever: Lever
    subject: int
    risk: float
    health: float
    by: str = None
    effort: str = None


def levers(facts, rules, renewal_id=None):
    """Return ``(before, [Effect])``: actions that lower the risk most come first, then those that raise the health.

    ``before`` is an :class:`Effect` without a lever. The risk is that of the given renewal, else of the one that
    stands for the customer, else ``None``. Actions that would not help are left out.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> rules = Rules({"barriers": 20}, {"base": -2.0, "barriers": -0.4})
    >>> facts = Facts(1, barriers_known=True, barriers=[[7, 2, 90, 1, 0], [8, 0, 0, 0, 0]], people_asked=5, renewals=[
    ...     [5, True, 1000.0, 1, False, 12, 1, False, 100, 32, None, None, 3]])
    >>> before, found = levers(facts, rules)
    >>> before[2:4]
    (16.8, 39.9)
    >>> found[0].lever.kind, found[0][1:]
    ('removed', (7, 6.3, 95.0, 'both', 'medium'))
    """
    rules = rules.of(facts.segment_id)
    before = _scored(facts, rules, renewal_id)
    found = []
    for code in rules.weights:
        for lever in FACTORS[code].levers:
            for subject, changed in lever.find(facts, rules):
                after = _scored(changed, rules, renewal_id, lever, subject)
                if _gain(before, after) > (0, 0):
                    by, effort = (
                        says(facts, subject) if callable(says) else says
                        for says in (lever.by, lever.effort)
                    )
                    found.append(after._replace(by=by, effort=effort))
    found.sort(key=lambda effect: _gain(before, effect), reverse=True)
    return before, found


def _scored(facts, rules, renewal_id, lever=None, subject=None):
    row, renewals = score(facts, rules)
    risk = row["renewal_risk"]
    if renewal_id is not None:
        risk = next((r["churn_risk"] for r in renewals if r["renewal_id"] == renewal_id), None)
    return Effect(lever, subject, risk, row["health"])


def _gain(before, after):
    """Return the points by which the risk falls and the health rises; 0 if the score was unknown before."""
    lowered = (
        0.0 if before.risk is None or after.risk is None else round_tenth(before.risk - after.risk)
    )
    raised = (
        0.0
        if before.health is None or after.health is None
        else round_tenth(after.health - before.health)
    )
    return max(lowered, 0.0), raised

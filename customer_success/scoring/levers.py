"""What would help most: each thing that could be done, tried on the facts, and what the scores would be then."""

from math import ceil
from typing import NamedTuple

from .engine import score
from .rules import tenth

# Places in the line of a barrier, see Facts.
BARRIER_ID, NO_AUTHORITY = 0, 3


class Lever(NamedTuple):
    """One thing to do. ``subject`` is the id of what it is done to, or how many; risk and health are after."""

    kind: str
    subject: int
    risk: float
    health: float


def levers(facts, rules, renewal_id=None):
    """What lowers the risk most, then what raises the health most: ``(before, [Lever])``.

    ``before`` is a :class:`Lever` without kind. The risk is that of the renewal named, else of the one that
    speaks for the customer; ``None`` without any. What would not help at all is left out.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> rules = Rules({"barriers": 20}, {"base": -2.0, "barriers": -0.4})
    >>> facts = Facts(1, barriers_known=True, barriers=[[7, 2, 90, 1, 0], [8, 0, 0, 0, 0]], renewals=[
    ...     [5, True, 1000.0, 1, False, 12, 1, False, 100, 32, None, None, 3]])
    >>> before, found = levers(facts, rules)
    >>> before
    Lever(kind=None, subject=None, risk=17.2, health=38.8)
    >>> found[0]
    Lever(kind='authority', subject=7, risk=14.2, health=50.0)
    """
    before = _scored(facts, rules, renewal_id)
    found = []
    for kind, subject, changed in _possible(facts, rules):
        after = _scored(changed, rules, renewal_id, kind, subject)
        if _gain(before, after) > (0, 0):
            found.append(after)
    found.sort(key=lambda lever: _gain(before, lever), reverse=True)
    return before, found


def _scored(facts, rules, renewal_id, kind=None, subject=None):
    row, renewals = score(facts, rules)
    risk = row["renewal_risk"]
    if renewal_id is not None:
        risk = next((r["churn_risk"] for r in renewals if r["renewal_id"] == renewal_id), None)
    return Lever(kind, subject, risk, row["health"])


def _gain(before, after):
    """Points of risk taken, then points of health won; what was unknown before is no gain."""
    lowered = 0.0 if before.risk is None or after.risk is None else tenth(before.risk - after.risk)
    raised = (
        0.0
        if before.health is None or after.health is None
        else tenth(after.health - before.health)
    )
    return max(lowered, 0.0), raised


def _possible(facts, rules):
    """Everything that somebody could do next, with the facts as they would be then."""
    barriers = facts.barriers or []
    for position, barrier in enumerate(barriers):
        rest = barriers[:position], barriers[position + 1 :]
        if barrier[NO_AUTHORITY]:
            # Who may not remove it will not: authority comes first.
            granted = list(barrier)
            granted[NO_AUTHORITY] = 0
            yield (
                "authority",
                barrier[BARRIER_ID],
                facts._replace(barriers=[*rest[0], granted, *rest[1]]),
            )
        else:
            yield "removed", barrier[BARRIER_ID], facts._replace(barriers=[*rest[0], *rest[1]])
    missing = facts.questions_due - facts.questions_fresh
    # Of a customer that was never asked nobody knows what the answers will be.
    if facts.answers and missing > 0:
        asked = facts._replace(
            answers=facts.answers + missing, questions_fresh=facts.questions_due, questions_stale=0
        )
        yield "asked", missing, asked
    objectives = facts.objectives or []
    for position, (objective_id, reached, confirmed, failed) in enumerate(objectives):
        if reached is not None and not confirmed and not failed:
            line = [objective_id, reached, 1, 0]
            changed = [*objectives[:position], line, *objectives[position + 1 :]]
            yield "confirmed", int(objective_id), facts._replace(objectives=changed)
    if facts.nothing_ahead:
        yield "ahead", None, facts._replace(nothing_ahead=False)
    if facts.plan_complete is not None:
        if facts.plan_review_late:
            yield "reviewed", None, facts._replace(plan_review_late=0)
        if facts.plan_complete < 100:
            yield "completed", None, facts._replace(plan_complete=100.0)
    if facts.licensed_users and facts.active_users is not None:
        target = facts.adoption_target or rules.adoption_target
        missing = ceil(facts.licensed_users * target / 100) - facts.active_users
        if missing > 0:
            yield "adopted", int(missing), facts._replace(active_users=facts.active_users + missing)

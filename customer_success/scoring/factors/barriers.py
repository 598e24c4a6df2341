"""The factor barriers: the open barriers of a customer."""

from typing import NamedTuple

from ..factor import UNKNOWN, Factor, Lever, Step, packed, register
from ..rules import round_tenth

# The points that one new barrier takes from 100, by severity 0 to 3.
SEVERITY_PENALTY = (5.0, 15.0, 30.0, 60.0)
# A barrier counts double once it has been open for this many days.
BARRIER_AGE_DAYS = 180
NO_AUTHORITY = 1.25  # multiplies the points if nobody has the authority to remove it yet
POTENTIAL = 0.5  # multiplies the points if it is not confirmed yet


class Barrier(NamedTuple):
    """One open barrier; ``age`` in days, the last two are 0 or 1."""

    id: int
    severity: int
    age: int
    no_authority: int
    potential: int


_BARRIER = packed(
    Barrier,
    {
        "id": "id",
        "severity": "severity::int",
        "age": "LEAST(GREATEST(%(today)s - date_opened, 0), 180)",
        "no_authority": "CASE WHEN authority = 'granted' THEN 0 ELSE 1 END",
        "potential": "CASE WHEN state = 'potential' THEN 1 ELSE 0 END",
    },
)
OPEN_BARRIERS = Step(
    "barrier",
    f"""
    SELECT partner_id,
           array_agg({_BARRIER} ORDER BY severity DESC, id)
               FILTER (WHERE is_open) AS open,
           bool_or(is_open AND severity = '3') AS is_critical
      FROM customer_success_barrier
     WHERE partner_id IN_SCOPE
       AND active
  GROUP BY partner_id
""",
)


def value(facts, rules):
    """Return 100 less the penalty of each open barrier, and the evidence.

    The penalty depends on the severity. It rises up to double with the age, is higher if nobody has the
    authority to remove the barrier, and half while the barrier is only potential. The factor is unknown if
    no barrier was ever recorded or looked for.

    >>> from ..facts import Facts
    >>> value(Facts(1, barriers_known=True), None)
    (100.0, {'open': []})
    >>> value(Facts(1, barriers_known=True, barriers=[[7, 2, 90, 1, 0]]), None)
    (43.75, {'open': [{'id': 7, 'penalty': 56.2, 'severity': 2, 'age': 90, 'no_authority': 1}]})
    >>> value(Facts(1), None)
    (None, None)
    """
    if not facts.barriers_known:
        return UNKNOWN
    result = 100.0
    lines = []
    for barrier_id, severity, age, no_authority, potential in _open(facts):
        penalty = SEVERITY_PENALTY[severity] * (1 + min(age, BARRIER_AGE_DAYS) / BARRIER_AGE_DAYS)
        if no_authority:
            penalty *= NO_AUTHORITY
        if potential:
            penalty *= POTENTIAL
        result -= penalty
        lines.append(
            {
                "id": barrier_id,
                "penalty": round_tenth(penalty),
                "severity": severity,
                "age": age,
                "no_authority": no_authority,
            }
        )
    return max(0.0, result), {"open": lines}


def _open(facts):
    return map(Barrier._make, facts.barriers or ())


def words(env, evidence):
    """Return each open barrier with the points that it takes, as text."""
    if evidence.get("open") == []:
        return env._("No barrier is open")
    lines = [
        line for line in evidence.lines("open") if line.has("id", "penalty", "severity", "age")
    ]
    barriers = env["customer.success.barrier"].sudo()
    names = {b.id: b.name for b in barriers.browse(line["id"] for line in lines).exists()}
    severities = dict(barriers._fields["severity"]._description_selection(env))
    said = []
    for line in lines:
        text = env._(
            "%(name)s: -%(penalty).0f (severity %(severity)s, open for %(age)d days)",
            name=names.get(line["id"], env._("a removed barrier")),
            penalty=line["penalty"],
            severity=severities.get(str(line["severity"]), "").lower(),
            age=line["age"],
        )
        if line.get("no_authority"):
            text = env._("%(barrier)s, nobody has the authority to remove it", barrier=text)
        said.append(text)
    return " · ".join(said)


def _with_authority(facts, rules):
    """Yield, for each barrier without authority, the facts with it granted.

    Authority comes before removal: a person without authority will not remove the barrier.
    """
    barriers = list(_open(facts))
    for position, barrier in enumerate(barriers):
        if barrier.no_authority:
            granted = barrier._replace(no_authority=0)
            changed = [*barriers[:position], granted, *barriers[position + 1 :]]
            yield barrier.id, facts.replaced(barriers=changed)


def _removed(facts, rules):
    """Yield, for each barrier whose owner has authority, the facts without the barrier."""
    barriers = list(_open(facts))
    for position, barrier in enumerate(barriers):
        if not barrier.no_authority:
            rest = [*barriers[:position], *barriers[position + 1 :]]
            yield barrier.id, facts.replaced(barriers=rest)


def _say_authority(env, barrier_id):
    return env._("Get the authority to remove “%s”", _name(env, barrier_id))


def _say_removed(env, barrier_id):
    return env._("Have the barrier “%s” removed", _name(env, barrier_id))


def _name(env, barrier_id):
    return env["customer.success.barrier"].sudo().browse(barrier_id).display_name


BARRIERS = register(
    Factor(
        "barriers",
        value=value,
        words=words,
        steps=(OPEN_BARRIERS,),
        columns={
            # whether a barrier was ever recorded or looked for
            "barriers_known": "customer.barriers_checked OR barrier.partner_id IS NOT NULL",
            "barriers": "barrier.open",  # the open ones, see Barrier
        },
        levers=(
            Lever("authority", _with_authority, _say_authority),
            Lever("removed", _removed, _say_removed),
        ),
    )
)

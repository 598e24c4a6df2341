"""The factor barriers: the open barriers of a customer."""

from math import ceil
from typing import NamedTuple

from ..counted import day_number, say_day, say_days
from ..factor import UNKNOWN, Factor, Lever, Step, packed, register
from ..rules import round_tenth
from ..successors import SUCCESSOR_STEPS, join_line, read_as

# The points that one new barrier takes from 100, by severity 0 to 3.
SEVERITY_PENALTY = (5.0, 15.0, 30.0, 60.0)
# A barrier counts double once it has been open for this many days.
BARRIER_AGE_DAYS = 180
NO_AUTHORITY = 1.25  # multiplies the points if nobody has the authority to remove it yet
POTENTIAL = 0.5  # multiplies the points if it is not confirmed yet
# A search is enough if it asked this percentage of the active users, within these numbers of people.
ASKED_PERCENT, ASKED_LEAST, ASKED_MOST = 10, 5, 20
# Open barriers that take this many points, down to the neutral 60, have the full weight however few people were asked.
FULL_PENALTY = 40.0


class Barrier(NamedTuple):
    """One open barrier.

    ``age`` is in days, as far as it counts. ``no_authority`` and ``potential`` are 0 or 1. ``opened`` is a day, see
    :data:`~..counted.DAY_ZERO`. A barrier without a product concerns all.
    """

    id: int
    severity: int
    age: int
    no_authority: int
    potential: int
    opened: int = None
    product: int = None


_BARRIER = packed(
    Barrier,
    {
        "id": "id",
        "severity": "severity::int",
        "age": "LEAST(GREATEST(%(today)s - date_opened, 0), 180)",
        "no_authority": "CASE WHEN authority = 'granted' THEN 0 ELSE 1 END",
        "potential": "CASE WHEN state = 'potential' THEN 1 ELSE 0 END",
        "opened": day_number("date_opened"),
        "product": read_as("found"),
    },
)
OPEN_BARRIERS = Step(
    "barrier",
    f"""
    SELECT found.partner_id,
           array_agg({_BARRIER} ORDER BY severity DESC, id)
               FILTER (WHERE is_open) AS open,
           bool_or(is_open AND severity = '3') AS is_critical
      FROM customer_success_barrier found
 {join_line("found")}
     WHERE found.partner_id IN_SCOPE
       AND found.active
  GROUP BY found.partner_id
""",
)


def value(facts, rules):
    """Return 100 less the penalty of each open barrier, and the evidence.

    The penalty depends on the severity. It rises up to double with the age, is higher if nobody has the
    authority to remove the barrier, and half while the barrier is only potential. The factor is unknown if
    no barrier is open and nobody has looked for any lately. :func:`reach` says how much the value weighs.

    >>> from ..facts import Facts
    >>> value(Facts(1, barriers_known=True), None)
    (100.0, {'open': [], 'asked': 0, 'enough': 5})
    >>> points, evidence = value(Facts(1, barriers_known=True, barriers=[[7, 2, 90, 1, 0]]), None)
    >>> points, evidence["open"]
    (43.75, [{'id': 7, 'penalty': 56.2, 'severity': 2, 'age': 90, 'no_authority': 1}])
    >>> value(Facts(1), None)
    (None, None)
    """
    if not facts.barriers_known:
        return UNKNOWN
    result = 100.0
    lines = []
    for barrier_id, severity, age, no_authority, potential, opened, _product in _open(facts):
        penalty = _penalty(severity, age, no_authority, potential)
        result -= penalty
        lines.append(
            {
                "id": barrier_id,
                "penalty": round_tenth(penalty),
                "severity": severity,
                "age": age,
                "no_authority": no_authority,
                **({} if opened is None else {"opened": opened}),
            }
        )
    evidence = {"open": lines, "asked": facts.people_asked or 0, "enough": _enough(facts)}
    if facts.areas_looked is not None and facts.areas_looked < 1:
        evidence["areas"] = round_tenth(100.0 * facts.areas_looked)
    return max(0.0, result), evidence


def _penalty(severity, age, no_authority, potential):
    penalty = SEVERITY_PENALTY[severity] * (1 + min(age, BARRIER_AGE_DAYS) / BARRIER_AGE_DAYS)
    if no_authority:
        penalty *= NO_AUTHORITY
    if potential:
        penalty *= POTENTIAL
    return penalty


def _enough(facts):
    """Return how many people a search has to ask, from the number of active users.

    >>> from ..facts import Facts
    >>> [_enough(Facts(1, active_users=active)) for active in (None, 3, 40, 101, 4000)]
    [5, 3, 5, 11, 20]
    """
    active = facts.active_users
    if not active:
        return ASKED_LEAST
    share = ceil(active * ASKED_PERCENT / 100)
    return int(min(max(share, ASKED_LEAST), ASKED_MOST, active))


def reach(facts, rules, _value):
    """Return how much of its weight the factor deserves: how far people looked, or what the open barriers take.

    One person asked and nothing found says little. Bad news counts however it was found, and a trivial barrier
    does not stand for having looked, hence the square.

    >>> from ..facts import Facts
    >>> reach(Facts(1, barriers_known=True, people_asked=1, active_users=100), None, 100.0)
    0.1
    >>> reach(Facts(1, barriers_known=True, people_asked=10, areas_looked=0.5, active_users=100), None, 100.0)
    0.5
    >>> reach(Facts(1, barriers_known=True, barriers=[[7, 2, 90, 1, 0]]), None, 43.75)
    1.0
    """
    areas = 1.0 if facts.areas_looked is None else facts.areas_looked
    looked = areas * min(1.0, (facts.people_asked or 0) / _enough(facts))
    taken = sum(_penalty(*barrier[1:5]) for barrier in _open(facts))
    return max(looked, min(1.0, (taken / FULL_PENALTY) ** 2))


def _open(facts):
    return (Barrier(*row) for row in facts.barriers or ())


def narrow(facts, product):
    """Return the open barriers of one product and of the whole customer."""
    return {
        "barriers": [
            row for row in facts.barriers or () if Barrier(*row).product not in product.others
        ]
        or None
    }


def words(env, evidence):
    """Return each open barrier with the points that it takes, as text."""
    asked = []
    if evidence.has("asked", "enough") and evidence["asked"] < evidence["enough"]:
        asked.append(
            env._(
                "People asked recently: %(asked)d; %(enough)d would be enough",
                asked=evidence["asked"],
                enough=evidence["enough"],
            )
        )
    if evidence.number("areas") is not None:
        asked.append(env._("%.0f %% of the areas were gone through", evidence["areas"]))
    if evidence.get("open") == []:
        return " · ".join([env._("No barrier is open"), *asked])
    lines = [
        line for line in evidence.lines("open") if line.has("id", "penalty", "severity", "age")
    ]
    barriers = env["customer.success.barrier"].sudo()
    names = {b.id: b.name for b in barriers.browse(line["id"] for line in lines).exists()}
    severities = dict(barriers._fields["severity"]._description_selection(env))
    said = []
    for line in lines:
        text = env._(
            "%(name)s: -%(penalty).0f (severity %(severity)s, %(open)s)",
            name=names.get(line["id"], env._("a removed barrier")),
            penalty=line["penalty"],
            severity=severities.get(str(line["severity"]), "").lower(),
            open=env._("open since %s", say_day(env, line["opened"]))
            if line.has("opened")
            else env._("open for %s", say_days(env, line["age"])),
        )
        if line.get("no_authority"):
            text = env._("%(barrier)s, nobody has the authority to remove it", barrier=text)
        said.append(text)
    return " · ".join([*said, *asked])


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
        reach=reach,
        narrow=narrow,
        formula=2,
        words=words,
        steps=(*SUCCESSOR_STEPS, OPEN_BARRIERS),
        columns={
            # whether a barrier is open or was looked for lately
            "barriers_known": """
                barrier.open IS NOT NULL
                OR COALESCE(customer.barriers_checked > %(today)s - %(search_days)s, FALSE)""",
            # How many people the latest search asked, in which share of the areas; unknown once it is stale.
            # Searches of earlier versions asked one person at least, in all areas.
            "people_asked": """
                CASE WHEN customer.barriers_checked > %(today)s - %(search_days)s
                     THEN COALESCE(NULLIF(customer.barriers_asked, 0), 1) END""",
            "areas_looked": """
                CASE WHEN customer.barriers_checked > %(today)s - %(search_days)s
                     THEN customer.barriers_areas::float8 / 100 END""",
            "barriers": "barrier.open",  # the open ones, see Barrier
        },
        levers=(
            Lever("authority", _with_authority, _say_authority),
            Lever("removed", _removed, _say_removed),
        ),
    )
)

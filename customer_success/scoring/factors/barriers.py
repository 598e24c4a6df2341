"""The factor barriers: the open barriers of a customer."""

from math import ceil
from typing import NamedTuple

from ..conditions import fulfilled
from ..counted import day_number, say_day, say_days
from ..ends import TOP, less
from ..factor import (
    BOTH,
    LARGE,
    MEDIUM,
    SMALL,
    THEIRS,
    UNKNOWN,
    Factor,
    Lever,
    Step,
    packed,
    register,
)
from ..rules import round_tenth
from ..successors import SUCCESSOR_STEPS, join_line, read_as

# The points that one new barrier takes from 100, by severity 0 to 3.
SEVERITY_PENALTY = (5.0, 15.0, 30.0, 60.0)
CRITICAL = 3
# A barrier counts double once it has been open for this many days.
BARRIER_AGE_DAYS = 180
NO_AUTHORITY = 1.25  # multiplies the points if nobody has the authority to remove it yet
POTENTIAL = 0.5  # multiplies the points if it is not confirmed yet
# A search is enough if it asked this percentage of the licensed users, within these numbers of people.
ASKED_PERCENT, ASKED_LEAST, ASKED_MOST = 10, 5, 20
# What a search found counts for some time, see `search_fresh_days`, and fades over these weeks.
SEARCH_FADE_WEEKS = 26


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


# The latest search counts: it is fresh, or has not faded yet.
_COUNTS = f"customer.barriers_checked > %(today)s - %(search_days)s - {7 * SEARCH_FADE_WEEKS}"


def value(facts, rules):
    """Return what the penalties of the open barriers leave of 100, and the evidence.

    The penalty depends on the severity. It rises up to double with the age, is higher if nobody has the
    authority to remove the barrier, and half while the barrier is only potential. The factor is unknown if
    no barrier is open and nobody has looked for any lately. What is left counts as far as people looked, see
    :func:`_parts`; :func:`reach` says how much the value weighs.

    >>> from ..facts import Facts
    >>> value(Facts(1, barriers_known=True), None)
    (100.0, {'open': [], 'asked': 0, 'enough': 5})
    >>> found = Facts(1, barriers_known=True, barriers=[[7, 2, 90, 0, 0]], people_asked=5)
    >>> points, evidence = value(found, None)
    >>> round_tenth(points), evidence["open"]
    (55.0, [{'id': 7, 'penalty': 45.0, 'severity': 2, 'age': 90, 'no_authority': 0}])
    >>> value(found.replaced(people_asked=None), None)[0]
    0.0
    >>> value(Facts(1), None)
    (None, None)
    """
    if not facts.barriers_known:
        return UNKNOWN
    lines = []
    for barrier_id, severity, age, no_authority, potential, opened, _product in _open(facts):
        penalty = _penalty(severity, age, no_authority, potential)
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
    if facts.search_stale_weeks:
        evidence["stale"] = facts.search_stale_weeks
    good, bad = _parts(facts)
    return (TOP * good / (good + bad) if good + bad else TOP), evidence


def _penalty(severity, age, no_authority, potential):
    penalty = SEVERITY_PENALTY[severity] * (1 + min(age, BARRIER_AGE_DAYS) / BARRIER_AGE_DAYS)
    if no_authority:
        penalty *= NO_AUTHORITY
    if potential:
        penalty *= POTENTIAL
    return penalty


def _enough(facts):
    """Return how many people a search has to ask, from the number of licensed users, so that more use asks for no more.

    >>> from ..facts import Facts
    >>> [_enough(Facts(1, licensed_users=licensed)) for licensed in (None, 3, 40, 101, 4000)]
    [5, 3, 5, 11, 20]
    """
    licensed = facts.licensed_users
    if not licensed:
        return ASKED_LEAST
    share = ceil(licensed * ASKED_PERCENT / 100)
    return int(min(max(share, ASKED_LEAST), ASKED_MOST, licensed))


def _parts(facts):
    """Return how much good and how much bad is known, as shares of the weight.

    What the open barriers take is bad, however it was found. What they leave is good as far as people looked for others:
    one person asked and nothing found says little, and no barrier stands for having looked. So one barrier less, or a
    smaller one, always makes more good and less bad, whatever else is known of the customer.
    """
    left = less(TOP, sum(_penalty(*barrier[1:5]) for barrier in _open(facts))) / TOP
    return left * _looked(facts), 1.0 - left


def _looked(facts):
    """Return how far people looked for barriers, 0 to 1; what they found out fades once it is stale.

    >>> from ..facts import Facts
    >>> [_looked(Facts(1, people_asked=5, search_stale_weeks=weeks)) for weeks in (None, 13, 26)]
    [1.0, 0.5, 0.0]
    """
    areas = 1.0 if facts.areas_looked is None else facts.areas_looked
    known = 1.0 - (facts.search_stale_weeks or 0) / SEARCH_FADE_WEEKS
    return known * areas * min(1.0, (facts.people_asked or 0) / _enough(facts))


def reach(facts, rules, _value):
    """Return how much of its weight the factor deserves: the good and the bad that is known, see :func:`_parts`.

    >>> from ..facts import Facts
    >>> reach(Facts(1, barriers_known=True, people_asked=1, licensed_users=100), None, 100.0)
    0.1
    >>> reach(Facts(1, barriers_known=True, people_asked=10, areas_looked=0.5, licensed_users=100), None, 100.0)
    0.5
    >>> round_tenth(100 * reach(Facts(1, barriers_known=True, barriers=[[7, 2, 90, 0, 0]]), None, 0.0))
    45.0
    """
    return sum(_parts(facts))


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
    if evidence.get("asked") == 0 and evidence.get("open"):
        asked.append(
            env._("Nobody has looked for others lately, so only what these barriers take counts")
        )
    elif evidence.has("asked", "enough") and evidence["asked"] < evidence["enough"]:
        asked.append(
            env._(
                "People asked recently: %(asked)d; %(enough)d would be enough",
                asked=evidence["asked"],
                enough=evidence["enough"],
            )
        )
    if evidence.number("areas") is not None:
        asked.append(env._("%.0f %% of the areas were gone through", evidence["areas"]))
    if evidence.number("stale"):
        asked.append(env._("The search is stale and fades"))
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


def _removed(facts, rules):
    """Yield, for each barrier, the facts without it.

    Authority alone is no aim: who has it removes the barrier. So the two are one step, and promise what both earn.
    """
    barriers = list(_open(facts))
    for position, barrier in enumerate(barriers):
        rest = [*barriers[:position], *barriers[position + 1 :]]
        critical = any(other.severity == CRITICAL for other in rest)
        yield (
            barrier.id,
            fulfilled(facts, gone=() if critical else ("no_critical_barrier",)).replaced(
                barriers=rest or None,
                barriers_known=bool(rest or facts.people_asked),
            ),
        )


def _found(facts, barrier_id):
    return next(barrier for barrier in _open(facts) if barrier.id == barrier_id)


def _by(facts, barrier_id):
    """Return who removes a barrier: its owner at the customer; without authority we ask for it first."""
    return BOTH if _found(facts, barrier_id).no_authority else THEIRS


def _effort(facts, barrier_id):
    return (SMALL, MEDIUM, MEDIUM, LARGE)[_found(facts, barrier_id).severity]


def _say_removed(env, barrier_id):
    barrier = env["customer.success.barrier"].sudo().browse(barrier_id)
    if barrier.authority == "granted":
        return env._("Have the customer remove the barrier “%s”", barrier.display_name)
    if barrier.state == "potential":
        return env._(
            "Find out if “%s” is a barrier, get the authority to remove it, and have the customer remove it",
            barrier.display_name,
        )
    return env._(
        "Get the authority to remove “%s”, and have the customer remove it", barrier.display_name
    )


BARRIERS = register(
    Factor(
        "barriers",
        value=value,
        reach=reach,
        narrow=narrow,
        formula=3,
        words=words,
        steps=(*SUCCESSOR_STEPS, OPEN_BARRIERS),
        columns={
            # whether a barrier is open or was looked for lately
            "barriers_known": f"""
                barrier.open IS NOT NULL
                OR COALESCE({_COUNTS}, FALSE)""",
            # How many people the latest search asked, in which share of the areas; unknown once it has faded.
            # Searches of earlier versions asked one person at least, in all areas.
            "people_asked": f"CASE WHEN {_COUNTS} THEN COALESCE(NULLIF(customer.barriers_asked, 0), 1) END",
            "areas_looked": f"CASE WHEN {_COUNTS} THEN customer.barriers_areas::float8 / 100 END",
            # the whole weeks since the search has been stale
            "search_stale_weeks": f"""
                CASE WHEN {_COUNTS} AND customer.barriers_checked <= %(today)s - %(search_days)s - 7
                     THEN (%(today)s - %(search_days)s - customer.barriers_checked) / 7 END""",
            "barriers": "barrier.open",  # the open ones, see Barrier
        },
        levers=(Lever("removed", _removed, _say_removed, by=_by, effort=_effort),),
    )
)

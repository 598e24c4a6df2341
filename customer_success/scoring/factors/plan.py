"""The factor plan: the quality of the active success plan."""

from ..ahead import AHEAD as IS_AHEAD
from ..conditions import fulfilled
from ..ends import less
from ..factor import BOTH, LARGE, SMALL, THEIRS, UNKNOWN, Factor, Lever, Step, register
from ..rules import round_tenth
from ..said import GRACE_DAYS

# The points that a plan loses if it relies on a mandate, for each blind spot of the leaders, and if its review is overdue.
MANDATE, BLIND_SPOT, REVIEW_LATE = 15.0, 5.0, 20.0
QUESTIONS = 21  # of a plan; a test compares it with the plan
SHARE = 100.0 / QUESTIONS  # the points of one answer
LOST = (
    MANDATE + 4 * BLIND_SPOT
)  # the points that a plan loses if none of its five checks has a good answer
# The customer's capability: three ratings, of which 4 and 5 lack nothing, and its own success programme.
CAPABILITY = ("expertise", "tools", "capacity", "programme")
RATED = CAPABILITY[:3]
WHOLE = 6  # what an answer is worth, in the parts in which a gap is counted
GAP = 4  # the parts from which on a gap is named: a rating of 1 or 2, no programme

SHORT = ", ".join(
    [f"2 * GREATEST(4 - plan.{name}::int, 0)" for name in RATED]
    + [
        f"CASE plan.internal_programme WHEN 'none' THEN {WHOLE} WHEN 'planned' THEN {WHOLE // 2} ELSE 0 END"
    ]
)

AHEAD = Step(
    "ahead",
    f"""
    SELECT DISTINCT change.partner_id
      FROM customer_success_change change
     WHERE change.partner_id IN_SCOPE
       AND {IS_AHEAD}
""",
    on=None,
)
# Just after go-live, what was said before it on how use is sustained still counts; later it is asked again.
IN_GRACE = f"(plan.sustaining_asked_since + {GRACE_DAYS} > %(today)s) IS TRUE"


def _is_said(name):
    """Return the SQL that says if a question of the plan has an answer, which the plan itself judges."""
    return f"'{name}' <> ALL(string_to_array(COALESCE(plan.unanswered, ''), ' '))"


# The active plan, and whether it covers the time after go-live.
ACTIVE_PLAN = Step(
    "plan",
    f"""
    SELECT plan.partner_id,
           plan.completeness::float8 + CASE WHEN {IN_GRACE} THEN {SHARE} ELSE 0 END AS complete,
           CASE WHEN plan.relies_on_mandate = 'yes' THEN 1 ELSE 0 END AS mandate,
           (plan.leaders_commit_resources IS NOT DISTINCT FROM 'no')::int
           + (plan.leaders_seek_barriers IS NOT DISTINCT FROM 'no')::int
           + (plan.leaders_ask_users IS NOT DISTINCT FROM 'no')::int
           + (plan.leaders_reward_use IS NOT DISTINCT FROM 'no')::int AS blind_spots,
           CASE WHEN plan.relies_on_mandate IS NULL THEN 1 ELSE 0 END AS mandate_unsaid,
           (plan.leaders_commit_resources IS NULL)::int + (plan.leaders_seek_barriers IS NULL)::int
           + (plan.leaders_ask_users IS NULL)::int + (plan.leaders_reward_use IS NULL)::int
           AS blind_unsaid,
           CASE WHEN plan.next_review_date < %(today)s THEN 1 ELSE 0 END AS review_late,
           ARRAY[{SHORT}] AS short,
           {_is_said("success_definition")} AS has_definition,
           {_is_said("sustaining_plan")} OR {IN_GRACE} AS has_sustaining,
           NOT ({_is_said("sustaining_plan")} OR {IN_GRACE})
           AND ahead.partner_id IS NULL AS ends_at_go_live
      FROM customer_success_plan plan
 LEFT JOIN ahead ON ahead.partner_id = plan.partner_id
     WHERE plan.partner_id IN_SCOPE
       AND plan.state = 'active'
""",
)
PLAN_STEPS = (AHEAD, ACTIVE_PLAN)


def value(facts, rules):
    """Return the completeness of the active plan less its weaknesses, and the evidence.

    The weaknesses are a mandate, blind spots of the leaders and an overdue review. A check without an answer
    counts like its worst answer, which is worth nothing, so that no answer ever lowers the value. The answers about
    the customer's capability are worth as much as the capability that they tell of. A customer
    that is live and has no active plan is worth 0; before go-live the factor is unknown without a plan.

    >>> from ..facts import Facts
    >>> full = Facts(1, plan_complete=100.0, plan_mandate=0, plan_blind_spots=0, plan_review_late=0)
    >>> value(full, None)
    (100.0, {'complete': 100.0, 'mandate': 0, 'blind': 0, 'unsaid': 0, 'late': 0, 'gaps': []})
    >>> value(full.replaced(plan_short=[6, 0, 4, 0]), None)[1]['gaps']
    ['expertise', 'capacity']
    >>> said = full.replaced(plan_blind_spots=1)
    >>> unsaid = full.replaced(plan_complete=100.0 - SHARE, plan_blind_unsaid=1)
    >>> round(value(said, None)[0], 6) == round(value(unsaid, None)[0], 6)
    True
    >>> value(Facts(1, plan_missing=True), None)
    (0.0, {'none': True})
    >>> value(Facts(1), None)
    (None, None)
    """
    if facts.plan_complete is None:
        return (0.0, {"none": True}) if facts.plan_missing else UNKNOWN
    worst = facts.plan_mandate + facts.plan_blind_spots
    worst += sum(part or 0 for part in facts.plan_short or ()) / WHOLE
    unsaid = (facts.plan_mandate_unsaid or 0) + (facts.plan_blind_unsaid or 0)
    # Completeness is stored with one decimal; whole answers make equal plans equal.
    result = SHARE * (round(facts.plan_complete / SHARE) - worst)
    result -= MANDATE * (facts.plan_mandate + (facts.plan_mandate_unsaid or 0))
    result -= BLIND_SPOT * (facts.plan_blind_spots + (facts.plan_blind_unsaid or 0))
    # From 0 for a plan that says nothing to 100 for one that says everything.
    result = min(max(0.0, 100.0 * (result + LOST) / (100.0 + LOST)), 100.0)
    return less(result, REVIEW_LATE * facts.plan_review_late), {
        "complete": round_tenth(facts.plan_complete),
        "mandate": facts.plan_mandate,
        "blind": facts.plan_blind_spots,
        "unsaid": unsaid,
        "late": facts.plan_review_late,
        "gaps": [name for _place, name in _gaps(facts)],
    }


def _gaps(facts):
    """Return ``[(place, name)]`` of the parts of the customer's capability of which little or nothing is there."""
    return [
        (place, name)
        for place, (name, part) in enumerate(zip(CAPABILITY, facts.plan_short or ()))
        if (part or 0) >= GAP
    ]


def words(env, evidence):
    """Return how complete the plan is, and its weaknesses, as text."""
    said = []
    if evidence.get("none"):
        said.append(env._("There is no active success plan"))
    if evidence.has("complete"):
        said.append(env._("The plan is %.0f %% complete", evidence["complete"]))
    if evidence.number("mandate"):
        said.append(env._("It relies on a mandate"))
    if evidence.number("blind") == 1:
        said.append(env._("The leaders have one blind spot"))
    elif evidence.number("blind"):
        said.append(env._("The leaders have %d blind spots", evidence["blind"]))
    if evidence.number("unsaid") == 1:
        said.append(env._("One check has no answer, which counts like the worst answer"))
    elif evidence.number("unsaid"):
        said.append(
            env._(
                "%d checks have no answer, which counts like the worst answer", evidence["unsaid"]
            )
        )
    gaps = evidence.get("gaps")
    if isinstance(gaps, list) and gaps:
        labels = {
            "expertise": env._("expertise"),
            "tools": env._("tools"),
            "capacity": env._("capacity"),
            "programme": env._("a success programme of its own"),
        }
        names = [labels[name] for name in gaps if isinstance(name, str) and name in labels]
        said.append(env._("The customer has little or nothing of: %s", ", ".join(names)))
    if evidence.number("late"):
        said.append(env._("Its review is overdue"))
    return " · ".join(said)


def _reviewed(facts, rules):
    """Yield the facts with the overdue review done."""
    if facts.plan_complete is not None and facts.plan_review_late:
        yield None, facts.replaced(plan_review_late=0)


def _completed(facts, rules):
    """Yield the facts with a complete plan, whose open checks have a good answer."""
    if facts.plan_complete is not None and facts.plan_complete < 100:
        yield None, _said_all(facts)


def _started(facts, rules):
    """Yield the facts of a live customer without a plan with a complete one."""
    if facts.plan_missing and facts.something_known:
        yield (
            None,
            _said_all(facts, "active_plan").replaced(
                plan_missing=False, plan_mandate=0, plan_blind_spots=0, plan_review_late=0
            ),
        )


def _said_all(facts, *conditions):
    """Return the facts with a plan that says everything, also how use is sustained, and what that meets."""
    return fulfilled(facts, "success_definition", "sustaining_plan", *conditions).replaced(
        plan_complete=100.0, plan_mandate_unsaid=0, plan_blind_unsaid=0, nothing_ahead=False
    )


def _capable(facts, rules):
    """Yield the facts without one of the gaps in the customer's capability."""
    if facts.plan_complete is not None:
        for place, _name in _gaps(facts):
            short = list(facts.plan_short)
            short[place] = 0
            yield place, facts.replaced(plan_short=short)


def _say_capable(env, place):
    return (
        env._("Close the gap in the customer's expertise"),
        env._("Close the gap in the customer's tools"),
        env._("Close the gap in the customer's capacity"),
        env._("Have the customer run a success programme of its own"),
    )[place]


def _say_reviewed(env, _subject):
    return env._("Review the success plan")


def _say_started(env, _subject):
    return env._("Start a success plan and complete it, if its checks are good")


def _say_completed(env, _subject):
    return env._("Complete the success plan, if its checks are good")


PLAN = register(
    Factor(
        "plan",
        value=value,
        words=words,
        steps=PLAN_STEPS,
        columns={
            "plan_complete": "plan.complete",  # in %
            "plan_mandate": "plan.mandate",
            "plan_blind_spots": "plan.blind_spots",
            # checks without an answer
            "plan_mandate_unsaid": "plan.mandate_unsaid",
            "plan_blind_unsaid": "plan.blind_unsaid",
            "plan_review_late": "plan.review_late",
            # what the answers about the customer's capability lack, in parts of an answer; unknown without one
            "plan_short": "plan.short",
            # live, and there is no active plan
            "plan_missing": "customer.is_live AND plan.partner_id IS NULL",
        },
        levers=(
            Lever("reviewed", _reviewed, _say_reviewed, effort=SMALL),
            Lever("completed", _completed, _say_completed, by=BOTH),
            Lever("started", _started, _say_started, by=BOTH, effort=LARGE),
            Lever("capable", _capable, _say_capable, by=THEIRS, effort=LARGE),
        ),
        formula=3,
    )
)

"""The factor plan: the quality of the active success plan."""

from ..ahead import AHEAD as IS_AHEAD
from ..factor import UNKNOWN, Factor, Lever, Step, register
from ..rules import round_tenth

# The points that a plan loses if it relies on a mandate, for each blind spot of the leaders, and if its review is overdue.
MANDATE, BLIND_SPOT, REVIEW_LATE = 15.0, 5.0, 20.0

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
# The active plan, and whether it covers the time after go-live.
ACTIVE_PLAN = Step(
    "plan",
    """
    SELECT plan.partner_id,
           plan.completeness::float8 AS complete,
           CASE WHEN plan.relies_on_mandate = 'yes' THEN 1 ELSE 0 END AS mandate,
           (plan.leaders_commit_resources IS NOT DISTINCT FROM 'no')::int
           + (plan.leaders_seek_barriers IS NOT DISTINCT FROM 'no')::int
           + (plan.leaders_ask_users IS NOT DISTINCT FROM 'no')::int
           + (plan.leaders_reward_use IS NOT DISTINCT FROM 'no')::int AS blind_spots,
           CASE WHEN plan.next_review_date < %(today)s THEN 1 ELSE 0 END AS review_late,
           btrim(plan.success_definition) <> '' AND plan.success_definition NOT LIKE '%%…%%'
           AS has_definition,
           btrim(plan.sustaining_plan) <> '' AND plan.sustaining_plan NOT LIKE '%%…%%'
           AS has_sustaining,
           (btrim(COALESCE(plan.sustaining_plan, '')) = '' OR plan.sustaining_plan LIKE '%%…%%')
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

    The weaknesses are a mandate, blind spots of the leaders and an overdue review. Without an active plan
    the factor is unknown; the form shows that there is none.

    >>> from ..facts import Facts
    >>> value(Facts(1, plan_complete=80.0, plan_mandate=1, plan_blind_spots=1, plan_review_late=0), None)
    (60.0, {'complete': 80.0, 'mandate': 1, 'blind': 1, 'late': 0})
    >>> value(Facts(1), None)
    (None, None)
    """
    if facts.plan_complete is None:
        return UNKNOWN
    result = facts.plan_complete
    result -= MANDATE * facts.plan_mandate
    result -= BLIND_SPOT * facts.plan_blind_spots
    result -= REVIEW_LATE * facts.plan_review_late
    return max(0.0, result), {
        "complete": round_tenth(facts.plan_complete),
        "mandate": facts.plan_mandate,
        "blind": facts.plan_blind_spots,
        "late": facts.plan_review_late,
    }


def words(env, evidence):
    """Return how complete the plan is, and its weaknesses, as text."""
    said = []
    if evidence.has("complete"):
        said.append(env._("The plan is %.0f %% complete", evidence["complete"]))
    if evidence.number("mandate"):
        said.append(env._("It relies on a mandate"))
    if evidence.number("blind") == 1:
        said.append(env._("The leaders have one blind spot"))
    elif evidence.number("blind"):
        said.append(env._("The leaders have %d blind spots", evidence["blind"]))
    if evidence.number("late"):
        said.append(env._("Its review is overdue"))
    return " · ".join(said)


def _reviewed(facts, rules):
    """Yield the facts with the overdue review done."""
    if facts.plan_complete is not None and facts.plan_review_late:
        yield None, facts.replaced(plan_review_late=0)


def _completed(facts, rules):
    """Yield the facts with a complete plan."""
    if facts.plan_complete is not None and facts.plan_complete < 100:
        yield None, facts.replaced(plan_complete=100.0)


def _say_reviewed(env, _subject):
    return env._("Review the success plan")


def _say_completed(env, _subject):
    return env._("Complete the success plan")


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
            "plan_review_late": "plan.review_late",
        },
        levers=(
            Lever("reviewed", _reviewed, _say_reviewed),
            Lever("completed", _completed, _say_completed),
        ),
    )
)

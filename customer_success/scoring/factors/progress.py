"""The factor progress: the time in the adoption stage, the go-live date, and the plan for the time after it."""

from ..factor import UNKNOWN, Factor, Lever, register
from .plan import PLAN_STEPS

# A go-live that is this many days late makes the value 0.
GO_LIVE_LATE_DAYS = 90
# The points that are taken away if nothing is planned for the time after go-live.
NOTHING_AHEAD = 30.0


def value(facts, rules):
    """Return the value and evidence of the time in stage, a late go-live, and the plan for afterwards.

    The value is 100 within the expected days and 0 at three times as many. A customer that is live and has
    planned nothing for the time after go-live loses :data:`NOTHING_AHEAD` points: adoption does not end there.

    >>> from ..facts import Facts
    >>> value(Facts(1, days_expected=90, days_over=45), None)
    (75.0, {'over': 45, 'expected': 90, 'late': 0, 'ends': False})
    >>> value(Facts(1, days_expected=90, days_over=0, go_live_late=18), None)
    (80.0, {'over': 0, 'expected': 90, 'late': 18, 'ends': False})
    >>> value(Facts(1, nothing_ahead=True), None)
    (70.0, {'over': 0, 'expected': 0, 'late': 0, 'ends': True})
    >>> value(Facts(1), None)
    (None, None)
    """
    if not facts.days_expected and not facts.go_live_late and not facts.nothing_ahead:
        return UNKNOWN
    result = 100.0
    if facts.days_expected:
        result -= 50.0 * facts.days_over / facts.days_expected
    result = min(result, 100.0 - 100.0 * (facts.go_live_late or 0) / GO_LIVE_LATE_DAYS)
    if facts.nothing_ahead:
        result -= NOTHING_AHEAD
    return max(0.0, result), {
        "over": facts.days_over or 0,
        "expected": facts.days_expected or 0,
        "late": facts.go_live_late or 0,
        "ends": bool(facts.nothing_ahead),
    }


def words(env, evidence):
    """Return the time in stage, the delay of go-live, and a missing plan for afterwards, as text."""
    said = []
    if evidence.number("over") and evidence.has("over", "expected"):
        said.append(
            env._(
                "%(over)d days longer in its stage than the %(expected)d days expected",
                over=evidence["over"],
                expected=evidence["expected"],
            )
        )
    elif evidence.number("expected"):
        said.append(
            env._("Within the %(days)d days expected for its stage", days=evidence["expected"])
        )
    if evidence.number("late"):
        said.append(env._("Go-live is %(days)d days late", days=evidence["late"]))
    if evidence.get("ends"):
        said.append(env._("Nothing is planned for the time after go-live"))
    return " · ".join(said)


def _ahead(facts, rules):
    """Yield the facts with a plan for the time after go-live."""
    if facts.nothing_ahead:
        yield None, facts.replaced(nothing_ahead=False)


def _say_ahead(env, _subject):
    return env._("Plan the time after go-live")


PROGRESS = register(
    Factor(
        "progress",
        value=value,
        words=words,
        steps=PLAN_STEPS,
        columns={
            # in days
            "days_expected": """
                CASE WHEN customer.stage_date IS NOT NULL
                     THEN NULLIF(customer.expected_days, 0) END""",
            "days_over": """
                LEAST(GREATEST(%(today)s - customer.stage_date - customer.expected_days, 0),
                      2 * customer.expected_days)""",
            "go_live_late": """
                CASE WHEN NOT customer.is_live AND customer.go_live_date < %(today)s
                     THEN LEAST(%(today)s - customer.go_live_date, 90) END""",
            # live, and the plan covers nothing after go-live
            "nothing_ahead": "customer.is_live AND plan.ends_at_go_live",
        },
        levers=(Lever("ahead", _ahead, _say_ahead),),
    )
)

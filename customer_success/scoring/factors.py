"""The factors of health: each turns the facts of one customer into 0 (bad) to 100 (good).

A factor returns ``(value, evidence)``: evidence is a dict of plain values that says which facts the
value comes from. A factor that knows nothing returns ``UNKNOWN``, never zero.
"""

from .facts import Facts
from .rules import tenth
from .use import DEGREES

UNKNOWN = (None, None)

# Steady use is worth this much; each percent more or less moves it by the slope.
STEADY, TREND_SLOPE = 70.0, 1.5
# The quarter before says more of where things go than the same quarter a year ago.
QUARTER_WEIGHT, YEAR_WEIGHT = 2, 1

# One adoption rate weighs as much as three of the six degrees: half of a fully known use.
ADOPTION_WEIGHT = 3
# What one fresh barrier takes from 100, by severity 0 to 3.
SEVERITY_PENALTY = (5.0, 15.0, 30.0, 60.0)
# A barrier weighs double once it has been open this long.
BARRIER_AGE_DAYS = 180
NO_AUTHORITY = 1.25  # nobody may remove it yet
POTENTIAL = 0.5  # not confirmed yet
# A go-live this late leaves nothing of the progress.
GO_LIVE_LATE_DAYS = 90
# What it takes from the progress when nothing is planned after go-live.
NOTHING_AHEAD = 30.0
# A result that the customer has not confirmed is worth this much of one that it has.
UNCONFIRMED = 0.8
# What a plan loses that relies on a mandate, for each blind spot of the leaders, and without review.
MANDATE, BLIND_SPOT, REVIEW_LATE = 15.0, 5.0, 20.0


def use(facts: Facts, rules):
    """How well the system is used: adoption rate against target, and the known of six degrees.

    After go-live the target rises from month to month, so that who has just started is not poor.

    >>> from .rules import Rules
    >>> rules = Rules({}, {}, adoption_target=80.0)
    >>> use(Facts(1, licensed_users=100, active_users=40, as_intended=80), rules)
    (57.5, {'adoption': 40.0, 'target': 80.0, 'active': 40, 'licensed': 100, 'as_intended': 80})
    >>> use(Facts(1, licensed_users=100, active_users=20, ramp_month=2), rules)
    (75.0, {'adoption': 20.0, 'target': 26.7, 'active': 20, 'licensed': 100, 'ramp': [2, 6]})
    >>> use(Facts(1, quality=70), rules)
    (70.0, {'quality': 70})
    >>> use(Facts(1), rules)
    (None, None)
    """
    total = weight = 0.0
    evidence = {}
    if facts.licensed_users and facts.active_users is not None:
        adoption = facts.adoption
        target = facts.adoption_target or rules.adoption_target
        if facts.ramp_month:
            target *= facts.ramp_month / rules.ramp_months
        total += ADOPTION_WEIGHT * min(100.0, 100.0 * adoption / target)
        weight += ADOPTION_WEIGHT
        evidence = {
            "adoption": tenth(adoption),
            "target": tenth(target),
            "active": facts.active_users,
            "licensed": facts.licensed_users,
        }
        if facts.ramp_month:
            evidence["ramp"] = [facts.ramp_month, rules.ramp_months]
    for degree in DEGREES:
        value = getattr(facts, degree)
        if value is not None:
            total += value
            weight += 1
            evidence[degree] = value
    return (total / weight, evidence) if weight else UNKNOWN


def change(now, then):
    """By how many % the number of active users moved; ``None`` where one of them is not known.

    Two users are added to what it is measured by, so that the three users of a small team do not leap.

    >>> tenth(change(78, 98)), tenth(change(2, 3)), change(5, None), change(0, 0)
    (-20.0, -20.0, None, None)
    """
    if now is None or then is None or not (now or then):
        return None
    return 100.0 * (now - then) / (then + 2.0)


def trend(facts: Facts, rules):
    """Where use goes: active users against the quarter before, and against the same quarter last year.

    >>> trend(Facts(1, active_quarter=78, active_before=98, active_this_year=78, active_last_year=76), None)
    (51.28205128205128, {'quarter': -20.0, 'year': 2.6, 'now': 78.0})
    >>> trend(Facts(1, active_quarter=60, active_before=60), None)
    (70.0, {'quarter': 0.0, 'now': 60.0})
    >>> trend(Facts(1, active_users=50), None)
    (None, None)
    """
    total = weight = 0.0
    evidence = {}
    for name, moved, share in (
        ("quarter", change(facts.active_quarter, facts.active_before), QUARTER_WEIGHT),
        ("year", change(facts.active_this_year, facts.active_last_year), YEAR_WEIGHT),
    ):
        if moved is not None:
            total += share * max(0.0, min(STEADY + TREND_SLOPE * moved, 100.0))
            weight += share
            evidence[name] = tenth(moved)
    if not weight:
        return UNKNOWN
    now = facts.active_quarter if "quarter" in evidence else facts.active_this_year
    return total / weight, {**evidence, "now": tenth(now)}


def barriers(facts: Facts, rules):
    """What stands in the way: every open barrier takes from 100.

    By severity, up to double with age, more where nobody has the authority to remove it, half
    while it is only potential. Where no barrier was ever recorded nobody has looked: unknown.

    >>> barriers(Facts(1, barriers_known=True), None)
    (100.0, {'open': []})
    >>> barriers(Facts(1, barriers_known=True, barriers=[[7, 2, 90, 1, 0]]), None)
    (43.75, {'open': [[7, 56.2, 2, 90, 1]]})
    >>> barriers(Facts(1), None)
    (None, None)
    """
    if not facts.barriers_known:
        return UNKNOWN
    value = 100.0
    found = []
    for barrier_id, severity, age, no_authority, potential in facts.barriers or ():
        penalty = SEVERITY_PENALTY[severity] * (1 + min(age, BARRIER_AGE_DAYS) / BARRIER_AGE_DAYS)
        if no_authority:
            penalty *= NO_AUTHORITY
        if potential:
            penalty *= POTENTIAL
        value -= penalty
        found.append([barrier_id, tenth(penalty), severity, age, no_authority])
    return max(0.0, value), {"open": found}


def advisor(facts: Facts, rules):
    """What the customer tells us, and whether we asked: coverage, and ready, willing, able.

    The mean of the share of due questions that have a fresh answer, and of the readiness that the
    current answers speak of. A customer that was never asked anything is unknown here, not bad.

    >>> advisor(Facts(1, answers=6, questions_due=9, questions_fresh=6, ready=75.0), None)
    (70.83333333333334, {'fresh': 6, 'due': 9, 'stale': 0, 'worrying': 0, 'ready': 75.0})
    >>> advisor(Facts(1, questions_due=9), None)
    (None, None)
    """
    if not facts.answers:
        return UNKNOWN
    parts = []
    evidence = {
        "fresh": facts.questions_fresh,
        "due": facts.questions_due,
        "stale": facts.questions_stale,
        "worrying": facts.worrying,
    }
    if facts.questions_due:
        parts.append(100.0 * facts.questions_fresh / facts.questions_due)
    known = []
    for dimension in ("ready", "willing", "able"):
        value = getattr(facts, dimension)
        if value is not None:
            known.append(value)
            evidence[dimension] = tenth(value)
    if known:
        parts.append(sum(known) / len(known))
    return (sum(parts) / len(parts), evidence) if parts else UNKNOWN


def progress(facts: Facts, rules):
    """Whether the customer moves on: time in stage, a go-live that slipped, and something ahead of it.

    Full marks within the expected days, none at three times as long. Who is live and plans nothing for
    the time after loses a part, as adoption does not end there.

    >>> progress(Facts(1, days_expected=90, days_over=45), None)
    (75.0, {'over': 45, 'expected': 90, 'late': 0, 'ends': False})
    >>> progress(Facts(1, days_expected=90, days_over=0, go_live_late=18), None)
    (80.0, {'over': 0, 'expected': 90, 'late': 18, 'ends': False})
    >>> progress(Facts(1, nothing_ahead=True), None)
    (70.0, {'over': 0, 'expected': 0, 'late': 0, 'ends': True})
    >>> progress(Facts(1), None)
    (None, None)
    """
    if not facts.days_expected and not facts.go_live_late and not facts.nothing_ahead:
        return UNKNOWN
    value = 100.0
    if facts.days_expected:
        value -= 50.0 * facts.days_over / facts.days_expected
    value = min(value, 100.0 - 100.0 * (facts.go_live_late or 0) / GO_LIVE_LATE_DAYS)
    if facts.nothing_ahead:
        value -= NOTHING_AHEAD
    return max(0.0, value), {
        "over": facts.days_over or 0,
        "expected": facts.days_expected or 0,
        "late": facts.go_live_late or 0,
        "ends": bool(facts.nothing_ahead),
    }


def value(facts: Facts, rules):
    """What the customer got out of it: the mean of its objectives, full marks only once confirmed.

    One that was missed, or is overdue and was never measured, counts nothing. One that is neither
    measured nor due is not known yet, and left out.

    >>> value(Facts(1, objectives=[[1, 100.0, 1, 0], [2, 50.0, 0, 0], [3, None, 0, 0]]), None)
    (70.0, {'objectives': [[1, 100.0, 1], [2, 40.0, 0]], 'open': 1})
    >>> value(Facts(1, objectives=[[1, None, 0, 1]]), None)
    (0.0, {'objectives': [[1, 0.0, 0]], 'open': 0})
    >>> value(Facts(1, objectives=[[1, None, 0, 0]]), None)
    (None, None)
    """
    found = []
    for objective_id, reached, confirmed, failed in facts.objectives or ():
        if confirmed:
            worth = 100.0 if reached is None else max(0.0, min(reached, 100.0))
        elif failed:
            worth = 0.0
        elif reached is None:
            continue
        else:
            worth = UNCONFIRMED * max(0.0, min(reached, 100.0))
        found.append([int(objective_id), tenth(worth), int(confirmed)])
    if not found:
        return UNKNOWN
    return sum(line[1] for line in found) / len(found), {
        "objectives": found,
        "open": len(facts.objectives) - len(found),
    }


def plan(facts: Facts, rules):
    """How good the active plan is: what it answers, less what it builds on sand.

    A mandate, leaders' blind spots and an overdue review take from it. Without an active plan it is
    unknown here; that there is none is said on the form.

    >>> plan(Facts(1, plan_complete=80.0, plan_mandate=1, plan_blind_spots=1, plan_review_late=0), None)
    (60.0, {'complete': 80.0, 'mandate': 1, 'blind': 1, 'late': 0})
    >>> plan(Facts(1), None)
    (None, None)
    """
    if facts.plan_complete is None:
        return UNKNOWN
    result = facts.plan_complete
    result -= MANDATE * facts.plan_mandate
    result -= BLIND_SPOT * facts.plan_blind_spots
    result -= REVIEW_LATE * facts.plan_review_late
    return max(0.0, result), {
        "complete": tenth(facts.plan_complete),
        "mandate": facts.plan_mandate,
        "blind": facts.plan_blind_spots,
        "late": facts.plan_review_late,
    }


FACTORS = {
    "use": use,
    "trend": trend,
    "barriers": barriers,
    "advisor": advisor,
    "progress": progress,
    "value": value,
    "plan": plan,
}

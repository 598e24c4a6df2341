"""The factor progress: what the stages so far are for, the days over, and the plan for the time after go-live."""

from ..conditions import fulfilled
from ..counted import day_number, say_day, say_days
from ..ends import below_top, less
from ..factor import BOTH, SMALL, UNKNOWN, Factor, Lever, Step, register
from ..head_counts import USAGE, head_counts
from ..rules import round_tenth
from ..stages import STAY
from ..use import USE_STEPS
from .advisor import ANSWER, DUE_COUNT, QUESTION
from .barriers import OPEN_BARRIERS
from .plan import PLAN_STEPS
from .value import OBJECTIVES

# The share of the value that is taken away if nothing is planned for the time after go-live.
NOTHING_AHEAD = 0.3
# The first condition gives the factor its full weight but for a trace, which is left for the others.
BEND = 0.004
# The share of the expected days that have passed is counted in steps, so that a score does not change every day.
STEPS = 4

# What the gates up to the stage require (due), what that of the next stage adds (coming), and what any gate of the
# catalogue requires (ever). A gate of answers that is not due yet is the lowest one of the catalogue.
GATE = Step(
    "gate",
    """
    SELECT stage.id AS stage_id,
           bool_or(gate.gate_success_definition) FILTER (WHERE is_due) AS definition_due,
           bool_or(gate.gate_success_definition) FILTER (WHERE is_next) AS definition_coming,
           bool_or(gate.gate_success_definition) AS definition_ever,
           bool_or(gate.gate_sustaining_plan) FILTER (WHERE is_due) AS sustaining_due,
           bool_or(gate.gate_sustaining_plan) FILTER (WHERE is_next) AS sustaining_coming,
           bool_or(gate.gate_sustaining_plan) AS sustaining_ever,
           max(gate.gate_coverage) FILTER (WHERE is_due) AS coverage_due,
           max(gate.gate_coverage) FILTER (WHERE is_next) AS coverage_coming,
           min(gate.gate_coverage) FILTER (WHERE gate.gate_coverage > 0) AS coverage_ever,
           bool_or(gate.gate_no_critical_barrier) FILTER (WHERE is_due OR is_next) AS no_critical
      FROM customer_success_stage stage
 CROSS JOIN LATERAL (
                SELECT other.*,
                       (other.sequence, other.id) <= (stage.sequence, stage.id) AS is_due,
                       (other.sequence, other.id) > (stage.sequence, stage.id)
                       AND NOT EXISTS (SELECT
                                         FROM customer_success_stage between_them
                                        WHERE between_them.active
                                          AND (between_them.sequence, between_them.id)
                                              > (stage.sequence, stage.id)
                                          AND (between_them.sequence, between_them.id)
                                              < (other.sequence, other.id)) AS is_next
                  FROM customer_success_stage other
                 WHERE other.active) gate
  GROUP BY stage.id
""",
    # Who is live and is moved back owes what it owed before.
    on="""gate.stage_id = CASE WHEN customer.is_live
                               AND stay.furthest > ARRAY[customer.stage_sequence, customer.stage_id]
                              THEN stay.furthest[2] ELSE customer.stage_id END""",
)
PEOPLE = Step(
    "people",
    """
    SELECT stakeholder.partner_id,
           bool_or(stakeholder.role = 'sponsor') AS sponsor,
           bool_or(stakeholder.role = 'champion') AS champion
      FROM customer_success_stakeholder stakeholder
      JOIN res_partner contact ON contact.id = stakeholder.contact_id
     WHERE stakeholder.partner_id IN_SCOPE
       AND contact.active
       AND contact.commercial_partner_id = stakeholder.partner_id
       AND stakeholder.willingness IS DISTINCT FROM '1'
  GROUP BY stakeholder.partner_id
""",
)

_ENOUGH = "100 * COALESCE(answer.fresh, 0) >= {percent} * due_count.questions"


def _names(**conditions):
    """Return the SQL of an array with the names of the conditions that hold."""
    found = ", ".join(f"CASE WHEN {sql} THEN '{name}' END" for name, sql in conditions.items())
    return f"array_remove(ARRAY[{found}]::text[], NULL)"


def _conditions(facts, rules):
    """Return ``(met, missing, share, owed)``: two lists of names, and how many conditions are met and how many are owed.

    Once the use that the target asks for is due, it is met by as much of it as there is.
    A condition that is met counts, whether it is due or not; a missing one counts when it is due. So entering
    a stage, which only makes conditions due, never earns anything. Those that only the next stage requires
    become due with the share of the expected days that have passed.
    """
    met = list(facts.conditions_met or ())
    missing = list(facts.conditions_due or ())
    coming = list(facts.conditions_coming or ()) if facts.time_used else []
    counted = head_counts(facts, rules) if facts.silent_share != 1 else None
    adopted = counted.of_target if counted else 0.0
    if adopted >= 1.0:
        met.append("adoption")
    missing = [name for name in missing if name not in met]
    coming = [name for name in coming if name not in met and name not in missing]
    part = adopted if "adoption" in missing else 0.0
    owed = len(missing) - part + len(coming) * (facts.time_used or 0) / STEPS
    return met, missing + coming, len(met) + part, owed


def _overdue(facts):
    """Return the points that overdue days cost, in this stage or still from an earlier one."""
    points = 50.0 * facts.days_over / facts.days_expected if facts.days_expected else 0.0
    return max(points, facts.overdue_points or 0.0)


def value(facts, rules):
    """Return the share of what the stages so far are for, less overdue days and a missing plan for afterwards.

    Being in a stage, or in time, earns nothing; a late go-live costs nothing. Overdue days take 100 points at
    three times the expected days. A customer that is live and has planned nothing for the time after go-live
    loses the share :data:`NOTHING_AHEAD` of it: adoption does not end there. The factor is unknown if nothing is due.

    >>> from ..facts import Facts
    >>> value(Facts(1, something_known=True, conditions_met=["sponsor"], conditions_due=["success_definition"],
    ...             days_expected=90, days_over=45), None)[0]
    25.0
    >>> value(Facts(1, something_known=True, conditions_met=["sponsor"], go_live_planned=9000), None)
    (100.0, {'met': ['sponsor'], 'missing': [], 'over': 0, 'expected': 0, 'before': 0.0, 'planned': 9000, 'ends': False})
    >>> value(Facts(1, conditions_due=["active_plan"]), None)
    (None, None)
    """
    met, missing, share, owed = _conditions(facts, rules)
    overdue = _overdue(facts)
    if not (share or overdue or (owed and facts.something_known)):
        return UNKNOWN
    result = 100.0 * share / (share + owed) if share else 0.0
    if facts.nothing_ahead:
        result *= 1.0 - NOTHING_AHEAD
    evidence = {
        "met": met,
        "missing": missing,
        "over": facts.days_over or 0,
        "expected": facts.days_expected or 0,
        "before": round_tenth(facts.overdue_points or 0.0),
        **({"since": facts.stage_since} if facts.days_over and facts.stage_since else {}),
        **({"planned": facts.go_live_planned} if facts.go_live_planned else {}),
        "ends": bool(facts.nothing_ahead),
    }
    if facts.days_percent:
        evidence["environment"] = facts.days_percent
    if facts.days_refused:
        evidence["refused"] = facts.days_refused
    return less(result, overdue), evidence


def reach(facts, rules, _value):
    """Return how much of its weight the factor deserves: the more conditions are met or due, the more, at most all of it.

    That nothing is planned ahead counts like the conditions that it takes away. Overdue days count where nothing else is known.

    >>> from ..facts import Facts
    >>> [round_tenth(100 * reach(Facts(1, conditions_met=["sponsor"] * met), None, 100.0)) for met in (1, 2, 4)]
    [99.9, 100.0, 100.0]
    >>> round_tenth(100 * reach(Facts(1, days_expected=30, days_over=3), None, 0.0))
    5.0
    """
    _met, _missing, share, owed = _conditions(facts, rules)
    conditions = (share + owed) / (1.0 - NOTHING_AHEAD if facts.nothing_ahead else 1.0)
    return below_top(conditions + _overdue(facts) / 100.0, BEND, 1.0)


def words(env, evidence):
    """Return what is there and what is missing, the days over, a late go-live and a missing plan, as text."""
    said = []
    labels = {
        "success_definition": env._("a definition of success"),
        "sustaining_plan": env._("a plan to sustain use"),
        "coverage": env._("answers to the due questions"),
        "no_critical_barrier": env._("no critical barrier"),
        "adoption": env._("use as the target asks for"),
        "active_plan": env._("an active plan"),
        "sponsor": env._("a sponsor"),
        "champion": env._("a champion"),
    }

    def listed(name):
        names = evidence.get(name)
        if not isinstance(names, list):
            return []
        return [labels[code] for code in names if isinstance(code, str) and code in labels]

    if there := listed("met"):
        said.append(env._("There is: %s", ", ".join(there)))
    if missing := listed("missing"):
        said.append(env._("Missing: %s", ", ".join(missing)))
    if evidence.number("over") and evidence.has("over", "expected"):
        said.append(
            env._(
                "In its stage since %(date)s; %(expected)s are expected",
                date=say_day(env, evidence["since"]),
                expected=say_days(env, evidence["expected"]),
            )
            if evidence.has("since")
            else env._(
                "%(over)s longer in its stage than the %(expected)s expected",
                over=say_days(env, evidence["over"]),
                expected=say_days(env, evidence["expected"]),
            )
        )
    elif evidence.number("before"):
        said.append(
            env._("Overdue days of an earlier stage still cost %.0f points", evidence["before"])
        )
    if evidence.number("environment"):
        said.append(
            env._(
                "The environment gives it %d %% of the days of its stage", evidence["environment"]
            )
        )
    if evidence.number("refused"):
        said.append(
            env._(
                "The environment was changed to %d %% of the days after they had passed, which counts from the next "
                "stage on",
                evidence["refused"],
            )
        )
    if evidence.has("planned"):
        said.append(
            env._(
                "Go-live was planned for %s, and being late costs nothing",
                say_day(env, evidence["planned"]),
            )
        )
    if evidence.get("ends"):
        said.append(env._("Nothing is planned for the time after go-live"))
    return " · ".join(said)


def _ahead(facts, rules):
    """Yield the facts with a change that is ahead after go-live."""
    if facts.nothing_ahead:
        yield None, facts.replaced(nothing_ahead=False)


def _say_ahead(env, _subject):
    return env._("Plan a change for the time after go-live")


def _named(role):
    """Return a function that yields the facts with a person of this role named."""

    def find(facts, rules):
        known = facts.something_known
        if (
            known
            and role in (facts.conditions_due or ())
            and role not in (facts.conditions_met or ())
        ):
            yield None, fulfilled(facts, role)

    return find


def _say_sponsor(env, _subject):
    return env._("Find and name a sponsor")


def _say_champion(env, _subject):
    return env._("Find and name a champion")


PROGRESS = register(
    Factor(
        "progress",
        value=value,
        reach=reach,
        words=words,
        steps=(
            STAY,
            *USE_STEPS,
            USAGE,
            QUESTION,
            DUE_COUNT,
            ANSWER,
            OPEN_BARRIERS,
            OBJECTIVES,
            *PLAN_STEPS,
            GATE,
            PEOPLE,
        ),
        columns={
            # in days
            "days_expected": """
                CASE WHEN customer.stage_date IS NOT NULL
                     THEN NULLIF(customer.expected_days, 0) END""",
            "days_over": """
                LEAST(GREATEST(%(today)s - customer.stage_date - customer.expected_days, 0),
                      2 * customer.expected_days)""",
            # in % of the days, if the environment takes another share than all; and what it was changed to too late
            "days_percent": "NULLIF(customer.stage_percent, 100)",
            "days_refused": """
                CASE WHEN customer.environment_percent > customer.stage_percent
                     THEN customer.environment_percent END""",
            "overdue_points": "NULLIF(stay.overdue_points, 0)",  # of earlier stages
            # The quarters of the expected days that have passed. A stage without expected days asks at once.
            "time_used": f"""
                CASE WHEN customer.stage_date IS NULL OR customer.expected_days = 0 THEN {STEPS}
                     ELSE LEAST({STEPS} * GREATEST(%(today)s - customer.stage_date, 0)
                                / customer.expected_days, {STEPS}) END""",
            # days, see DAY_ZERO: a go-live date that has passed before go-live, and the day the stage was entered
            "go_live_planned": f"""
                CASE WHEN NOT customer.is_live AND customer.go_live_date < %(today)s
                     THEN {day_number("customer.go_live_date")} END""",
            "stage_since": day_number("customer.stage_date"),
            # live, and neither the active plan nor a change covers the time after go-live
            "nothing_ahead": """
                customer.is_live
                AND COALESCE(plan.ends_at_go_live,
                             customer.id NOT IN (SELECT partner_id FROM ahead))""",
            # Names of conditions, see GATE. Having no critical barrier earns nothing, and having one is a lack.
            "conditions_met": _names(
                success_definition="gate.definition_ever AND plan.has_definition",
                sustaining_plan="gate.sustaining_ever AND plan.has_sustaining",
                coverage=_ENOUGH.format(
                    percent="COALESCE(NULLIF(gate.coverage_due, 0), gate.coverage_ever)"
                ),
                active_plan="plan.partner_id IS NOT NULL",
                sponsor="people.sponsor",
                champion="people.champion",
            ),
            "conditions_due": _names(
                success_definition="gate.definition_due",
                sustaining_plan="gate.sustaining_due",
                coverage="gate.coverage_due > 0 AND due_count.questions > 0",
                no_critical_barrier="gate.no_critical AND barrier.is_critical",
                adoption="customer.is_live",
                active_plan="customer.is_live",
                sponsor="customer.is_live",
                champion="customer.is_live",
            ),
            "conditions_coming": _names(
                success_definition="gate.definition_coming",
                sustaining_plan="gate.sustaining_coming",
                coverage="gate.coverage_coming > 0 AND due_count.questions > 0",
            ),
            # what any gate of the catalogue asks for: it counts when it is met
            "conditions_ever": _names(
                success_definition="gate.definition_ever",
                sustaining_plan="gate.sustaining_ever",
                coverage="gate.coverage_ever > 0 AND due_count.questions > 0",
            ),
            # whether anybody has recorded anything about the customer
            "something_known": """
                usage.partner_id IS NOT NULL OR answer.partner_id IS NOT NULL
                OR barrier.partner_id IS NOT NULL OR customer.barriers_checked IS NOT NULL
                OR objective.partner_id IS NOT NULL OR plan.partner_id IS NOT NULL
                OR people.partner_id IS NOT NULL""",
        },
        levers=(
            Lever("ahead", _ahead, _say_ahead, by=BOTH),
            Lever("sponsor", _named("sponsor"), _say_sponsor, by=BOTH),
            Lever("champion", _named("champion"), _say_champion, by=BOTH, effort=SMALL),
        ),
        formula=3,
    )
)

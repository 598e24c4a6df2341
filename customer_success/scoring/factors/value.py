"""The factor value: the objectives that the customer has reached."""

from typing import NamedTuple

from ..ends import above_zero
from ..factor import SMALL, THEIRS, UNKNOWN, Factor, Lever, Step, packed, register
from ..rules import round_tenth
from ..successors import SUCCESSOR_STEPS, join_line, read_as

# The worth of a result that the customer has not confirmed, compared with a confirmed one.
UNCONFIRMED = 0.8
# The worth of a result that the customer has confirmed and nobody has measured.
UNMEASURED = 60.0
# Below this % of the way, results count ever less: one that fell behind its baseline still differs from a worse one.
BEHIND = 10.0


class Objective(NamedTuple):
    """One objective that was not dropped.

    ``reached`` is in %, and unknown without a measurement; ``confirmed`` does not hold for a confirmation from
    before go-live, which is no result of use; ``failed`` means that the objective was missed, or is overdue and was never measured.
    An objective without a product concerns all.
    """

    id: int
    reached: float
    confirmed: int
    failed: int
    product: int = None


_OBJECTIVE = packed(
    Objective,
    {
        "id": "id",
        "reached": "progress",
        "confirmed": "CASE WHEN state = 'confirmed' AND is_early IS NOT TRUE THEN 1 ELSE 0 END",
        "failed": """
               CASE WHEN state = 'missed'
                      OR (state = 'open' AND actual IS NULL AND date_due < %(today)s)
                    THEN 1 ELSE 0 END""",
        "product": read_as("found"),
    },
)
OBJECTIVES = Step(
    "objective",
    f"""
    SELECT found.partner_id,
           array_agg({_OBJECTIVE}::float8[] ORDER BY id) AS objectives
      FROM customer_success_objective found
 {join_line("found")}
     WHERE found.partner_id IN_SCOPE
       AND found.state <> 'dropped'
  GROUP BY found.partner_id
""",
)


def value(facts, rules):
    """Return the mean worth of the objectives, and the evidence.

    Only an objective that is measured and confirmed has its full worth. An objective that was missed, or is overdue and was never
    measured, is worth 0. An objective that is neither measured nor due is unknown and left out.

    >>> from ..facts import Facts
    >>> reached, evidence = value(
    ...     Facts(1, objectives=[[1, 100.0, 1, 0], [2, 50.0, 0, 0], [3, None, 0, 0]]), None)
    >>> reached, evidence["open"], evidence["objectives"][1]
    (70.0, 1, {'id': 2, 'worth': 40.0, 'confirmed': 0, 'measured': 1})
    >>> value(Facts(1, objectives=[[1, None, 1, 0]]), None)
    (60.0, {'objectives': [{'id': 1, 'worth': 60.0, 'confirmed': 1, 'measured': 0}], 'open': 0})
    >>> round_tenth(value(Facts(1, objectives=[[1, -17.0, 1, 0]]), None)[0])
    0.7
    >>> value(Facts(1, objectives=[[1, None, 0, 1]]), None)
    (0.0, {'objectives': [{'id': 1, 'worth': 0.0, 'confirmed': 0, 'measured': 0}], 'open': 0})
    >>> value(Facts(1, objectives=[[1, None, 0, 0]]), None)
    (None, None)
    """
    lines, total = [], 0.0
    for objective_id, reached, confirmed, failed, _product in _objectives(facts):
        if confirmed:
            worth = UNMEASURED if reached is None else _reached(reached)
        elif failed:
            worth = 0.0
        elif reached is None:
            continue
        else:
            worth = UNCONFIRMED * _reached(reached)
        total += worth
        lines.append(
            {
                "id": int(objective_id),
                "worth": round_tenth(worth),
                "confirmed": int(confirmed),
                "measured": int(reached is not None),
            }
        )
    if not lines:
        return UNKNOWN
    return total / len(lines), {
        "objectives": lines,
        "open": len(facts.objectives) - len(lines),
    }


def _reached(reached):
    """Return the worth of the way that was gone, in %; a target that is reached is all that was agreed.

    >>> [round_tenth(_reached(percent)) for percent in (130.0, 60.0, 10.0, 0.0, -10.0)]
    [100.0, 60.0, 10.0, 3.7, 1.4]
    """
    return above_zero(min(reached, 100.0), BEHIND)


def _objectives(facts):
    return (Objective(*row) for row in facts.objectives or ())


def narrow(facts, product):
    """Return the objectives of one product and of the whole customer."""
    return {
        "objectives": [
            row for row in facts.objectives or () if Objective(*row).product not in product.others
        ]
        or None
    }


def words(env, evidence):
    """Return the worth of each objective, and the number of those not measured yet, as text."""
    lines = [line for line in evidence.lines("objectives") if line.has("id", "worth")]
    objectives = env["customer.success.objective"].sudo()
    names = {o.id: o.name for o in objectives.browse(line["id"] for line in lines).exists()}
    said = []
    for line in lines:
        values = {
            "name": names.get(line["id"], env._("a removed objective")),
            "worth": line["worth"],
        }
        if not line.get("confirmed"):
            said.append(env._("%(name)s: %(worth).0f of 100, not confirmed", **values))
        elif line.number("measured") == 0:
            said.append(
                env._("%(name)s: %(worth).0f of 100, confirmed without a measure", **values)
            )
        elif line["worth"] < 100:
            said.append(env._("%(name)s: %(worth).0f of 100, confirmed below target", **values))
        else:
            said.append(env._("%(name)s: %(worth).0f of 100, confirmed", **values))
    if evidence.number("open"):
        said.append(env._("Objectives not measured yet: %d", evidence["open"]))
    return " · ".join(said)


def _confirmed(facts, rules):
    """Yield, for each unconfirmed result, the facts with the customer's confirmation; before go-live it does not count."""
    objectives = list(_objectives(facts)) if facts.confirmation_counts else []
    for position, objective in enumerate(objectives):
        if objective.reached is not None and not objective.confirmed and not objective.failed:
            confirmed = objective._replace(confirmed=1, failed=0)
            changed = [*objectives[:position], confirmed, *objectives[position + 1 :]]
            yield int(objective.id), facts.replaced(objectives=changed)


def _say_confirmed(env, objective_id):
    objective = env["customer.success.objective"].sudo().browse(objective_id)
    return env._("Have the customer confirm the objective “%s”", objective.name)


VALUE = register(
    Factor(
        "value",
        value=value,
        narrow=narrow,
        words=words,
        steps=(*SUCCESSOR_STEPS, OBJECTIVES),
        columns={
            "objectives": "objective.objectives",  # see Objective
            # what the customer confirms today is no result from before go-live
            "confirmation_counts": "(customer.go_live_date > %(today)s) IS NOT TRUE",
        },
        formula=3,
        levers=(Lever("confirmed", _confirmed, _say_confirmed, by=THEIRS, effort=SMALL),),
    )
)

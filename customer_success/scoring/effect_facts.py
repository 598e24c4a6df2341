"""The state of customers on a day, and what happened to them afterwards, read for many customers at once."""

from datetime import timedelta
from functools import cache

from .effects import WINDOWS, Case, size
from .money import RATES, converted
from .rules import is_new_formula

# The days before, from which the movement up to the day is measured.
LEAD = 90
YEAR = 365
# The customers of each company that may be controls; of more than these a sample, always the same one.
MOST_CONTROLS = 10_000

# The order of a sample: ids are scattered, so that it holds old and new customers.
SCATTERED = "mod({id}::bigint * 2654435761, 4294967296), {id}"

CUSTOMERS = f"""
SELECT id
  FROM (SELECT p.id, row_number() OVER (PARTITION BY p.company_id
                                            ORDER BY {SCATTERED.format(id="p.id")}) AS place
          FROM res_partner p
         WHERE EXISTS (SELECT FROM customer_success_score_history scored
                        WHERE scored.partner_id = p.id)) customer
 WHERE place <= {MOST_CONTROLS}
"""


def _as_of(alias, day):
    """Return the join of the score in the evening of a day, which is the newest row up to it."""
    return f"""
LEFT JOIN LATERAL (SELECT history.date, history.health, history.renewal_risk AS risk, history.adoption AS use,
                          history.formula, history.health_shift, history.risk_shift
                     FROM customer_success_score_history history
                    WHERE history.partner_id = moment.partner_id
                      AND history.date <= {day}
                 ORDER BY history.date DESC
                    LIMIT 1) {alias} ON TRUE"""


def _after_columns(days):
    score = ("health", "risk", "use", "formula", "health_shift", "risk_shift")
    columns = ", ".join(f"after_{days}.{name}" for name in score)
    return f"{columns}, season_{days}.use, kept_{days}.kept"


def _after(days):
    """Return the joins of the score at the end of a window, of the terms due in it, and of use a year before its end."""
    score = _as_of(f"after_{days}", f"moment.day + {days}")
    season = _as_of(f"season_{days}", f"moment.day - {YEAR - days}")
    return f"""{score}{season}
LEFT JOIN LATERAL (SELECT 100.0 * avg((term.outcome <> 'churned')::int)::float AS kept
                     FROM customer_success_renewal term
                    WHERE term.partner_id = moment.partner_id
                      AND term.active
                      AND term.outcome <> 'pending'
                      AND term.date_renewal > moment.day
                      AND term.date_renewal <= moment.day + {days}
                      AND (term.date_outcome IS NULL OR term.date_outcome > moment.day)) kept_{days} ON TRUE"""


# One row for each moment that has a score: the customer, what it was like, and for each window what it was like afterwards.
# A customer has left with the last term that it lost; one that is archived without a loss has left after its last score. One
# that is no longer followed keeps its last score.
MOMENTS = f"""
WITH rate AS MATERIALIZED ({RATES})
SELECT moment.partner_id, moment.day, p.company_id, p.success_user_id, gone.date,
       CASE WHEN stage.was_moved THEN stage.stage_id ELSE COALESCE(later.from_stage_id, later.stage_id, p.success_stage_id) END,
       worth.value, at.health, at.risk, at.use, at.formula, at.health_shift, at.risk_shift,
       lead.health, lead.risk, lead.use, lead.formula, lead.health_shift, lead.risk_shift, year_ago.use,
       {", ".join(map(_after_columns, WINDOWS))}
  FROM unnest(%(partners)s::int[], %(days)s::date[]) moment (partner_id, day)
  JOIN res_partner p ON p.id = moment.partner_id
LEFT JOIN LATERAL (SELECT COALESCE(p.success_former_date,
                                   CASE WHEN NOT p.active THEN COALESCE(
                                       (SELECT max(term.date_renewal)
                                          FROM customer_success_renewal term
                                         WHERE term.partner_id = p.id
                                           AND term.outcome = 'churned'),
                                       (SELECT max(last.date) + 1
                                          FROM customer_success_score_history last
                                         WHERE last.partner_id = p.id)) END) AS date) gone ON TRUE
LEFT JOIN LATERAL (SELECT move.stage_id, TRUE AS was_moved
                     FROM customer_success_stage_move move
                    WHERE move.partner_id = moment.partner_id
                      AND move.date <= moment.day
                 ORDER BY move.date DESC, move.id DESC
                    LIMIT 1) stage ON TRUE
LEFT JOIN LATERAL (SELECT move.from_stage_id, move.stage_id
                     FROM customer_success_stage_move move
                    WHERE move.partner_id = moment.partner_id
                      AND move.date > moment.day
                 ORDER BY move.date, move.id
                    LIMIT 1) later ON TRUE
LEFT JOIN LATERAL (SELECT sum({converted("term.annual_value")})::float AS value
                     FROM customer_success_renewal term
                LEFT JOIN rate ON rate.company_id = term.company_id
                              AND rate.currency_id = term.currency_id
                    WHERE term.partner_id = moment.partner_id
                      AND term.active
                      AND COALESCE(term.date_start, term.date_renewal - {YEAR}) <= moment.day
                      AND term.date_renewal > moment.day) worth ON TRUE\
{_as_of("at", "moment.day")}\
{_as_of("lead", f"moment.day - {LEAD}")}\
{_as_of("year_ago", f"moment.day - {YEAR}")}\
{"".join(map(_after, WINDOWS))}
 WHERE at.date IS NOT NULL
   AND COALESCE(gone.date > moment.day, TRUE)
"""
_OWN = 20  # columns of the customer; each window has the next ones
_EACH = 8


def read_customers(cr):
    """Return the ids of the customers that may be controls."""
    cr.execute(CUSTOMERS, {})
    return {id_ for (id_,) in cr.fetchall()}


def read_cases(cr, moments, today):
    """Return ``{(customer, day): Case}`` of the moments that have a score and a stage."""
    moments = sorted(moments)
    cr.execute(
        MOMENTS,
        {
            "partners": [partner for partner, _day in moments],
            "days": [day for _partner, day in moments],
            "today": today,
        },
    )
    rows = ((row, case_of(row, today)) for row in cr.fetchall())
    return {(row[0], row[1]): case for row, case in rows if case}


def case_of(row, today):
    """Return the :class:`Case` of a row of :data:`MOMENTS`, or ``None`` if the customer was not followed on the day."""
    (partner, day, company, csm, gone, stage, value) = row[:7]
    now, lead, use_year_ago = row[7:13], row[13:19], row[19]
    if not stage:
        return None
    health, risk, use = now[:3]
    changes, seasons = {}, {}
    for number, days in enumerate(WINDOWS):
        start = _OWN + number * _EACH
        after = row[start : start + 6]
        use_then, kept = row[start + 6 : start + 8]
        if use_then is not None and use_year_ago is not None:
            seasons[days] = use_then - use_year_ago
        end = day + timedelta(days=days)
        if end > today:
            continue
        found = {}
        if gone and gone <= end:
            # Who has left uses nothing and is lost, so that leaving never improves a figure.
            found = _known(use=(0.0, use), health=(0.0, health), risk=(100.0, risk))
        else:
            found = _moved(now, after)
        if kept is not None:
            found["renewal"] = kept
        changes[days] = found
    moved = _moved(lead, now)
    place = (
        risk,
        health,
        use,
        moved.get("risk"),
        moved.get("use"),
        moved.get("health"),
        size(value),
    )
    return Case(partner, (company, stage, now[3]), place, csm, seasons, changes)


def _moved(before, after):
    """Return the change of each measure between two scores, without what other rules did to them.

    Where the formula is another one, health and risk are unknown; use is, if its own factor has another one.

    >>> _moved((50.0, 30.0, 40.0, "5 use:4", 0.0, 0.0), (60.0, 25.0, 44.0, "5 use:4", 2.0, 0.0))
    {'use': 4.0, 'health': 8.0, 'risk': -5.0}
    >>> _moved((50.0, 30.0, 40.0, "5 use:4", 0.0, 0.0), (60.0, 25.0, 44.0, "6 use:4", 0.0, 0.0))
    {'use': 4.0}
    >>> _moved((50.0, 30.0, 40.0, "5 use:4", 0.0, 0.0), (60.0, None, 44.0, "5 use:5", 0.0, 0.0))
    {}
    """
    health, risk, use, formula, health_shift, risk_shift = before
    health_now, risk_now, use_now, formula_now, health_shift_now, risk_shift_now = after
    found = {} if _is_other_use(formula, formula_now) else _known(use=(use_now, use))
    if not _is_other(formula, formula_now):
        found |= _known(health=(health_now, health), risk=(risk_now, risk))
        for name, shift in (
            ("health", (health_shift_now or 0.0) - (health_shift or 0.0)),
            ("risk", (risk_shift_now or 0.0) - (risk_shift or 0.0)),
        ):
            if shift and name in found:
                found[name] -= shift
    return found


def _known(**measures):
    return {
        name: float(after) - float(before)
        for name, (after, before) in measures.items()
        if after is not None and before is not None
    }


@cache
def _is_other(before, now):
    return is_new_formula(before, now)


@cache
def _is_other_use(before, now):
    """Return whether use itself is counted by another formula.

    >>> _is_other_use("5 use:4", "6 use:4"), _is_other_use("5 use:4", "5 use:5"), _is_other_use(None, "5 use:5")
    (False, True, False)
    """
    versions = [
        next((part for part in (formula or "").split() if part.startswith("use:")), None)
        for formula in (before, now)
    ]
    return None not in versions and versions[0] != versions[1]

"""The nightly check of symptoms: two statements flag and clear all symptoms of one scope of customers."""

from ..counted import DAY_ZERO
from ..followed import FOLLOWED
from ..use import DEGREES, LATEST_USE
from .symptom import SYMPTOMS


def _part(part):
    cases = " ".join(f"WHEN '{name}' THEN product.{name}_{part}" for name in DEGREES)
    return f"CASE rule.figure {cases} END"


# One row for each product and symptom: whether the symptom shows, NULL if the figure is unknown. Before go-live no
# use is expected; while use is ramping up, less use is expected.
_SHOWN = f"""
WITH
customer AS MATERIALIZED (
    SELECT p.id,
           %(today)s - p.success_go_live_date AS days_live,
           LEAST(COALESCE((%(today)s - p.success_go_live_date) / 30 + 1, %(ramp_months)s),
                 %(ramp_months)s)::numeric / %(ramp_months)s AS ramp
      FROM res_partner p
      JOIN customer_success_stage stage ON stage.id = p.success_stage_id
     WHERE p.id IN_SCOPE
       AND {FOLLOWED}
       AND stage.phase <> 'before'
       AND COALESCE(p.success_go_live_date, %(today)s) <= %(today)s
),
{LATEST_USE}
rule AS (
    SELECT product.partner_id, product.product_id,
           DATE '{DAY_ZERO}' + COALESCE({_part("day")}, product.date - DATE '{DAY_ZERO}')::int AS date,
           CASE WHEN product.silent_weeks IS NULL THEN product.active_users END AS active_users,
           product.licensed_users, rule.*,
           {_part("measured")} AS measured,
           {_part("intended")} AS intended
      FROM product
      JOIN customer ON customer.id = product.partner_id
CROSS JOIN LATERAL (VALUES
           RULES
           ) AS rule(code, figure, value, bound, shows)
),
shown AS MATERIALIZED (
    SELECT rule.partner_id, rule.product_id, symptom.id AS symptom_id,
           bool_or(rule.shows) AS shows,
           array_agg(rule.figure) FILTER (WHERE rule.shows IS NOT NULL) AS known,
           (array_agg(jsonb_build_object(
               'figure', rule.figure, 'value', round(rule.value, 1), 'bound', round(rule.bound, 1),
               'date', rule.date, 'active', rule.active_users, 'licensed', rule.licensed_users,
               'measured', round(rule.measured, 1), 'intended', round(rule.intended, 1)
           ) ORDER BY rule.shows DESC NULLS LAST, rule.figure))[1] AS evidence
      FROM rule
      JOIN customer_success_symptom symptom ON symptom.code = rule.code AND symptom.active
  GROUP BY rule.partner_id, rule.product_id, symptom.id
)
"""

_FLAG = f"""{_SHOWN}
INSERT INTO customer_success_symptom_flag AS flag
       (partner_id, product_id, symptom_id, source, date_from, evidence)
SELECT partner_id, product_id, symptom_id, 'measured', %(today)s, evidence
  FROM shown
 WHERE shows
 ORDER BY partner_id, product_id, symptom_id
    ON CONFLICT (partner_id, product_id, symptom_id, source) WHERE date_to IS NULL
    DO UPDATE SET evidence = EXCLUDED.evidence
             WHERE flag.evidence IS DISTINCT FROM EXCLUDED.evidence
"""

# A symptom is cleared only if the figure that showed it is known and within its limit; an unknown figure clears
# nothing. A customer that is no longer live or no longer followed has no symptoms, nor has a product that was replaced
# at this customer: its successor shows them. What a person tagged stays.
_CLEAR = f"""{_SHOWN}
UPDATE customer_success_symptom_flag flag
   SET date_to = %(today)s
  FROM customer_success_symptom symptom
 WHERE flag.partner_id IN_SCOPE
   AND flag.date_to IS NULL
   AND flag.source = 'measured'
   AND symptom.id = flag.symptom_id
   AND (NOT symptom.active
        OR NOT EXISTS (SELECT FROM customer WHERE customer.id = flag.partner_id)
        OR EXISTS (SELECT FROM line
                    WHERE line.partner_id = flag.partner_id
                      AND line.product_id = flag.product_id
                      AND line.steps > 0)
        OR EXISTS (SELECT FROM shown
                    WHERE shown.partner_id = flag.partner_id
                      AND shown.product_id = flag.product_id
                      AND shown.symptom_id = flag.symptom_id
                      AND NOT shown.shows
                      AND flag.evidence->>'figure' = ANY(shown.known)))
"""


def rules(codes):
    """Return the rules of these symptoms as rows of a VALUES list.

    >>> print(rules(["wrong_way"]))
    ('wrong_way', 'as_intended', product.as_intended, %(symptom_wrong_way)s, product.as_intended < %(symptom_wrong_way)s)
    """
    return ",\n           ".join(
        f"('{code}', '{rule.figure}', {rule.value}, {rule.bound}, {rule.shows})"
        for code in codes
        for rule in SYMPTOMS[code].rules
    )


def check(cr, scope, codes, limits, reading, today):
    """Flag the symptoms that show in this scope and clear those that are gone; return both numbers.

    ``scope`` is a tuple ``(first id, last id)`` of customers or a list of ids. ``codes`` are the symptoms to look
    for, ``limits`` the limits of all symptoms by the name of their setting. A second run on the same facts changes
    nothing.
    """
    if not codes:
        return 0, 0
    if isinstance(scope, tuple):
        where, parameters = "BETWEEN %(first)s AND %(last)s", {"first": scope[0], "last": scope[1]}
    else:
        where, parameters = "= ANY(%(ids)s)", {"ids": scope}
    parameters |= {
        **limits,
        "today": today,
        "fresh_days": reading.usage_fresh_days,
        "adoption_target": reading.adoption_target,
        "ramp_months": reading.ramp_months,
    }
    counts = []
    for statement in (_FLAG, _CLEAR):
        text = statement.replace("RULES", rules(codes)).replace("IN_SCOPE", where)
        cr.execute(text, parameters)
        counts.append(cr.rowcount)
    return tuple(counts)

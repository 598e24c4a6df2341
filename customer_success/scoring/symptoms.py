"""The five misuses: when the latest use of a product shows one, and since when. Set-based, one scope at a time."""

from typing import NamedTuple

from .use import LATEST_USE


class Limits(NamedTuple):
    """From where on use is misuse, each in % as on the settings page."""

    idle: float = 5.0
    barely_used: float = 30.0
    wrong_way: float = 50.0
    bad_data: float = 60.0
    no_data: float = 30.0


# A product that went live less than a month ago is not idle yet.
IDLE_AFTER_DAYS = 30

# One row a product and symptom: whether it shows, or NULL where the figure is not known. Before
# go-live nothing is expected; while use is ramping up, less is.
_SHOWN = f"""
WITH
customer AS MATERIALIZED (
    SELECT p.id,
           COALESCE(%(today)s - p.success_go_live_date, %(idle_after)s) AS days_live,
           LEAST(COALESCE((%(today)s - p.success_go_live_date) / 30 + 1, %(ramp_months)s),
                 %(ramp_months)s)::numeric / %(ramp_months)s AS ramp
      FROM res_partner p
      JOIN customer_success_stage stage ON stage.id = p.success_stage_id
     WHERE p.id IN_SCOPE
       AND p.active
       AND stage.phase <> 'before'
       AND COALESCE(p.success_go_live_date, %(today)s) <= %(today)s
),
{LATEST_USE}
rule AS (
    SELECT product.partner_id, product.product_id, product.date,
           product.active_users, product.licensed_users, rule.*
      FROM product
      JOIN customer ON customer.id = product.partner_id
CROSS JOIN LATERAL (VALUES
           ('idle', 'adoption', adoption, %(idle)s,
            customer.days_live >= %(idle_after)s AND adoption <= %(idle)s),
           ('barely_used', 'adoption', adoption,
            %(barely_used)s * customer.ramp * product.adoption_target / %(adoption_target)s,
            adoption > %(idle)s AND adoption < %(barely_used)s * customer.ramp
                                               * product.adoption_target / %(adoption_target)s),
           ('barely_used', 'frequency', frequency, %(barely_used)s,
            frequency < %(barely_used)s AND COALESCE(adoption > %(idle)s, TRUE)),
           ('wrong_way', 'as_intended', as_intended, %(wrong_way)s, as_intended < %(wrong_way)s),
           ('bad_data', 'accuracy', accuracy, %(bad_data)s, accuracy < %(bad_data)s),
           ('no_data', 'in_place', in_place, %(no_data)s, in_place < %(no_data)s)
           ) AS rule(code, figure, value, bound, shows)
),
shown AS MATERIALIZED (
    SELECT rule.partner_id, rule.product_id, symptom.id AS symptom_id,
           bool_or(rule.shows) AS shows,
           array_agg(rule.figure) FILTER (WHERE rule.shows IS NOT NULL) AS known,
           (array_agg(jsonb_build_object(
               'figure', rule.figure, 'value', round(rule.value, 1), 'bound', round(rule.bound, 1),
               'date', rule.date, 'active', rule.active_users, 'licensed', rule.licensed_users
           ) ORDER BY rule.shows DESC NULLS LAST, rule.figure))[1] AS evidence
      FROM rule
      JOIN customer_success_symptom symptom ON symptom.code = rule.code AND symptom.active
  GROUP BY rule.partner_id, rule.product_id, symptom.id
)
"""

_FLAG = f"""{_SHOWN}
INSERT INTO customer_success_symptom_flag AS flag (partner_id, product_id, symptom_id, date_from, evidence)
SELECT partner_id, product_id, symptom_id, %(today)s, evidence
  FROM shown
 WHERE shows
 ORDER BY partner_id, product_id, symptom_id
    ON CONFLICT (partner_id, product_id, symptom_id) WHERE date_to IS NULL
    DO UPDATE SET evidence = EXCLUDED.evidence
             WHERE flag.evidence IS DISTINCT FROM EXCLUDED.evidence
"""

# What is not known any more is not gone: the figure that showed it must be known, and fine. Who is not live
# or followed any more has no symptoms.
_CLEAR = f"""{_SHOWN}
UPDATE customer_success_symptom_flag flag
   SET date_to = %(today)s
  FROM customer_success_symptom symptom
 WHERE flag.partner_id IN_SCOPE
   AND flag.date_to IS NULL
   AND symptom.id = flag.symptom_id
   AND (NOT symptom.active
        OR NOT EXISTS (SELECT FROM customer WHERE customer.id = flag.partner_id)
        OR EXISTS (SELECT FROM shown
                    WHERE shown.partner_id = flag.partner_id
                      AND shown.product_id = flag.product_id
                      AND shown.symptom_id = flag.symptom_id
                      AND NOT shown.shows
                      AND flag.evidence->>'figure' = ANY(shown.known)))
"""


def check(cr, scope, limits, rules, today):
    """Flag the symptoms that show in this scope and clear those that are gone; return both numbers.

    ``scope`` is either ``(first id, last id)`` of customers, a tuple, or a list of ids. Run twice on the
    same facts, the second run changes nothing.
    """
    if isinstance(scope, tuple):
        where, parameters = "BETWEEN %(first)s AND %(last)s", {"first": scope[0], "last": scope[1]}
    else:
        where, parameters = "= ANY(%(ids)s)", {"ids": scope}
    parameters |= {
        **limits._asdict(),
        "today": today,
        "fresh_days": rules.usage_fresh_days,
        "adoption_target": rules.adoption_target,
        "ramp_months": rules.ramp_months,
        "idle_after": IDLE_AFTER_DAYS,
    }
    counts = []
    for statement in (_FLAG, _CLEAR):
        cr.execute(statement.replace("IN_SCOPE", where), parameters)
        counts.append(cr.rowcount)
    return tuple(counts)

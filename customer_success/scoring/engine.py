"""Score batches of customers: one query to gather, plain Python to compute, three to store."""

import json
import logging
from typing import NamedTuple

from .facts import GATHER, Facts, Renewal
from .factors import FACTORS
from .health import health
from .risk import deviations, leaving, shrinking, value_at_risk
from .rules import band

_logger = logging.getLogger(__name__)

# Customers in one transaction: large enough that the fixed cost vanishes, small enough that a
# user who edits one of them never waits, and that a killed job repeats seconds of work at most.
BATCH_SIZE = 2000


class Outcome(NamedTuple):
    """What became of a batch: customers whose score was written, and those that failed."""

    written: int
    failed: dict  # partner id -> message


def score(facts, rules):
    """Score one customer; return its score and the scores of its pending renewals, as dicts.

    >>> from .rules import Rules
    >>> rules = Rules({"use": 30, "barriers": 20}, {"base": -2.0, "use": -0.6})
    >>> facts = Facts(1, licensed_users=100, active_users=32, renewals=[
    ...     [5, "2026-03-01", True, 1000.0, 1, False, 12, 1, False, 100, 32]])
    >>> row, renewals = score(facts, rules)
    >>> row["health"], row["health_band"], row["confidence"]
    (40.0, 'poor', 60.0)
    >>> row["renewal_risk"], row["risk_band"], renewals[0]["breakdown"]["lines"]
    (19.8, 'low', {'base': 11.9, 'use': 7.9})
    """
    values = {}
    evidence = {}
    for code in rules.weights:
        if code in FACTORS:
            values[code], evidence[code] = FACTORS[code](facts, rules)
    total, confidence, points = health(values, rules.weights)
    renewals = [
        _score_renewal(Renewal._make(row), values, rules) for row in facts.renewals or ()
    ]
    # The riskiest of those due within a year speaks for the customer, else the next one.
    near = [row for row in renewals if row["within_year"]] or renewals[:1]
    worst = max(near, key=lambda row: row["churn_risk"], default=None)
    money = [row for row in near if worst and row["currency_id"] == worst["currency_id"]]
    at_risk = [row["value_at_risk"] for row in money]
    return {
        "partner_id": facts.partner_id,
        "health": total,
        "health_band": band(total, rules.health_bands),
        "confidence": confidence,
        "adoption": round(facts.adoption, 1) if facts.licensed_users else None,
        "renewal_risk": worst and worst["churn_risk"],
        "risk_band": band(worst and worst["churn_risk"], rules.risk_bands),
        "contraction_risk": worst and worst["contraction_risk"],
        "value_at_risk": sum(at_risk) if worst and None not in at_risk else None,
        "currency_id": worst and worst["currency_id"],
        "next_renewal_date": renewals[0]["date_renewal"] if renewals else None,
        "ready": facts.ready,
        "willing": facts.willing,
        "able": facts.able,
        "fingerprint": facts.fingerprint,
        "breakdown": {
            "factors": [
                {
                    "code": code,
                    "weight": rules.weights[code],
                    "value": round(values[code], 1),
                    "points": points[code],
                    "evidence": evidence[code],
                }
                for code in points
            ],
            "unknown": [code for code in rules.weights if code not in points],
            "renewal_id": worst and worst["renewal_id"],
        },
    }, renewals


def _score_renewal(renewal, values, rules):
    """Score one pending renewal from the values of its customer's factors."""
    found = deviations(values, renewal)
    risk, lines = leaving(found, rules.coefficients)
    shrink = shrinking(risk, renewal.seats, renewal.active_users, rules.coefficients)
    return {
        "renewal_id": renewal.id,
        "churn_risk": risk,
        "risk_band": band(risk, rules.risk_bands),
        "contraction_risk": shrink and shrink[0],
        "expected_seats": shrink and shrink[2],
        "value_at_risk": value_at_risk(renewal.value, risk, shrink, renewal.seats),
        "currency_id": renewal.currency_id,
        "breakdown": {
            "lines": lines,
            "seats": shrink and [renewal.seats, renewal.active_users, shrink[1]],
            "rate_missing": renewal.rate_missing,
        },
        # for the customer's row, not stored here
        "date_renewal": renewal.date_renewal,
        "within_year": renewal.within_year,
    }


def rescore(cr, partner_ids, rules, today):
    """Score these customers as of ``today`` and store what changed; the caller commits.

    A customer whose facts and rules are those it was last scored by is not touched at all. A
    customer that cannot be scored is marked with the reason and keeps its last score.
    """
    cr.execute(
        GATHER,
        {
            "ids": list(partner_ids),
            "today": today,
            "fresh_days": rules.usage_fresh_days,
            "version": rules.version(),
        },
    )
    scores, renewal_scores, history, failed = [], [], [], {}
    for row in cr.fetchall():
        facts = Facts._make(row)
        try:
            result, renewals = score(facts, rules)
        except Exception as error:  # whatever it is, the other customers must not pay for it
            _logger.exception("Customer %s could not be scored", facts.partner_id)
            failed[facts.partner_id] = f"{type(error).__name__}: {error}"
            continue
        scores.append(result)
        renewal_scores += renewals
        if (result["health"], result["renewal_risk"], result["confidence"]) != facts[-4:-1]:
            history.append(result)
    if scores:
        for statement, rows in (
            (STORE_SCORES, scores),
            (STORE_RENEWAL_SCORES, renewal_scores),
            (STORE_HISTORY, history),
        ):
            if rows:
                payload = json.dumps(rows, allow_nan=False, separators=(",", ":"))
                cr.execute(statement, {"rows": payload, "today": today})
        cr.execute(LINK, {"ids": [result["partner_id"] for result in scores]})
    if failed:
        cr.execute(MARK_FAILED, {"rows": json.dumps(failed)})
    return Outcome(len(scores), failed)


STORE_SCORES = """
INSERT INTO customer_success_score AS score (
    partner_id, health, health_band, confidence, adoption, renewal_risk, risk_band,
    contraction_risk, value_at_risk, currency_id, next_renewal_date, ready, willing, able,
    fingerprint, breakdown, error, scored_at
)
SELECT partner_id, health, health_band, confidence, adoption, renewal_risk, risk_band,
       contraction_risk, value_at_risk, currency_id, next_renewal_date, ready, willing, able,
       fingerprint, breakdown, NULL, now() AT TIME ZONE 'UTC'
  FROM json_to_recordset(%(rows)s::json) AS fresh (
       partner_id int, health float8, health_band varchar, confidence float8, adoption float8,
       renewal_risk float8, risk_band varchar, contraction_risk float8, value_at_risk numeric,
       currency_id int, next_renewal_date date, ready float8, willing float8, able float8,
       fingerprint varchar, breakdown jsonb)
    ON CONFLICT (partner_id) DO UPDATE SET
       health = EXCLUDED.health,
       health_band = EXCLUDED.health_band,
       confidence = EXCLUDED.confidence,
       adoption = EXCLUDED.adoption,
       renewal_risk = EXCLUDED.renewal_risk,
       risk_band = EXCLUDED.risk_band,
       contraction_risk = EXCLUDED.contraction_risk,
       value_at_risk = EXCLUDED.value_at_risk,
       currency_id = EXCLUDED.currency_id,
       next_renewal_date = EXCLUDED.next_renewal_date,
       ready = EXCLUDED.ready,
       willing = EXCLUDED.willing,
       able = EXCLUDED.able,
       fingerprint = EXCLUDED.fingerprint,
       breakdown = EXCLUDED.breakdown,
       error = NULL,
       scored_at = EXCLUDED.scored_at
"""

STORE_RENEWAL_SCORES = """
WITH
-- Step 1: insert or refresh the score of each renewal
stored AS (
    INSERT INTO customer_success_renewal_score AS score (
        renewal_id, churn_risk, risk_band, contraction_risk, expected_seats, value_at_risk,
        currency_id, breakdown, scored_at
    )
    SELECT renewal_id, churn_risk, risk_band, contraction_risk, expected_seats, value_at_risk,
           currency_id, breakdown, now() AT TIME ZONE 'UTC'
      FROM json_to_recordset(%(rows)s::json) AS fresh (
           renewal_id int, churn_risk float8, risk_band varchar, contraction_risk float8,
           expected_seats float8, value_at_risk numeric, currency_id int, breakdown jsonb)
        ON CONFLICT (renewal_id) DO UPDATE SET
           churn_risk = EXCLUDED.churn_risk,
           risk_band = EXCLUDED.risk_band,
           contraction_risk = EXCLUDED.contraction_risk,
           expected_seats = EXCLUDED.expected_seats,
           value_at_risk = EXCLUDED.value_at_risk,
           currency_id = EXCLUDED.currency_id,
           breakdown = EXCLUDED.breakdown,
           scored_at = EXCLUDED.scored_at
     RETURNING id, renewal_id
)
-- Step 2: point the renewals at it, once in their life
UPDATE customer_success_renewal renewal
   SET score_id = stored.id
  FROM stored
 WHERE renewal.id = stored.renewal_id
   AND renewal.score_id IS NULL
"""

STORE_HISTORY = """
INSERT INTO customer_success_score_history AS history (
    partner_id, date, health, renewal_risk, confidence, adoption
)
SELECT partner_id, %(today)s, health, renewal_risk, confidence, adoption
  FROM json_to_recordset(%(rows)s::json) AS fresh (
       partner_id int, health float8, renewal_risk float8, confidence float8, adoption float8)
    ON CONFLICT (partner_id, date) DO UPDATE SET
       health = EXCLUDED.health,
       renewal_risk = EXCLUDED.renewal_risk,
       confidence = EXCLUDED.confidence,
       adoption = EXCLUDED.adoption
"""

# A customer gets its score row on its first day; only rows that arrived by other ways are linked here.
LINK = """
UPDATE res_partner partner
   SET success_score_id = score.id
  FROM customer_success_score score
 WHERE score.partner_id = partner.id
   AND partner.success_score_id IS NULL
   AND partner.id = ANY(%(ids)s)
"""

MARK_FAILED = """
INSERT INTO customer_success_score AS score (partner_id, error)
SELECT key::int, value
  FROM json_each_text(%(rows)s::json)
    ON CONFLICT (partner_id) DO UPDATE SET error = EXCLUDED.error, fingerprint = NULL
"""

"""The scoring of batches of customers: one query to gather, plain Python to compute, one upsert per table."""

import logging
from typing import NamedTuple

from .background import Background
from .factor import FACTORS
from .factors.trend import change
from .facts import gather
from .health import health
from .readiness import to_rating
from .renewal import Renewal
from .risk import churn_probability, contraction, deviations, expected_use, value_at_risk
from .rules import band, round_tenth
from .store import mark_failed, renewal_line, score_line, store

_logger = logging.getLogger(__name__)

# The number of customers in one transaction: large enough to make the fixed cost negligible, small enough
# that a user who edits one of them never waits and that a killed job repeats at most seconds of work.
BATCH_SIZE = 5000
# The server gathers and stores a batch in parts of this size while Python computes the part in between.
PART_SIZE = 1250


# The band of a customer of whom less is known than the health score needs.
TOO_LITTLE_KNOWN = "unsure"


class Outcome(NamedTuple):
    """The result of a batch: the number of scores written, and the customers that failed."""

    written: int
    failed: dict  # partner id -> message


def score(facts, rules):
    """Score one customer; return its score and the scores of its pending renewals, as dicts.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> rules = Rules({"use": 30, "barriers": 20}, {"base": -2.0, "use": -0.6})
    >>> facts = Facts(1, licensed_users=100, active_users=32, renewals=[
    ...     [5, True, 1000.0, 1, False, 12, 1, False, 100, 32, None, None, 3]])
    >>> row, renewals = score(facts, rules)
    >>> row["health"], row["health_band"], row["confidence"]
    (40.0, 'poor', 60.0)
    >>> row["renewal_risk"], row["risk_band"], renewals[0]["breakdown"]["lines"]
    (19.8, 'low', {'base': 11.9, 'use': 7.9})
    >>> row, _renewals = score(facts, rules._replace(known_enough=61.0))
    >>> row["health"], row["health_band"], row["confidence"]
    (None, 'unsure', 60.0)
    """
    rules = rules.of(facts.segment_id)
    values, evidence = valued(facts, rules)
    reaches = reached(values, facts, rules)
    total, confidence, points = health(values, rules.weights, reaches)
    health_band = band(total, rules.health_bands)
    if total is not None and confidence < rules.known_enough:
        # Too little is known to judge: no figure that lists would sort and averages would count.
        total, health_band = None, TOO_LITTLE_KNOWN
    weights = {
        code: round_tenth(rules.weights[code] * reaches[code])
        if reaches.get(code, 1.0) < 1.0
        else rules.weights[code]
        for code in points
    }
    renewals = [
        _score_renewal(Renewal._make(row), values, reaches, rules) for row in facts.renewals or ()
    ]
    # The riskiest renewal of those due within a year stands for the customer; without one, the next renewal.
    near = [row for row in renewals if row["within_year"]] or renewals[:1]
    worst = max(near, key=lambda row: row["churn_risk"], default=None)
    money = [row for row in near if worst and row["currency_id"] == worst["currency_id"]]
    at_risk = [row["value_at_risk"] for row in money]
    # The last figures of a silent customer count in its scores, and are not shown as those of today.
    heard = facts.silent_share != 1
    moved = _round_known(change(facts.active_quarter, facts.active_before))
    moved_in_year = _round_known(change(facts.active_this_year, facts.active_last_year))
    return {
        "partner_id": facts.partner_id,
        "health": total,
        "health_band": health_band,
        "confidence": confidence,
        "adoption": round_tenth(facts.adoption) if heard and facts.licensed_users else None,
        "change_quarter": moved if heard else None,
        "change_year": moved_in_year if heard else None,
        "usage_date": facts.usage_date,
        "renewal_risk": worst and worst["churn_risk"],
        "risk_band": band(worst and worst["churn_risk"], rules.risk_bands),
        "contraction_risk": worst and worst["contraction_risk"],
        "value_at_risk": sum(at_risk) if worst and None not in at_risk else None,
        "currency_id": worst and worst["currency_id"],
        "next_renewal_date": facts.next_renewal_date,
        "ready": to_rating(facts.ready),
        "willing": to_rating(facts.willing),
        "able": to_rating(facts.able),
        "coverage": round_tenth(100 * facts.questions_fresh / facts.questions_due)
        if facts.questions_due
        else None,
        "stale_answers": facts.questions_stale,
        "fingerprint": facts.fingerprint,
        "segment_id": facts.segment_id,
        "rules_mark": rules.mark,
        "health_shift": facts.health_shift or 0.0,
        "risk_shift": facts.risk_shift or 0.0,
        "breakdown": {
            "factors": [
                {
                    "code": code,
                    "weight": weights[code],
                    "value": round_tenth(values[code]),
                    "points": points[code],
                    "evidence": evidence[code],
                }
                for code in points
            ],
            "unknown": [
                code for code in rules.weights if code not in points and rules.weights[code]
            ],
            "renewal_id": worst and worst["renewal_id"],
        },
        # For the history: the parts of health and risk, from day to day.
        "points": {
            "health": {code: [round_tenth(values[code]), weights[code]] for code in points},
            "risk": worst["breakdown"]["lines"] if worst else {},
            "renewal": worst and worst["renewal_id"],
        },
    }, renewals


def shift(row, facts, rules):
    """Return the points by which other rules alone moved the health and the churn risk since the stored score.

    ``row`` is the score by the rules of today, ``facts`` are today's, by the expected days of the former rules.
    What is left of a change when these points are taken away comes from the customer.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> former = Rules({"use": 10, "barriers": 30}, {}).marked()
    >>> now = Rules({"use": 30, "barriers": 10}, {}, former={former.mark: former}).marked()
    >>> facts = Facts(1, quality=80, barriers_known=True, barriers=[[7, 2, 180, 0, 0]], was_mark=former.mark)
    >>> row, _renewals = score(facts, now)
    >>> row["health"], shift(row, facts, now)
    (70.0, (20.0, 0.0))
    """
    before = rules.former[facts.was_mark].weights
    own = rules.of(facts.segment_id)
    then, _renewals = score(facts, own._replace(weights=before, segments={}))
    return (
        _moved(_judged(then), _judged(row)),
        _moved(then["renewal_risk"], row["renewal_risk"]),
    )


def _judged(row):
    """Return the health score of a customer, also if too little is known to show it."""
    points = [line["points"] for line in row["breakdown"]["factors"]]
    return round_tenth(sum(points)) if points else None


def _moved(before, now):
    return 0.0 if before is None or now is None else round_tenth(now - before)


def valued(facts, rules):
    """Compute the factors of one customer; return ``(values, evidence)`` by code.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> rules = Rules({"use": 30, "plan": 5}, {})
    >>> valued(Facts(1, quality=70), rules)
    ({'use': 70.0, 'plan': None}, {'use': {'quality': 70}, 'plan': None})
    """
    values, evidence = {}, {}
    for code in rules.weights:
        values[code], evidence[code] = FACTORS[code].value(facts, rules)
    return values, evidence


def reached(values, facts, rules):
    """Return the share of its weight that each known factor deserves, for those that say it.

    >>> from .facts import Facts
    >>> reached({"use": 70.0}, Facts(1), None)
    {}
    """
    return {
        code: FACTORS[code].reach(facts, rules)
        for code, value in values.items()
        if value is not None and FACTORS[code].reach
    }


def _round_known(value):
    return None if value is None else round_tenth(value)


def _score_renewal(renewal, values, reaches, rules):
    """Score one pending renewal from the values of its customer's factors."""
    features = deviations(values, renewal, reaches)
    risk, lines = churn_probability(features, rules.coefficients)
    seats = renewal.seats and int(renewal.seats)
    active = renewal.active_users
    moved = change(renewal.active_quarter, renewal.active_before)
    used = active if active is None else expected_use(active, moved, renewal.quarters_left)
    contracted = contraction(risk, seats, used, rules.coefficients)
    return {
        "renewal_id": int(renewal.id),
        "churn_risk": risk,
        "risk_band": band(risk, rules.risk_bands),
        "contraction_risk": contracted and contracted[0],
        "expected_seats": contracted and contracted[2],
        "value_at_risk": value_at_risk(renewal.value, risk, contracted, seats),
        "currency_id": int(renewal.currency_id),
        "breakdown": {
            "lines": lines,
            "seats": contracted
            and {
                "bought": seats,
                "active": active,
                "change": _round_known(moved),
                "used": round_tenth(used),
                "chance": contracted[3],
                "reduced": contracted[1],
            },
            "rate_missing": bool(renewal.rate_missing),
        },
        # For the customer's row and for checkpoints; these values are not stored here.
        "within_year": renewal.within_year,
        "found": features,
    }


def rescore(cr, partner_ids, rules, today, contiguous=False):
    """Score these customers as of ``today``, store what changed and return an :class:`Outcome`.

    The caller commits. A customer whose facts and rules are those of its last score is not touched. A
    customer that cannot be scored is marked with the reason and keeps its last score.
    ``contiguous`` says that the ids are all customers from the first id to the last.
    """
    parts = [partner_ids[n : n + PART_SIZE] for n in range(0, len(partner_ids), PART_SIZE)]
    written, failed, stored = 0, {}, None

    def gather_next():
        return server.submit(gather, cr, parts.pop(0), rules, today, contiguous) if parts else None

    def gather_former(ids):
        return server.submit(gather, cr, ids, rules, today, False, True, True).result()

    # Only the background thread uses the cursor until it is done. Its order is: gather part 1, gather
    # part 2, store part 1, gather part 3, store part 2 ... Python always has a part to compute meanwhile.
    with Background() as server:
        coming = gather_next()
        while coming:
            facts = coming.result()
            coming = gather_next()
            lines, renewal_lines = _lines(
                facts, rules, failed, _formers(facts, rules, gather_former)
            )
            written += len(lines)
            stored = server.submit(store, cr, lines, renewal_lines, today)
        if stored:
            stored.result()
    mark_failed(cr, failed)
    return Outcome(written, failed)


def _formers(customers, rules, gather_former):
    """Return the facts of the customers whose rules differ from those of the stored score, by id.

    They are today's facts by the former expected days, which ``gather_former(ids)`` reads where these differ.
    """
    formers, others = {}, []
    for facts in customers:
        mark = facts.was_mark
        if mark and mark in rules.former:
            now = rules.of(facts.segment_id)
            if now.mark != mark:
                formers[facts.partner_id] = facts
                if now.expected_days != rules.former[mark].expected_days:
                    others.append(facts.partner_id)
    if others:
        formers |= {facts.partner_id: facts for facts in gather_former(others)}
    return formers


def _lines(customers, rules, failed, formers):
    """Return the lines to store of these customers and of their renewals; ``formers`` are those of :func:`_formers`.

    Add a customer that cannot be scored to ``failed``, with the message of its error.
    """
    lines, renewal_lines = [], []
    for facts in customers:
        try:
            row, renewals = score(facts, rules)
            if facts.partner_id in formers:
                moved = shift(row, formers[facts.partner_id], rules)
                row["health_shift"] = round_tenth(row["health_shift"] + moved[0])
                row["risk_shift"] = round_tenth(row["risk_shift"] + moved[1])
            own_line = score_line(row, facts.headline)
            its_renewal_lines = list(map(renewal_line, renewals))
        except Exception as error:  # no error of one customer may stop the others
            _logger.exception("Customer %s could not be scored", facts.partner_id)
            failed[facts.partner_id] = f"{type(error).__name__}: {error}"
            continue
        lines.append(own_line)
        renewal_lines += its_renewal_lines
    return lines, renewal_lines


def freeze(cr, partner_ids, rules, today):
    """Return what is known ``today`` about the pending renewals of these customers, for checkpoints.

    The result is ``{renewal id: row}``: the score of the renewal as :func:`score` returns it. Its breakdown
    is complete: it also has the deviations that a model learns from (``found``) and the health behind them.
    Nothing is stored. Customers that cannot be scored are left out.
    """
    frozen = {}
    for facts in gather(cr, partner_ids, rules, today, everything=True):
        try:
            row, renewals = score(facts, rules)
        except Exception:  # no error of one customer may stop the checkpoints of the others
            _logger.exception("Customer %s could not be scored", facts.partner_id)
            continue
        health_part = {name: row["breakdown"][name] for name in ("factors", "unknown")}
        for renewal in renewals:
            features = {code: round(value, 3) for code, value in renewal.pop("found").items()}
            renewal["breakdown"] |= {
                **health_part,
                "found": features,
                "health": row["health"],
                "confidence": row["confidence"],
            }
            frozen[renewal["renewal_id"]] = renewal
    return frozen

"""The scoring of one customer: its factors, its products and its renewals, as plain rows."""

from . import expansion
from .ends import below_top
from .factors.trend import change
from .how_used import unasked
from .movement import HELD
from .products import by_product, judge, judgements, narrowed, products, shares, united
from .readiness import to_rating
from .renewal import Renewal
from .risk import (
    announced,
    churn_probability,
    contraction,
    deviations,
    expected_use,
    value_at_risk,
)
from .rules import band, below_good, is_new_formula, round_tenth

# The band of a customer of whom less is known than the health score needs.
TOO_LITTLE_KNOWN = "unsure"
# A health score that is held below "good" approaches its limit from so many points below on.
HELD_FROM = 9.0


def score(facts, rules):
    """Score one customer; return its score and the scores of its pending renewals, as dicts.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> rules = Rules({"use": 30, "barriers": 20}, {"base": -2.0, "use": -0.6})
    >>> facts = Facts(1, licensed_users=100, active_users=32, renewals=[
    ...     [5, True, 1000.0, 1, False, 12, 1, False, 100, 32, None, None, 3]])
    >>> row, renewals = score(facts, rules)
    >>> row["health"], row["health_band"], row["confidence"]
    (40.0, 'poor', 50.0)
    >>> row["renewal_risk"], row["risk_band"], renewals[0]["breakdown"]["lines"]
    (18.3, 'low', {'base': 11.9, 'use': 6.4})
    >>> row, _renewals = score(facts, rules._replace(known_enough=52.0))
    >>> row["health"], row["health_band"], row["confidence"]
    (None, 'unsure', 50.0)
    """
    rules = rules.of(facts.segment_id)
    whole, parts = judged(facts, rules)
    health_band, total = shown(whole, rules)
    renewals = [Renewal(*row) for row in facts.renewals or ()]
    judged_by = judgements(renewals, whole, parts, rules)
    renewals = [
        _score_renewal(renewal, judged_by.get(renewal.product_id, whole), rules)
        for renewal in renewals
    ]
    worst, at_risk = _headline(renewals)
    # The last figures of a silent customer count in its scores, and are not shown as those of today.
    heard = facts.silent_share != 1
    moved = _round_known(change(facts.active_quarter, facts.active_before))
    moved_in_year = _round_known(change(facts.active_this_year, facts.active_last_year))
    lines, held = _factor_lines(whole, rules), _held_line(whole)
    worst_id = _worst_product(parts)
    own = by_product(rules) if len(parts) > 1 else ()
    return {
        "partner_id": facts.partner_id,
        "health": total,
        "health_band": health_band,
        "confidence": whole.confidence,
        "adoption": round_tenth(facts.adoption) if heard and facts.licensed_users else None,
        "change_quarter": moved if heard else None,
        "change_year": moved_in_year if heard else None,
        "usage_date": facts.usage_date,
        "usage_pause_until": facts.usage_pause_until,
        "renewal_risk": worst and worst["churn_risk"],
        "risk_low": worst and worst["risk_low"],
        "risk_high": worst and worst["risk_high"],
        "risk_band": band(worst and worst["churn_risk"], rules.risk_bands),
        "contraction_risk": worst and worst["contraction_risk"],
        "value_at_risk": at_risk,
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
        "formula": rules.formula or None,
        "is_new_formula": is_new_formula(facts.was_formula, rules.formula),
        "health_shift": facts.health_shift or 0.0,
        "risk_shift": facts.risk_shift or 0.0,
        "worst_product_id": worst_id,
        "breakdown": {
            "factors": lines,
            **({"held": held} if held else {}),
            "unknown": unknown(whole, rules),
            "renewal_id": worst and worst["renewal_id"],
        },
        # For the history: the parts of health and risk, from day to day.
        "points": {
            "health": {line["code"]: [line["value"], line["weight"]] for line in lines},
            "risk": worst["breakdown"]["lines"] if worst else {},
            "renewal": worst and worst["renewal_id"],
            **({"held": held["points"]} if held else {}),
        },
        "products": [_product_row(part, parts, own, worst_id, renewals, rules) for part in parts],
    }, renewals


def judged(facts, rules):
    """Return ``(whole, parts)``: the customer and its products as :class:`~.products.Judged`.

    The one product of a customer is judged like the customer. Several are judged each by its own facts, and the
    customer is what they make together.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> rows = [[n, 1, 100, active, 80, *[None] * 29] for n, active in ((7, 80), (8, 4))]
    >>> whole, parts = judged(Facts(1, products=rows), Rules({"use": 30}, {}))
    >>> [part.health for part in parts], whole.health, whole.evidence
    ([68.9, 5.0], 37.0, {'use': {'products': [[7, 100.0], [8, 5.0]]}})
    """
    several = products(facts)
    if len(several) < 2:
        whole = _held(judge(facts, rules, rules.weights), rules)
        only = several[0].id if several else facts.only_product
        return whole, [whole._replace(product_id=int(only))] if only else []
    own = by_product(rules)
    whole = judge(facts, rules, rules.weights.keys() - own, with_health=False)
    parts = [
        _held(judge(narrowed(facts, product), rules, own, whole), rules)._replace(
            product_id=int(product.id)
        )
        for product in several
    ]
    by_id = shares(facts, [part.product_id for part in parts])
    return _held(united(whole, parts, by_id, rules), rules), parts


def _held(judgement, rules):
    """Return a judgement whose health is not *good* if nobody knows how the products are used.

    The points that this takes stand beside those of the factors. Without the factor use, nobody is asked for it.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> facts, rules = Facts(1, licensed_users=100, active_users=95), Rules({"use": 30}, {})
    >>> for known in (facts, facts.replaced(active_users=40), facts.replaced(timely=70)):
    ...     done = _held(judge(known, rules, {"use"}), rules)
    ...     done.health, done.points
    (68.9, {'use': 100.0, 'held': -31.1})
    (50.0, {'use': 50.0})
    (92.5, {'use': 92.5})
    """
    most, total = below_good(rules.health_bands), judgement.health
    if total is None or total <= most - HELD_FROM or not rules.weights.get("use"):
        return judgement
    if unasked(judgement.facts) is None:
        return judgement
    held = round_tenth(below_top(total, HELD_FROM, most))
    taken = round_tenth(judgement.points.get(HELD, 0.0) + held - total)
    return judgement._replace(health=held, points={**judgement.points, HELD: taken})


def _held_line(judgement):
    """Return the points that hold a health score below *good*, and the share of the licences whose use is known, in %.

    The share is ``None`` if only some products are held. Return ``None`` if nothing is held.
    """
    if not judgement.points.get(HELD):
        return None
    known = unasked(judgement.facts)
    return {
        "points": judgement.points[HELD],
        "known": None if known is None else round_tenth(known),
    }


def shown(judgement, rules):
    """Return the band and the figure to show; too little known has no figure, which averages would count."""
    if judgement.health is not None and judgement.confidence < rules.known_enough:
        return TOO_LITTLE_KNOWN, None
    return band(judgement.health, rules.health_bands), judgement.health


def _headline(renewals):
    """Return the renewal that stands for all, and the value at risk of those due in its time.

    It is the riskiest renewal of those decided within a year, or by a notice; without one, the next renewal.
    """
    near = [row for row in renewals if row["within_year"]] or renewals[:1]
    worst = max(near, key=lambda row: row["churn_risk"], default=None)
    money = [row for row in near if worst and row["currency_id"] == worst["currency_id"]]
    at_risk = [row["value_at_risk"] for row in money]
    return worst, sum(at_risk) if worst and None not in at_risk else None


def _factor_lines(judgement, rules, codes=None):
    """Return the lines that explain the health: weight, value, points and evidence of each known factor.

    ``codes`` leaves out all other factors.
    """
    return [
        {
            "code": code,
            "weight": round_tenth(rules.weights[code] * judgement.reaches[code])
            if judgement.reaches.get(code, 1.0) < 1.0
            else rules.weights[code],
            "value": round_tenth(judgement.values[code]),
            "points": judgement.points[code],
            "evidence": judgement.evidence[code],
        }
        for code in judgement.points
        if code != HELD and (codes is None or code in codes)
    ]


def breakdown_of(judgement, rules, codes=None):
    """Return the lines of the factors, of ``codes`` alone if given, and what holds the health below *good*, if anything does."""
    held = _held_line(judgement)
    return {"factors": _factor_lines(judgement, rules, codes), **({"held": held} if held else {})}


def unknown(judgement, rules):
    """Return the codes of the factors that count and of which nothing is known."""
    return [
        code for code, weight in rules.weights.items() if weight and code not in judgement.points
    ]


def _worst_product(parts):
    """Return the id of the product with the lowest health, if the customer has several that differ."""
    known = [part for part in parts if part.health is not None]
    if len({part.health for part in known}) < 2:
        return None
    return min(known, key=lambda part: part.health).product_id


def _product_row(part, parts, codes, worst_id, renewals, rules):
    """Return the row of one product.

    Its breakdown has the factors that differ from product to product, which have these ``codes``; the others are those
    of the customer. The one product of a customer needs none.
    """
    health_band, total = shown(part, rules)
    own = renewals if len(parts) == 1 else [row for row in renewals if row["of"] == part.product_id]
    worst, at_risk = _headline(own)
    facts = part.facts
    heard = facts.silent_share != 1
    return {
        "partner_id": facts.partner_id,
        "product_id": part.product_id,
        "health": total,
        "health_band": health_band,
        "confidence": part.confidence,
        "adoption": round_tenth(facts.adoption) if heard and facts.licensed_users else None,
        "is_worst": part.product_id == worst_id,
        "churn_risk": worst and worst["churn_risk"],
        "risk_band": worst and worst["risk_band"],
        "renewal_id": worst and worst["renewal_id"],
        "value_at_risk": at_risk,
        "currency_id": worst and worst["currency_id"],
        "breakdown": None if len(parts) == 1 else breakdown_of(part, rules, codes),
    }


def shift(row, facts, rules):
    """Return the points by which other rules alone moved the health and the churn risk since the stored score.

    ``row`` is the score by the rules of today, ``facts`` are today's, by the expected days of the former rules.
    What is left of a change when these points are taken away comes from the customer.

    >>> from .facts import Facts
    >>> from .rules import Rules
    >>> from .use import DEGREES
    >>> former = Rules({"use": 10, "barriers": 30}, {}).marked()
    >>> now = Rules({"use": 30, "barriers": 10}, {}, former={former.mark: former}).marked()
    >>> facts = Facts(1, **dict.fromkeys(DEGREES, 80), barriers_known=True, barriers=[[7, 2, 180, 0, 0]],
    ...               people_asked=5, was_mark=former.mark)
    >>> row, _renewals = score(facts, now)
    >>> row["health"], shift(row, facts, now)
    (70.2, (19.5, 0.0))
    """
    before = rules.former[facts.was_mark].weights
    own = rules.of(facts.segment_id)
    then, _renewals = score(facts, own._replace(weights=before, segments={}))
    return (
        _moved(_judged(then), _judged(row)),
        _moved(then["renewal_risk"], row["renewal_risk"]),
    )


def formula_shift(row, facts, moved):
    """Return the points by which another formula alone moved the health and the churn risk since the stored score.

    The former formula is gone, so it cannot be computed: all that changed counts, but for the points that other
    weights ``moved``. Use it only for a customer of whom no fact was recorded since the stored score.

    >>> from .facts import Facts
    >>> facts = Facts(1, health=80.0, renewal_risk=20.0)
    >>> row = {"renewal_risk": 26.0, "breakdown": {"factors": [{"points": 62.0}]}}
    >>> formula_shift(row, facts, (-8.0, 1.0))
    (-10.0, 5.0)
    >>> formula_shift({**row, "renewal_risk": None}, Facts(1), (0.0, 0.0))
    (0.0, 0.0)
    """
    health, risk = (
        _moved(facts.health, _judged(row)),
        _moved(facts.renewal_risk, row["renewal_risk"]),
    )
    return (
        round_tenth(health - moved[0]) if facts.health is not None else 0.0,
        round_tenth(risk - moved[1])
        if None not in (facts.renewal_risk, row["renewal_risk"])
        else 0.0,
    )


def _judged(row):
    """Return the health score of a customer, also if too little is known to show it."""
    points = [line["points"] for line in row["breakdown"]["factors"]]
    held = row["breakdown"].get("held", {}).get("points", 0.0)
    return round_tenth(sum(points) + held) if points else None


def _moved(before, now):
    return 0.0 if before is None or now is None else round_tenth(now - before)


def _round_known(value):
    return None if value is None else round_tenth(value)


def _score_renewal(renewal, judgement, rules):
    """Score one pending renewal from the factors of its product, or of the whole customer."""
    features = deviations(judgement.values, renewal, judgement.reaches)
    risk, lines = churn_probability(features, rules.coefficients)
    low, high = rules.spread.range(risk, features) if rules.spread else (None, None)
    seats = renewal.seats and int(renewal.seats)
    active = renewal.active_users
    # In a low season, the users of busy months are those to expect at the renewal.
    users = active if renewal.year_users is None else renewal.year_users
    usual = renewal.active_before if renewal.active_usual is None else renewal.active_usual
    moved = change(renewal.active_quarter, usual)
    used = users if users is None else expected_use(users, moved, renewal.quarters_left)
    contracted = contraction(risk, seats, used, rules.coefficients, renewal.coming)
    expected = contracted  # by use; a notice says more
    if renewal.stays is not None:
        contracted, expected = announced(risk, seats, renewal.stays, renewal.seats_stay), None
    grows, growth = _expansion(renewal, judgement, risk, contracted, users, rules)
    return {
        "renewal_id": int(renewal.id),
        "churn_risk": risk,
        "risk_low": low,
        "risk_high": high,
        "risk_band": band(risk, rules.risk_bands),
        "contraction_risk": contracted and contracted[0],
        "expected_seats": contracted and contracted[2],
        "expansion_likelihood": grows,
        "value_at_risk": value_at_risk(renewal.value, risk, contracted, seats, renewal.stays),
        "currency_id": int(renewal.currency_id),
        "breakdown": {
            "lines": lines,
            "found": features,
            "seats": expected
            and {
                "bought": seats,
                "active": active,
                "year": round_tenth(users),
                "coming": min(seats, int(renewal.coming or 0)),
                "change": _round_known(moved),
                "used": round_tenth(used),
                "is_far": not renewal.within_year,
                "chance": expected[3],
                "reduced": expected[1],
            },
            "expansion": growth,
            "rate_missing": bool(renewal.rate_missing),
        },
        # For the customer's row and for checkpoints; these values are not stored here.
        "within_year": renewal.within_year,
        "of": renewal.product_id,
        "judgement": judgement,
    }


def _expansion(renewal, judgement, risk, contracted, users, rules):
    """Return the expansion likelihood of one renewal and its breakdown."""
    barriers, blocked = judgement.facts.barriers, None
    if barriers or judgement.facts.barriers_known:
        blocked = False
        for row in barriers or ():
            if row[1] == expansion.CRITICAL and not row[4]:
                blocked = True
    found = expansion.deviations(
        renewal.seats, users, judgement.health, judgement.values.get("trend"), blocked
    )
    return expansion.expansion(risk, contracted, found, rules.coefficients)

from itertools import pairwise
from typing import NamedTuple

from odoo import api, models

from ...scoring.factor import FACTORS
from ...scoring.movement import ROUNDING, RULES, health_moved, joined, risk_moved
from ...scoring.rules import round_tenth


class Moment(NamedTuple):
    """The parts of a customer's scores at one time, from the history or as they are now."""

    known: dict  # {code of a factor: [value, weight]}
    lines: dict  # {line of the risk: points}
    renewal_id: int | None
    health_shift: float
    risk_shift: float
    expected_days: int
    is_new_formula: bool = False
    health: float | bool = False  # False if too little was known to show it
    held: float = 0.0  # the points that held the health below "good"


class CustomerSuccessExplanation(models.AbstractModel):
    """The change of a score, span by span: the day of another formula is a span of its own."""

    _inherit = "customer.success.explanation"

    @api.model
    def _moments(self, past, score, renewal):
        """Return the moments from a row of the history up to now: the first, those around another formula, and now."""
        rows = past.search(
            [("partner_id", "=", past.partner_id.id), ("date", ">=", past.date)], order="date, id"
        )
        kept = past
        for before, row in pairwise(rows):
            if row.is_new_formula and row.points and before.points:
                kept |= before | row
        moments = [
            Moment(
                row.points.get("health") or {},
                row.points.get("risk") or {},
                row.points.get("renewal"),
                row.health_shift,
                row.risk_shift,
                row.segment_id.sudo().expected_days or 100,
                row.is_new_formula and row != past,
                row.health,
                row.points.get("held", 0.0),
            )
            for row in kept
        ]
        factors = (score.breakdown or {}).get("factors", ())
        now = Moment(
            {line["code"]: [line["value"], line["weight"]] for line in factors},
            (renewal.score_id.breakdown or {}).get("lines", {}),
            renewal.id or None,
            score.health_shift,
            score.risk_shift,
            score.segment_id.sudo().expected_days or 100,
            health=score.health,
            held=((score.breakdown or {}).get("held") or {}).get("points", 0.0),
        )
        return [*moments, now]

    @api.model
    def _health_shares(self, moments):
        """Return the points by which each factor, and other rules or formulas, moved the health score."""
        reaching = [code for code, factor in FACTORS.items() if factor.reach]
        spans = []
        for before, now in pairwise(moments):
            shift = round_tenth(now.health_shift - before.health_shift)
            held = round_tenth(now.held - before.held)
            moved = _mean(now.known) - _mean(before.known) + held
            if False not in (before.health, now.health):
                # As it is stored: weights are kept to one decimal only.
                moved = now.health - before.health
            if now.is_new_formula and abs(moved - shift) <= ROUNDING:
                spans.append({RULES: round_tenth(moved)})
                continue
            timed = (
                bool(round_tenth(now.risk_shift - before.risk_shift)) and not now.is_new_formula
            ) or before.expected_days != now.expected_days
            spans.append(
                health_moved(
                    before.known,
                    now.known,
                    shift,
                    timed=timed,
                    held=held,
                    moved=round_tenth(moved),
                    reaching=() if shift else reaching,
                )
            )
        return joined(spans)

    @api.model
    def _risk_shares(self, moments):
        """Return the points by which each line, and other rules or formulas, moved the churn risk of one renewal."""
        if len({moment.renewal_id for moment in moments}) > 1:
            moments = [moments[0], moments[-1]]
        return joined(
            risk_moved(before.lines, now.lines, round_tenth(now.risk_shift - before.risk_shift))
            for before, now in pairwise(moments)
        )

    @api.model
    def _is_formula_mixed(self, moments):
        """Return True if scores moved on the day of another formula, and it is not known what moved them."""
        return any(
            now.is_new_formula
            and before.health_shift == now.health_shift
            and before.risk_shift == now.risk_shift
            and (before.known, before.lines) != (now.known, now.lines)
            for before, now in pairwise(moments)
        )


def _mean(known):
    """Return the health score of known factors, 0 without any.

    >>> _mean({"use": [80.0, 30], "plan": [40.0, 10]}), _mean({})
    (70.0, 0.0)
    """
    weight = sum(w for _value, w in known.values())
    return round_tenth(sum(v * w for v, w in known.values()) / weight) if weight else 0.0

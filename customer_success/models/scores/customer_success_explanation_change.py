import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import format_date

from ...scoring.facts import gather
from ...scoring.levers import levers
from ...scoring.movement import WEIGHTS, health_moved, risk_moved

_logger = logging.getLogger(__name__)

WEEK = 7


class CustomerSuccessExplanation(models.AbstractModel):
    """What would help most, and what changed since last week."""

    _inherit = "customer.success.explanation"

    # ------------------------------------------------------------------------------------------
    # What would help most
    # ------------------------------------------------------------------------------------------

    @api.model
    def _helpful(self, partner, renewal=None, limit=3):
        """What would lower the risk most, in words, strongest first: ``[text]``.

        Of the renewal named, else of the one that speaks for the customer. Worked out on today's facts by
        the very formulas that score. Facts that cannot be scored, which the score says, have nothing that helps:
        the form is opened all the same, to mend them.
        """
        self.env.flush_all()
        rules = self.env["customer.success.score"]._rules()
        try:
            with self.env.cr.savepoint(flush=False):
                found = gather(
                    self.env.cr, partner.ids, rules, fields.Date.today(), everything=True
                )
            if not found:
                return []
            before, things = levers(found[0], rules, renewal and renewal.id)
        except psycopg2.OperationalError:
            raise
        except Exception:  # whatever keeps these facts from being scored
            _logger.warning("What helps customer %s is not known", partner.id, exc_info=True)
            return []
        return [self._say_effect(before, effect) for effect in things[:limit]]

    def _say_effect(self, before, effect):
        what = effect.lever.words(self.env, effect.subject)
        if before.risk is not None and effect.risk < before.risk:
            return self.env._(
                "%(what)s: risk %(before).1f %% to %(after).1f %%",
                what=what,
                before=before.risk,
                after=effect.risk,
            )
        return self.env._(
            "%(what)s: health %(before).0f to %(after).0f",
            what=what,
            before=before.health,
            after=effect.health,
        )

    # ------------------------------------------------------------------------------------------
    # What changed
    # ------------------------------------------------------------------------------------------

    @api.model
    def _changes(self, score, days=WEEK):
        """What changed in a customer's scores since so many days ago, and why.

        Returns ``{since, risk, health, relearned, other_renewal}``, ``risk`` and ``health`` being ``None``
        where nothing moved or nothing is known to compare with, else ``{before, now, lines}``; the points of
        the lines, ``[{name, points, facts}]``, add up to the difference. ``None`` without a history.
        """
        today = fields.Date.today()
        past = (
            self.env["customer.success.score.history"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", score.partner_id.id),
                    ("date", "<=", fields.Date.subtract(today, days=days)),
                ],
                order="date desc",
                limit=1,
            )
        )
        if not past.points:
            return None
        renewal = self._headline_renewal(score).sudo()
        factors = (score.breakdown or {}).get("factors", ())
        same = past.points.get("renewal") == (renewal.id or None)
        # Ended, and the customer's own risk not computed anew yet: its lines are gone already.
        comparable = same and bool(renewal.score_id)
        return {
            "since": format_date(self.env, fields.Date.subtract(today, days=days)),
            "health": self._moved(
                past.health,
                score.health,
                health_moved(
                    past.points.get("health") or {},
                    {line["code"]: [line["value"], line["weight"]] for line in factors},
                ),
                score,
            ),
            "risk": self._moved(
                past.renewal_risk,
                score.renewal_risk,
                risk_moved(
                    past.points.get("risk") or {},
                    (renewal.score_id.breakdown or {}).get("lines", {}),
                ),
                score,
            )
            if comparable
            else None,
            "other_renewal": bool(renewal) and not same,
            "relearned": bool(
                self.env["customer.success.risk.version"]
                .sudo()
                .search_count(
                    [
                        ("state", "=", "in_force"),
                        ("number", ">", 0),
                        ("date", ">", fields.Datetime.subtract(fields.Datetime.now(), days=days)),
                    ]
                )
            ),
        }

    def _moved(self, before, now, shares, score):
        """How a score moved, what moved it most first."""
        if before is False or now is False or before == now or not shares:
            return None
        names = {**self._factor_names(), WEIGHTS: self.env._("Weights that were changed")}
        facts = {line["code"]: line["facts"] for line in self._health_lines(score)}
        return {
            "before": before,
            "now": now,
            "lines": [
                {
                    "code": code,
                    "name": names.get(code, code),
                    "points": points,
                    "facts": facts.get(code, ""),
                }
                for code, points in sorted(shares.items(), key=lambda share: -abs(share[1]))
            ],
        }

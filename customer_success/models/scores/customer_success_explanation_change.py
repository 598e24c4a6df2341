import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import format_date

from ...scoring.factor import BOTH, LARGE, MEDIUM, OURS, SMALL, THEIRS
from ...scoring.facts import gather
from ...scoring.levers import levers
from ...scoring.movement import HELD, RULES, WEIGHTS
from ...scoring.rules import round_tenth
from ...scoring.shown import whole, whole_points

_logger = logging.getLogger(__name__)

WEEK = 7


class CustomerSuccessExplanation(models.AbstractModel):
    """The actions that would help most, and the changes since last week."""

    _inherit = "customer.success.explanation"

    # ------------------------------------------------------------------------------------------
    # The actions that would help most
    # ------------------------------------------------------------------------------------------

    @api.model
    def _helpful(self, partner, renewal=None, limit=3):
        """Return the actions that would lower the risk most, as a list of texts, strongest first."""
        return self._helpful_now(partner, renewal, limit)[0]

    @api.model
    def _helpful_now(self, partner, renewal=None, limit=3):
        """Return the texts of :meth:`_helpful`, and a sentence if they are newer than the stored score.

        The risk is that of the given renewal, else of the one that stands for the customer. Today's facts are
        scored by the formulas of the scores. Return no actions if the facts cannot be scored: the score says so,
        and the form must open so that people can correct them. The sentence is empty if the score was computed
        from the same facts and rules.
        """
        self.env.flush_all()
        rules = self.env["customer.success.score"]._rules()
        try:
            with self.env.cr.savepoint(flush=False):
                found = gather(
                    self.env.cr, partner.ids, rules, fields.Date.today(), everything=True
                )
            if not found:
                return [], ""
            before, things = levers(found[0], rules, renewal and renewal.id)
        except psycopg2.OperationalError:
            raise
        except Exception:  # no error of these facts may keep the form from opening
            _logger.warning(
                "The helpful actions for customer %s could not be computed",
                partner.id,
                exc_info=True,
            )
            return [], ""
        score = partner.success_score_id.sudo()
        is_newer = score.fingerprint != found[0].fingerprint
        return (
            [
                self._say_effect(before, effect)
                for effect in self._in_order(partner, things)[:limit]
            ],
            self._say_newer(before) if score and is_newer else "",
        )

    def _in_order(self, partner, effects):
        """Return the actions in the order in which they are proposed; they come with the strongest first."""
        return effects

    def _say_newer(self, before):
        """Return that the facts are newer than the score, and what the score will be."""
        unknown = self.env._("unknown")
        return self.env._(
            "Facts changed after this score was calculated. The steps below count today's facts, by which the health "
            "score is %(health)s and the churn risk is %(risk)s. The score follows soon.",
            health=unknown if before.health is None else f"{before.health:.1f}",
            risk=unknown if before.risk is None else f"{whole(before.risk)} %",
        )

    def _say_effect(self, before, effect):
        what = effect.lever.words(self.env, effect.subject)
        doer, effort = self._doers()[effect.by], self._efforts()[effect.effort]
        if before.risk is not None and effect.risk < before.risk:
            return self.env._(
                "%(what)s: churn risk from %(before).1f %% to %(after).1f %% (%(effort)s, by %(doer)s)",
                what=what,
                before=before.risk,
                after=effect.risk,
                effort=effort,
                doer=doer,
            )
        return self.env._(
            "%(what)s: health from %(before).1f to %(after).1f (%(effort)s, by %(doer)s)",
            what=what,
            before=before.health,
            after=effect.health,
            effort=effort,
            doer=doer,
        )

    def _doers(self):
        """Return the people who do what would help, as text, by the code of a lever."""
        return {
            OURS: self.env._("us"),
            THEIRS: self.env._("the customer"),
            BOTH: self.env._("us and the customer"),
        }

    def _efforts(self):
        return {
            SMALL: self.env._("small effort"),
            MEDIUM: self.env._("some effort"),
            LARGE: self.env._("large effort"),
        }

    # ------------------------------------------------------------------------------------------
    # The changes since a day
    # ------------------------------------------------------------------------------------------

    @api.model
    def _changes(self, score, days=WEEK):
        """Return the changes of a customer's scores in the latest ``days``, and their reasons.

        The result is ``{since, risk, health, rules, targets, relearned, other_renewal}``, or ``None`` without a history.
        ``risk`` and ``health`` are ``{before, now, lines}``, or ``None`` if nothing changed or there is nothing
        to compare with. The points of the lines, ``[{code, name, points, facts}]``, add up to the difference.
        ``rules`` says which segment the customer changed to, or that weights or the formula changed, and that this part
        of the difference is no change of the customer.
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
        moments = self._moments(past, score, renewal)
        same = past.points.get("renewal") == (renewal.id or None)
        # If the renewal has just ended, its lines are gone, but the customer's risk is not yet computed anew.
        comparable = same and bool(renewal.score_id)
        shift = round_tenth(score.health_shift - past.health_shift)
        risk_shift = round_tenth(score.risk_shift - past.risk_shift)
        return {
            "since": format_date(self.env, fields.Date.subtract(today, days=days)),
            "health": self._moved(
                past.health,
                score.health,
                self._health_shares(moments),
                score,
            ),
            "risk": self._moved(
                past.renewal_risk,
                score.renewal_risk,
                self._risk_shares(moments),
                score,
                in_whole=True,
            )
            if comparable
            else None,
            "rules": self._say_rules(past, score, shift or risk_shift, moments),
            "targets": self.env["customer.success.yardstick.change"]._lowered(
                score.partner_id, past.date
            ),
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

    def _say_rules(self, past, score, moved, moments):
        """Return that a customer's segment, its weights or the formula of the scores changed; else an empty text."""
        _ = self.env._
        formula = any(moment.is_new_formula for moment in moments)
        said = []
        if past.segment_id != score.segment_id:
            said.append(
                _(
                    "Segment: %(old)s, now %(new)s.",
                    old=past.segment_id.sudo().name or _("none"),
                    new=score.segment_id.sudo().name or _("none"),
                )
            )
        elif moved and not formula:
            said.append(
                _(
                    "The weights or the expected days of the segment “%s” were changed.",
                    score.segment_id.sudo().name,
                )
                if score.segment_id
                else _("The weights of factors were changed.")
            )
        if formula:
            day = past._formula_since_of(score.partner_id, past.date)
            said.append(
                _("The scores are computed by a new formula since %s.", format_date(self.env, day))
            )
            if self._is_formula_mixed(moments):
                said.append(
                    _(
                        "Facts of the customer changed before it was first used: how much of the change comes from the "
                        "formula is unknown."
                    )
                )
        if said and moved:
            said.append(
                _("What comes from this is a line of its own below, and no change of the customer.")
            )
        return " ".join(said)

    def _moved(self, before, now, shares, score, in_whole=False):
        """Return the change of a score, with the line that changed it most first; ``None`` if there is none.

        A risk is told ``in_whole`` points. What is less than half a point is no change.
        """
        if before is False or now is False or not shares:
            return None
        if in_whole:
            before, now = whole(before), whole(now)
            points = whole_points(list(shares.values()), now - before)
            shares = {code: moved for code, moved in zip(shares, points, strict=True) if moved}
        if not shares or (before == now and RULES not in shares):
            return None
        names = {
            **self._factor_names(),
            HELD: self._held_name(),
            WEIGHTS: self.env._("Changed weights, or how far a factor reaches"),
            RULES: self.env._(
                "Another segment, other weights or a new formula (no change of the customer)"
            ),
        }
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

from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.known_float import KnownFloat

# The limits of the bands, which a segment may replace; the settings hold the usual ones.
LIMITS = ("health_good", "health_watch", "risk_medium", "risk_high", "risk_critical")


class CustomerSuccessSegment(models.Model):
    """The weights of the factors and the limits of the bands of a segment.

    No score may define a segment: the weights and the expected days of a segment are part of the score.
    """

    _inherit = "customer.success.segment"

    weight_ids = fields.One2many(
        "customer.success.segment.weight", "segment_id", "Weights of Its Own", copy=True
    )
    weights = fields.Json(
        compute="_compute_weights",
        inverse="_inverse_weights",
        help="The weights of its own by the codes of the factors; factors that are not named have their usual weight.",
    )
    health_good = KnownFloat("Good From", digits=(5, 1), aggregator=None)
    health_watch = KnownFloat("Watch From", digits=(5, 1), aggregator=None)
    risk_medium = KnownFloat("Medium From %", digits=(5, 1), aggregator=None)
    risk_high = KnownFloat("High From %", digits=(5, 1), aggregator=None)
    risk_critical = KnownFloat("Critical From %", digits=(5, 1), aggregator=None)
    scoring = fields.Text("Scores of This Segment", compute="_compute_scoring")

    @api.depends("weight_ids.weight", "weight_ids.factor_id.code")
    def _compute_weights(self):
        for segment in self:
            segment.weights = {
                line.factor_id.code: line.weight
                for line in segment.weight_ids
                if line.weight is not False
            }

    def _inverse_weights(self):
        factors = self.env["customer.success.factor"].with_context(active_test=False)
        for segment in self:
            wanted = segment.weights or {}
            if not isinstance(wanted, dict):
                raise ValidationError(
                    self.env._("Give weights as a code and a number for each factor.")
                )
            found = {
                factor.code: factor for factor in factors.search([("code", "in", list(wanted))])
            }
            if unknown := sorted(set(wanted) - set(found)):
                raise ValidationError(
                    self.env._("There is no factor “%s”.", ", ".join(map(str, unknown)))
                )
            segment.weight_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create({"factor_id": found[code].id, "weight": weight})
                    for code, weight in wanted.items()
                ),
            ]

    # ------------------------------------------------------------------------------------------
    # The rules of a segment
    # ------------------------------------------------------------------------------------------

    @api.model
    def _dependent_fields(self):
        return super()._dependent_fields() | {
            "success_score_id",
            "success_health",
            "success_health_band",
            "success_confidence",
            "success_renewal_risk",
            "success_risk_band",
            "success_value_at_risk",
            "success_view_gap",
        }

    @api.model
    def _all_rules(self, usual):
        """Return the rules of all segments that have some of their own, ``{id: Rules}``, in two queries."""
        segments = self.sudo().with_context(active_test=False).search(fields.Domain.TRUE)
        stored = segments._stored_weights()
        found = {segment.id: segment._rules(usual, stored.get(segment)) for segment in segments}
        return {id_: rules for id_, rules in found.items() if rules != usual}

    def _stored_weights(self):
        """Return the weights of these segments in the database, ``{segment: weights}``."""
        lines = self.env["customer.success.segment.weight"].sudo()
        return lines.search([("segment_id", "in", self.ids)]).grouped("segment_id")

    def _rules(self, usual, lines=None):
        """Return the rules of this segment by these weights of its own; what it does not say itself is as usual."""
        self.ensure_one()
        scores = self.env["customer.success.score"]
        own = {
            line.factor_id.code: line.weight
            for line in lines or ()
            if line.weight is not False
            and line.factor_id.active
            and scores._brings(line.factor_id.code)
            and (line.weight or line.factor_id.code in usual.weights)
        }
        return usual._replace(
            weights={**usual.weights, **own},
            health_bands=self._bands(usual.health_bands, "health"),
            risk_bands=self._bands(usual.risk_bands, "risk"),
            expected_days=self.expected_days,
        ).marked()

    def _bands(self, usual, score):
        """Return the bands of a score, ``((lowest value, name), ...)``, with the limits of this segment."""
        return tuple(
            (self[f"{score}_{name}"], name)
            if f"{score}_{name}" in LIMITS and self[f"{score}_{name}"] is not False
            else (floor, name)
            for floor, name in usual
        )

    def _milder_than(self, other):
        found = super()._milder_than(other)
        usual = self.env["customer.success.score"]._usual_rules()
        mine, theirs = (
            (s._rules(usual, s._stored_weights().get(s)) if s else usual) for s in (self, other)
        )
        for name in LIMITS:
            score, band = name.split("_")
            bands = [
                dict((n, floor) for floor, n in getattr(r, f"{score}_bands"))
                for r in (mine, theirs)
            ]
            lower = bands[0][band] < bands[1][band]
            if bands[0][band] != bands[1][band] and lower == (score == "health"):
                found.append(self._fields[name]._description_string(self.env))
        if mine.weights != theirs.weights:
            found.append(self._fields["weight_ids"]._description_string(self.env))
        return found

    @api.constrains(*LIMITS)
    def _check_limits(self):
        usual = self.env["customer.success.score"]._usual_rules()
        for segment in self:
            for bands, top in (
                (segment._bands(usual.health_bands, "health"), "health"),
                (segment._bands(usual.risk_bands, "risk"), "risk"),
            ):
                floors = [floor for floor, _name in bands]
                if floors[0] <= 100 and all(high > low for high, low in pairwise(floors)):
                    continue
                raise ValidationError(
                    self.env._(
                        "In the segment “%(segment)s”, the limits of health must be between 0 and 100, and “Good "
                        "From” above “Watch From”. Limits that are empty are those of the settings: %(usual)s.",
                        segment=segment.name,
                        usual=self._say_bands(usual.health_bands, "health_band"),
                    )
                    if top == "health"
                    else self.env._(
                        "In the segment “%(segment)s”, the limits of risk must be between 0 and 100 %%, and must rise "
                        "from medium to high to critical. Limits that are empty are those of the settings: %(usual)s.",
                        segment=segment.name,
                        usual=self._say_bands(usual.risk_bands, "risk_band"),
                    )
                )

    def _check_weights(self):
        """Refuse weights that leave no factor to compute a health score from."""
        usual = self.env["customer.success.score"]._usual_rules()
        stored = self.sudo()._stored_weights()
        for segment in self.sudo():
            if not any(segment._rules(usual, stored.get(segment)).weights.values()):
                raise ValidationError(
                    self.env._(
                        "In the segment “%s”, all factors have the weight 0, so its customers would have no health "
                        "score. Give at least one factor a weight above 0, or empty the weights to use the usual ones.",
                        segment.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if {"expected_days", *LIMITS} & vals.keys():
            self.env["customer.success.score"]._rules_changed()
        return result

    # ------------------------------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------------------------------

    @api.model
    def _say_bands(self, bands, field):
        """Return the limits of bands as text: “Good from 70, Watch from 45”."""
        labels = dict(
            self.env["customer.success.score"]._fields[field]._description_selection(self.env)
        )
        return ", ".join(
            self.env._("%(band)s from %(limit)g", band=labels[name], limit=floor)
            for floor, name in bands[:-1]
        )

    @api.model
    def _say_weights(self, weights, usual):
        """Return the weights that differ from the usual ones as text: “Use 40 instead of 30”."""
        names = self.env["customer.success.factor"]._names()
        return ", ".join(
            self.env._(
                "%(factor)s %(weight)g instead of %(usual)g",
                factor=names.get(code, code),
                weight=weights.get(code, 0),
                usual=usual.get(code, 0),
            )
            for code in {**usual, **weights}
            if weights.get(code, 0) != usual.get(code, 0)
        )

    @api.depends("weight_ids.weight", "weight_ids.factor_id", *LIMITS)
    @api.depends_context("lang")
    def _compute_scoring(self):
        _ = self.env._
        usual = self.env["customer.success.score"]._usual_rules()
        for segment in self:
            rules = segment._rules(usual, segment.weight_ids)
            differing = self._say_weights(rules.weights, usual.weights)
            segment.scoring = "\n".join(
                (
                    _("Weights: %s.", differing) if differing else _("Weights: the usual ones."),
                    _(
                        "Health: %(health)s. Churn risk: %(risk)s.",
                        health=self._say_bands(rules.health_bands, "health_band"),
                        risk=self._say_bands(rules.risk_bands, "risk_band"),
                    ),
                )
            )

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import ormcache

from ...scoring.factor import FACTORS, SIGN
from ...scoring.learning import BASE_SD, PRIOR_SD, Prior
from ...scoring.risk import FACTOR_KNOTS, KNOTS, WORDS
from ...scoring.shapes import within

# One unit of this coefficient is the step from no idle seats to only idle seats, so it may differ more from its prior.
IDLE_SD = 2.0


class CustomerSuccessFactor(models.Model):
    """A factor of the scores: its weight in the health score and its coefficient in the churn risk."""

    _name = "customer.success.factor"
    _description = "Factor of the Scores"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, readonly=True)
    description = fields.Text(translate=True)
    weight = fields.Float(
        help="The weight of the factor in the health score, relative to the weights of the other factors. "
        "It is 0 for facts of the renewal, which say nothing about health.",
    )
    direction = fields.Selection(
        [
            ("lowers", "Higher Values Lower the Risk"),
            ("raises", "Higher Values Raise the Risk"),
            ("free", "Either Way"),
        ],
        required=True,
        default="free",
        help="A learned coefficient never contradicts this direction, because such a result is due to chance.",
    )
    prior = fields.Float(
        digits=(6, 3),
        help="The slope that experts expect: the effect of one unit on the churn risk, in logits. "
        "One unit is 20 points of a factor above the neutral 60.",
    )
    learned = fields.Float(
        digits=(6, 3),
        readonly=True,
        help="The mean slope of the curve that was learned from past renewals.",
    )
    is_learned = fields.Boolean(readonly=True)
    active = fields.Boolean(default=True, help="Archive a factor to leave it out of all scores.")

    _code_uniq = models.Constraint("UNIQUE(code)", "A factor with this code exists already.")
    _check_weight = models.Constraint(
        "CHECK(weight BETWEEN 0 AND 1000)", "The weight of a factor must be between 0 and 1000."
    )
    _check_prior = models.Constraint(
        "CHECK(prior BETWEEN -20 AND 20)", "The prior of a factor must be between -20 and 20."
    )

    _check_direction = models.Constraint(
        "CHECK((direction <> 'lowers' OR prior <= 0) AND (direction <> 'raises' OR prior >= 0))",
        "The prior must be 0 or below if higher values lower the risk, and 0 or above if they raise it.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        """Refuse to delete a factor, because its formula is part of the code."""
        raise UserError(
            self.env._("A factor cannot be deleted. Archive it to leave it out of the scores.")
        )

    @api.model
    @ormcache("self.env.lang")
    def _names(self):
        """Return the names of all factors by code, in the user's language."""
        factors = self.sudo().with_context(active_test=False).search(fields.Domain.TRUE)
        return {factor.code: factor.name for factor in factors}

    @api.model
    def _priors(self):
        """Return the priors of the coefficients for learning, ``{code: Prior}``.

        A factor without a weight does not count in the scores and is left out.
        """
        spread = {"base": BASE_SD, "shrink": BASE_SD, "idle": IDLE_SD, "expand": BASE_SD}
        return {
            factor.code: Prior(
                factor.prior,
                spread.get(factor.code, PRIOR_SD),
                SIGN[factor.direction],
                FACTOR_KNOTS if factor.code in FACTORS else KNOTS.get(factor.code, ()),
                factor.code in WORDS,
            )
            for factor in self.search([], order="code")
            if factor.weight or factor.code not in FACTORS
        }

    def _shape(self, learned):
        """Return the shape in force, see :mod:`~...scoring.shapes`: the learned one within its direction, else the prior.

        ``learned`` are the shapes of the version in force, by code.
        """
        if not self.is_learned:
            return self.prior
        return within(learned.get(self.code, self.learned), SIGN[self.direction])

    def _counts(self, learned):
        """Return whether the factor counts in the risk; a word counts once its levels were learned."""
        return self.code not in WORDS or (self.is_learned and self.code in learned)

    @api.model_create_multi
    def create(self, vals_list):
        """Take the direction of a factor from its formula if the values have none."""
        self.env.registry.clear_cache()
        for vals in vals_list:
            if vals.get("code") in FACTORS:
                vals.setdefault("direction", FACTORS[vals["code"]].direction)
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        result = super().write(vals)
        if {"weight", "active"} & vals.keys():
            self._check_weights()
        if {"weight", "prior", "learned", "direction", "active"} & vals.keys():
            self.env["customer.success.score"]._rules_changed()
        return result

    @api.model
    def _check_weights(self):
        """Refuse weights of 0 in all: nobody would have a health score, or nobody in a segment."""
        if not self.env["customer.success.score"]._usual_rules().weights:
            raise ValidationError(
                self.env._(
                    "All factors have the weight 0 or are archived, so no customer would have a health score. Give at "
                    "least one factor a weight above 0."
                )
            )
        segments = self.env["customer.success.segment"].sudo().with_context(active_test=False)
        segments.search(fields.Domain.TRUE)._check_weights()

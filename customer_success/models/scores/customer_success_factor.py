from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from ...scoring.factor import FACTORS, SIGN
from ...scoring.learning import BASE_SD, PRIOR_SD, Prior, bounded

# From no idle seat to all of them is a long way for one coefficient.
IDLE_SD = 2.0


class CustomerSuccessFactor(models.Model):
    """What counts in the scores, and how much. Weights make the health, coefficients the risk."""

    _name = "customer.success.factor"
    _description = "Factor of the Scores"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, readonly=True)
    description = fields.Text(translate=True)
    weight = fields.Float(
        help="Share in the health, against the weights of the other factors. 0 for facts of the "
        "renewal, which say nothing about health.",
    )
    direction = fields.Selection(
        [
            ("lowers", "More of It Lowers the Risk"),
            ("raises", "More of It Raises the Risk"),
            ("free", "Either Way"),
        ],
        required=True,
        default="free",
        help="A coefficient that is learned never turns against this: what looks like it is chance.",
    )
    prior = fields.Float(
        digits=(6, 3),
        help="What experts expect: by how much one unit moves the churn risk, in logits. "
        "One unit is 20 points of a factor, from the neutral 60.",
    )
    learned = fields.Float(
        digits=(6, 3), readonly=True, help="The same, as learned from past renewals."
    )
    is_learned = fields.Boolean(readonly=True)
    active = fields.Boolean(default=True, help="Switch off to leave it out of all scores.")

    _code_uniq = models.Constraint("UNIQUE(code)", "A factor with this code exists already.")
    _check_weight = models.Constraint(
        "CHECK(weight BETWEEN 0 AND 1000)", "A weight is a number from 0 to 1000."
    )
    _check_prior = models.Constraint(
        "CHECK(prior BETWEEN -20 AND 20)", "A coefficient is a number from -20 to 20."
    )

    _check_direction = models.Constraint(
        "CHECK((direction <> 'lowers' OR prior <= 0) AND (direction <> 'raises' OR prior >= 0))",
        "What lowers the risk has a coefficient of 0 or below, what raises it one of 0 or above.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        """The formulas behind the codes are in the code: switch a factor off instead."""
        raise UserError(
            self.env._("Archive a factor to leave it out of the scores; it cannot be deleted.")
        )

    @api.model
    @ormcache("self.env.lang")
    def _names(self):
        """Names of all factors by code, in the user's language."""
        factors = self.sudo().with_context(active_test=False).search(fields.Domain.TRUE)
        return {factor.code: factor.name for factor in factors}

    @api.model
    def _priors(self):
        """What is expected of each coefficient, for learning: ``{code: Prior}``.

        A factor without weight is left out of the scores, and so it is here.
        """
        spread = {"base": BASE_SD, "shrink": BASE_SD, "idle": IDLE_SD}
        return {
            factor.code: Prior(
                factor.prior, spread.get(factor.code, PRIOR_SD), SIGN[factor.direction]
            )
            for factor in self.search([], order="code")
            if factor.weight or factor.code not in FACTORS
        }

    def _coefficient(self):
        """Return the coefficient in force: what was learned, as far as the direction allows, else the prior."""
        return bounded(self.learned, SIGN[self.direction]) if self.is_learned else self.prior

    @api.model_create_multi
    def create(self, vals_list):
        """Take the direction of a factor from its formula where the record says none."""
        self.env.registry.clear_cache()
        for vals in vals_list:
            if vals.get("code") in FACTORS:
                vals.setdefault("direction", FACTORS[vals["code"]].direction)
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        result = super().write(vals)
        if {"weight", "prior", "learned", "direction", "active"} & vals.keys():
            self.env["customer.success.score"]._rules_changed()
        return result

from hashlib import md5

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, ormcache

from ...scoring import learning, spread
from ...scoring.expansion import CODES as EXPANSION
from ...scoring.renewal import same_end
from ...scoring.shapes import from_json, slope, to_json
from ...scoring.terms import share_of_year
from ..common.known_float import KnownFloat

# The factors of the contraction risk. They are learned separately, from customers who stayed.
CONTRACTION = ("shrink", "idle")
# Those of the expansion likelihood are learned separately, too.
APART = (*CONTRACTION, *EXPANSION)


class CustomerSuccessRiskVersion(models.Model):
    """A version of the risk model: its coefficients and their measured quality.

    Every week the model is fitted to the renewals that ended, from the facts at their checkpoints. Each
    attempt is kept, even if it was not taken because it did worse.
    """

    _name = "customer.success.risk.version"
    _description = "Version of the Risk Model"
    _order = "number desc"
    _rec_name = "number"

    number = fields.Integer(readonly=True, required=True)
    date = fields.Datetime("Made On", readonly=True, required=True, default=fields.Datetime.now)
    state = fields.Selection(
        [("in_force", "In Force"), ("retired", "Retired"), ("refused", "Not Taken")],
        required=True,
        readonly=True,
    )
    is_pinned = fields.Boolean(
        "Pinned",
        readonly=True,
        help="A pinned version stays in force, whatever is learned, until it is unpinned.",
    )
    reason = fields.Char("Why", readonly=True)
    outcomes = fields.Integer("Ended Renewals", readonly=True)
    leavers = fields.Integer("Churned Renewals", readonly=True)
    held_back = fields.Integer(
        readonly=True, help="The number of the latest outcomes, by which alone the model is judged."
    )
    until = fields.Date("Held Back From", readonly=True)
    auc = KnownFloat(
        "AUC",
        digits=(5, 3),
        readonly=True,
        help="The probability that a lost renewal had a higher risk than a kept one. 0.5 is chance, 1 is perfect.",
    )
    brier = KnownFloat(
        "Brier Score",
        digits=(5, 4),
        readonly=True,
        help="The mean squared distance between prediction and outcome; low is good.",
    )
    log_loss = KnownFloat(
        digits=(6, 4),
        readonly=True,
        help="A penalty for wrong predictions; low is good. It decides whether the version is taken.",
    )
    standing_log_loss = KnownFloat(
        "Log Loss of the Version Before",
        digits=(6, 4),
        readonly=True,
        help="The log loss of the version that was in force, on the same outcomes.",
    )
    # {code: shape}, see scoring/shapes.py; empty if the priors of the experts hold. The trial did not see the outcomes held back.
    coefficients = fields.Json(readonly=True)
    # See scoring/spread.py. It is large, and only the scoring reads it.
    spread = fields.Json(readonly=True, prefetch=False)
    support = fields.Json(
        readonly=True, prefetch=False, help="The number of outcomes behind each stretch of a curve."
    )
    trial = fields.Json(readonly=True)
    evaluation = fields.Json(readonly=True)
    seen = fields.Char(
        readonly=True, help="The fingerprint of the outcomes from which the version was made."
    )

    _number_uniq = models.Constraint("UNIQUE(number)", "A version with this number exists already.")
    _in_force_uniq = models.UniqueIndex(
        "((TRUE)) WHERE state = 'in_force'", "Only one version can be in force."
    )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.depends("number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            version.display_name = (
                self.env._("Version %d", version.number)
                if version.number
                else self.env._("Experts' Priors")
            )

    # ------------------------------------------------------------------------------------------
    # Pinning, by a manager
    # ------------------------------------------------------------------------------------------

    def action_pin(self):
        """Put this version in force and keep it there, whatever is learned."""
        self.ensure_one()
        self._check_manager()
        self.sudo().search([("is_pinned", "=", True)]).is_pinned = False
        self.sudo().is_pinned = True
        self.sudo()._take()

    def action_unpin(self):
        """Unpin the version; it stays in force until a better one is learned."""
        self._check_manager()
        self.sudo().is_pinned = False

    def _check_manager(self):
        if not self.env.user.has_group("customer_success.group_success_manager"):
            raise AccessError(
                self.env._("Only a manager of customer success may choose the risk model.")
            )

    def _take(self):
        """Put this version in force, so that all risks are computed with it from now on."""
        self.ensure_one()
        if self.state != "in_force":
            self.search([("state", "=", "in_force")]).state = "retired"
            self.flush_model(["state"])
            self.state = "in_force"
        known = self._shapes()
        factors = (
            self.env["customer.success.factor"]
            .with_context(active_test=False)
            .search(fields.Domain.TRUE)
        )
        for factor in factors:
            mean = slope(known.get(factor.code, 0.0)) or 0.0
            vals = {"learned": mean, "is_learned": factor.code in known}
            if any(factor[name] != value for name, value in vals.items()):
                factor.write(vals)

    def _shapes(self, name="coefficients"):
        """Return the shapes of this version, or of its trial, by code; none if the priors of the experts hold."""
        return {code: from_json(value) for code, value in (self[name] or {}).items()}

    @api.model
    @ormcache()
    def _in_force(self):
        """Return ``(shapes, spread)`` of the version in force; the priors of the experts have no shapes."""
        version = self.sudo().search([("state", "=", "in_force")], limit=1)
        if shapes := version._shapes():
            return shapes, spread.from_json(version.spread)
        priors = self.env["customer.success.factor"].sudo()._priors()
        # Experts speak of straight lines, and of no words.
        priors = {
            code: prior._replace(knots=())
            for code, prior in priors.items()
            if code not in APART and not prior.words
        }
        _shapes, done = learning.posterior([], priors)
        return {}, spread.spread_of(done)

    # ------------------------------------------------------------------------------------------
    # Learning, once a week
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_learn(self):
        """Fit the model to all renewals that ended, and take the result if it is better than the version in force.

        Without a new outcome no version is created. In any case the version in force is held against the recent quarter.
        """
        self._learn()
        self._watch()

    @api.model
    def _learn(self):
        """Create the next version; return it, or an empty recordset if there is nothing to learn from."""
        churn, contraction = self._cases()
        expansion = self._expansion_cases()
        priors = learning.telling(self.env["customer.success.factor"].sudo()._priors(), churn)
        seen = md5(
            repr((churn, contraction, expansion, priors)).encode(), usedforsecurity=False
        ).hexdigest()
        latest = self.search([], limit=1)
        if latest.seen == seen:
            return self.browse()
        standing = self.search([("state", "=", "in_force")], limit=1)
        before = standing._before(priors)
        lesson = learning.learn(
            churn,
            {code: prior for code, prior in priors.items() if code not in APART},
            before,
        )
        if lesson is None:
            return self.browse()
        version = self.create(
            {
                "number": latest.number + 1,
                "state": "refused",
                "outcomes": len({case.renewal for case in churn}),
                "leavers": len({case.renewal for case in churn if case.happened}),
                "held_back": len({case.renewal for case in churn if case.day >= lesson.until}),
                "until": lesson.until,
                "auc": lesson.fresh.auc,
                "brier": lesson.fresh.brier,
                "log_loss": lesson.fresh.log_loss,
                "standing_log_loss": lesson.standing.log_loss,
                "coefficients": _to_json(lesson.shapes),
                "spread": spread.to_json(lesson.spread),
                "support": lesson.support,
                "trial": _to_json(lesson.trial),
                "evaluation": self._evaluation(churn, priors, lesson),
                "seen": seen,
            }
        )
        version._learn_contraction(contraction, priors, standing, before)
        version._learn_expansion(expansion, priors, standing, before)
        version._judge(standing)
        return version

    def _before(self, priors):
        """Return the shapes of this version's trial, which did not see the latest outcomes.

        ``priors`` are those of the factors in use. Other factors are left out, because they do not count in a risk.
        """
        trial = self._shapes("trial")
        return {
            code: trial.get(code, prior.mean)
            for code, prior in priors.items()
            if code in trial or not prior.words
        }

    def _learn_contraction(self, cases, priors, standing, before):
        """Add the coefficients learned for contraction; keep those in force if nothing better is learned."""
        own = {"base": priors.get("shrink"), "idle": priors.get("idle")}
        lesson = None
        if all(own.values()):
            given = {"base": before["shrink"], "idle": before["idle"]}
            lesson = learning.learn(cases, own, given)
        better = lesson and lesson.fresh.log_loss < lesson.standing.log_loss
        for name in ("coefficients", "trial"):
            if better:
                coefficients = lesson.shapes if name == "coefficients" else lesson.trial
                kept = {"shrink": coefficients["base"], "idle": coefficients["idle"]}
            else:
                kept = {c: v for c, v in (standing[name] or {}).items() if c in CONTRACTION}
            self[name] = {**self[name], **kept}

    def _judge(self, standing):
        """Take this version or refuse it, and record the reason."""
        pinned = self.search([("is_pinned", "=", True)], limit=1)
        if not self.log_loss < self.standing_log_loss:
            self.reason = self.env._(
                "On the renewals held back, this version was no better than “%s”.",
                standing.display_name,
            )
        elif pinned:
            self.reason = self.env._("The version “%s” is pinned.", pinned.display_name)
        else:
            self.reason = self.env._(
                "On the renewals held back, this version was better than “%s”.",
                standing.display_name,
            )
            self._take()

    @api.model
    def _cases(self):
        """Return the cases to learn from, as two lists ``(churn, contraction)``.

        Each case has the facts of a checkpoint and the outcome of its renewal. All checkpoints of a renewal
        together have the weight 1, or the share of a year that a term lasts after which the customer stays: a contract from month
        to month says once a year that they stay. Checkpoints from the day of the decision on are not used, nor are those of an end that
        was moved since: they say nothing of the distance to the decision. An outcome of a day to come is not known
        yet. A customer who left cannot have cut seats, and is
        not a case of contraction.
        """
        self.env["customer.success.renewal"].flush_model()
        self.env["customer.success.checkpoint"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT renewal.id,
                       renewal.date_outcome,
                       renewal.outcome,
                       renewal.seats,
                       renewal.renewed_seats,
                       CASE WHEN renewal.outcome = 'churned' THEN 1 ELSE %(of_year)s END::float8
                           / count(*) OVER (PARTITION BY renewal.id),
                       checkpoint.breakdown -> 'found',
                       checkpoint.breakdown -> 'seats',
                       renewal.company_id,
                       checkpoint.csm_view
                  FROM customer_success_checkpoint checkpoint
                  JOIN customer_success_renewal renewal ON renewal.id = checkpoint.renewal_id
                 WHERE renewal.active
                   AND renewal.outcome <> 'pending'
                   AND renewal.date_outcome <= %(today)s
                   AND checkpoint.date < renewal.date_outcome
                   AND %(same_end)s
                   AND jsonb_typeof(checkpoint.breakdown -> 'found') = 'object'
              ORDER BY renewal.date_outcome, renewal.id, checkpoint.date
                """,
                of_year=SQL(share_of_year("renewal")),
                same_end=SQL(same_end("checkpoint.date_renewal", "renewal.date_renewal")),
                today=fields.Date.today(),
            )
        )
        churn, contraction = [], []
        for renewal_id, day, outcome, bought, renewed, weight, found, seats, company, view in rows:
            left = outcome == "churned"
            # Earlier checkpoints do not name the company, which stays the same.
            features = {"company": str(company), **found}
            churn.append(learning.Case(features, left, weight, day, renewal_id, view))
            used = seats.get("used") if isinstance(seats, dict) else None
            if not left and bought and used is not None and seats.get("bought"):
                held = seats["bought"] - seats.get("coming", 0)
                idle = max(0.0, 1 - used / held) if held > 0 else 0.0
                fewer = outcome == "contracted" and (renewed or 0) < bought
                contraction.append(learning.Case({"idle": idle}, fewer, weight, day, renewal_id))
        return churn, contraction


def _to_json(shapes):
    return {code: to_json(shape) for code, shape in shapes.items()}

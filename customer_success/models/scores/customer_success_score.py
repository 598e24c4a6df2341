import logging
from functools import partial

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.gc import disabling_gc

from ...scoring import engine
from ...scoring.factor import FACTORS
from ...scoring.rules import Rules
from ..common.known_float import KnownFloat
from ..common.money import Money
from ..common.plain_json import PlainJson
from .customer_success_renewal_score import RISK_BANDS

_logger = logging.getLogger(__name__)

HEALTH_BANDS = [
    ("good", "Good"),
    ("watch", "Watch"),
    ("poor", "Poor"),
    ("unsure", "Too Little Known"),
]


class CustomerSuccessScore(models.Model):
    """The score of a customer, one row each, which only the scoring engine writes.

    People write facts, on partners and other records; jobs write here. A nightly run therefore never blocks
    a person, never loses their input, and never rewrites a wide row of a partner.
    """

    _name = "customer.success.score"
    _inherit = ["customer.success.money", "customer.success.risk.range"]
    _description = "Score of a Customer"
    _log_access = False
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    health = KnownFloat(digits=(5, 1), help="The health score, from 0 to 100; high is good.")
    health_band = fields.Selection(HEALTH_BANDS)
    confidence = KnownFloat(
        "Known %", digits=(5, 1), help="The share of the health score's weight that is known."
    )
    adoption = KnownFloat("Adoption Rate %", digits=(5, 1))
    change_quarter = KnownFloat(
        "Change to Last Quarter %",
        digits=(16, 1),
        help="The change of the active users compared with the previous quarter.",
    )
    change_year = KnownFloat(
        "Change to Last Year %",
        digits=(16, 1),
        help="The change of the active users compared with the same quarter last year.",
    )
    usage_date = fields.Date(
        "Use Known Until",
        help="The first day of the latest period with figures of use, however old it is.",
    )
    usage_pause_until = fields.Date(
        "No Use Expected Until",
        help="The day until which no figures of use are expected, because none came at this time of earlier years.",
    )
    renewal_risk = KnownFloat(
        "Churn Risk %",
        digits=(5, 1),
        help="The probability that a pending renewal is lost, from 0 to 100 %; high is bad.",
    )
    risk_band = fields.Selection(RISK_BANDS, "Risk")
    contraction_risk = KnownFloat("Contraction Risk %", digits=(5, 1))
    value_at_risk = Money()
    currency_id = fields.Many2one("res.currency")
    next_renewal_date = fields.Date()
    ready = KnownFloat(digits=(5, 1), help="From 1 to 5, by the current answers.")
    willing = KnownFloat(digits=(5, 1), help="From 1 to 5, by the current answers.")
    able = KnownFloat(digits=(5, 1), help="From 1 to 5, by the current answers.")
    coverage = KnownFloat(
        "Questions Covered %",
        digits=(5, 1),
        help="The share of the due questions that have a fresh answer.",
    )
    stale_answers = fields.Integer()
    # Only the explanation reads the breakdown; it is not prefetched with the other fields.
    breakdown = PlainJson(prefetch=False)
    fingerprint = fields.Char(help="The fingerprint of the facts and rules behind this score.")
    segment_id = fields.Many2one(
        "customer.success.segment",
        ondelete="set null",
        help="The segment whose rules this score was computed by.",
    )
    rules_mark = fields.Char(
        export_string_translation=False, help="The set of weights behind this score."
    )
    formula = fields.Char(
        export_string_translation=False, help="The versions of the formulas behind this score."
    )
    health_shift = fields.Float(
        digits=(7, 1),
        aggregator=None,
        help="The points that changes of segment, weights, expected days and formulas have added to the health score so far.",
    )
    risk_shift = fields.Float(
        digits=(7, 1),
        aggregator=None,
        help="The points that changes of segment, weights, expected days and formulas have added to the churn risk so far.",
    )
    worst_product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="set null",
        help="The product with the lowest health score, if the customer has several that differ.",
    )
    error = fields.Char(help="The reason why the last attempt to score this customer failed.")
    scored_at = fields.Datetime()

    _partner_uniq = models.UniqueIndex("(partner_id)", "A customer has one score.")
    _risk_idx = models.Index("(renewal_risk DESC NULLS LAST)")

    @api.model
    def _rules(self):
        """Return the weights, coefficients and limits in force, as :class:`Rules`, with those of all segments."""
        rules = self._usual_rules()
        return rules._replace(
            segments=self.env["customer.success.segment"]._all_rules(rules),
            former=self.env["customer.success.score.rules"]._known(),
        )

    @api.model
    def _usual_rules(self):
        """Return the rules of a customer whose segment has none of its own."""
        factors = self.env["customer.success.factor"].sudo().with_context(active_test=True)
        factors = factors.search(fields.Domain.TRUE)
        limit = self.env["customer.success.settings"]._limit
        shapes, spread = self.env["customer.success.risk.version"]._in_force()
        return Rules(
            weights={
                factor.code: factor.weight
                for factor in factors
                if factor.weight and self._brings(factor.code)
            },
            # A factor that counts in the health score of some segment only does not count in the risk.
            coefficients={
                factor.code: factor._shape(shapes)
                for factor in factors
                if (factor.weight or factor.code not in FACTORS) and factor._counts(shapes)
            },
            spread=spread,
            adoption_target=limit("adoption_target"),
            ramp_months=int(limit("ramp_months")),
            usage_fresh_days=int(limit("usage_fresh_days")),
            search_fresh_days=int(limit("search_fresh_days")),
            known_enough=limit("known_enough"),
            health_bands=(
                (limit("health_good"), "good"),
                (limit("health_watch"), "watch"),
                (0.0, "poor"),
            ),
            risk_bands=(
                (limit("risk_critical"), "critical"),
                (limit("risk_high"), "high"),
                (limit("risk_medium"), "medium"),
                (0.0, "low"),
            ),
        ).marked()

    @api.model
    def _brings(self, code):
        """Return whether the formula of this factor is installed in this database.

        A server with several databases imports an addon for all of them. The factor counts only if its addon
        is installed here, because it reads the tables of the addon.
        """
        factor = FACTORS.get(code)
        installed = self.env.registry._init_modules
        return bool(factor) and (factor.addon == self._original_module or factor.addon in installed)

    @api.model
    def _freeze(self, partners):
        """Return what is known now about the pending renewals of these customers, ``{renewal id: row}``.

        See :func:`~.scoring.engine.freeze`.
        """
        self.env.flush_all()
        return engine.freeze(self.env.cr, partners.ids, self._rules(), fields.Date.today())

    @api.model
    def _rescore(self, partners):
        """Rescore these customers now, in the caller's transaction; skip partners that are not followed."""
        if partners:
            self._score(partners.ids)

    @api.model
    def _score(self, partner_ids, contiguous=False):
        """Score customers by id; return the number of scores written.

        ``contiguous`` says that the ids are all customers from the first id to the last. A customer that breaks
        the statement is found by halving. It is marked and keeps its last score.
        """
        # All customers, and both halves of a batch, get the same day and the same rules.
        rules, today = self._rules(), fields.Date.today()
        self.env["customer.success.score.rules"]._keep(rules)
        # The job takes requests off their queue before it scores; other callers find them there.
        changed = (
            partner_ids
            if self.env.context.get("success_asked")
            else self.env["customer.success.score.request"]._of(partner_ids)
        )
        written, changed = [], frozenset(changed)

        def rescore(ids):
            # A batch creates only plain values without cycles, so that garbage collection would find nothing.
            with disabling_gc():
                outcome = engine.rescore(self.env.cr, ids, rules, today, contiguous, changed)
            written.append(outcome.written)

        self.env["customer.success.job"]._halve(list(partner_ids), rescore, self._note_not_scored)
        self.env.invalidate_all(flush=False)
        return sum(written)

    @api.model
    def _note_not_scored(self, partner_id, error):
        """Mark this customer, so that it keeps its last score and the next night tries it again."""
        _logger.warning("Customer %s could not be scored: %s", partner_id, error)
        self._mark_not_scored([partner_id], error)

    @api.model
    def _mark_not_scored(self, partner_ids, error):
        self.env.cr.execute(
            SQL(
                "UPDATE customer_success_score SET error = %s, fingerprint = NULL"
                " WHERE partner_id = ANY(%s)",
                str(error).split("\n", 1)[0],
                list(partner_ids),
            )
        )

    # ------------------------------------------------------------------------------------------
    # Scheduled actions
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_score_changed(self):
        """Rescore the customers whose facts changed, batch by batch."""
        self._work_off(self.env["customer.success.score.request"])

    @api.model
    def _cron_score_all(self):
        """Rescore all customers: plan the night, unless one is still under way, and process its batches."""
        batches = self.env["customer.success.score.batch"]
        if not batches._is_under_way():
            self.env["customer.success.job"]._try_again(batches._plan)
            self.env["ir.cron"]._commit_progress(remaining=batches._count_open())
            self._wake_helpers()
        self._work_off(batches)

    @api.model
    def _cron_score_batches(self):
        """Help to process the night that :meth:`_cron_score_all` planned; several of these jobs may run at once."""
        self._work_off(self.env["customer.success.score.batch"])

    @api.model
    def _work_off(self, queue):
        """Claim, score and commit batches until the queue is empty or the time is up.

        A batch and its place in the queue are committed together. If the job is killed, the batch is still in
        the queue and nothing of it is stored.
        """
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=queue._count_open())
        while self.env["customer.success.job"]._try_again(partial(self._work_next, queue)):
            if not commit(1, remaining=queue._count_open()):
                return
        commit(remaining=0)

    @api.model
    def _work_next(self, queue):
        """Claim and score the next part of the queue; return whether there was one.

        A batch that fails as a whole, not because of one customer, is set aside with its error. Trying it again
        and again would keep all later batches from being scored, also in the next night.
        """
        claimed = queue._claim(engine.BATCH_SIZE)
        if claimed is None:
            return False
        claim, partner_ids = claimed
        try:
            with self.env.cr.savepoint(flush=False):
                scores = self.with_context(success_asked=queue._asked)
                written = scores._score(partner_ids, queue._contiguous)
        except psycopg2.OperationalError:
            raise  # a lost race, a lost connection or a full disk, which the batch has not caused
        except Exception as error:
            _logger.exception("A batch of %d customers could not be scored", len(partner_ids))
            self.env.invalidate_all(flush=False)
            said = f"{type(error).__name__}: {error}"
            self._mark_not_scored(partner_ids, said)
            queue._set_aside(claim, said)
        else:
            queue._done(claim, written)
        return True

    @api.model
    def _rules_changed(self):
        """Trigger a new score of all customers after a change of weights, coefficients or limits."""
        self.env.ref("customer_success.ir_cron_score_all").sudo()._trigger()

    @api.model
    def _wake_helpers(self):
        """Start the additional scoring jobs, if the settings ask for any."""
        helpers = self.env["ir.cron"].sudo().search([("code", "=", HELPER_CODE)])
        for helper in helpers:
            helper._trigger()


HELPER_CODE = "model._cron_score_batches()"

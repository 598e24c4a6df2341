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
from ..common.plain_json import PlainJson
from .customer_success_renewal_score import RISK_BANDS

_logger = logging.getLogger(__name__)

HEALTH_BANDS = [("good", "Good"), ("watch", "Watch"), ("poor", "Poor")]


class CustomerSuccessScore(models.Model):
    """One row a customer, written by the scoring engine only.

    People write the facts, on partners and records; the jobs write here. So a nightly run never
    blocks a person, never loses what they typed, and never rewrites a wide partner row.
    """

    _name = "customer.success.score"
    _inherit = "customer.success.money"
    _description = "Score of a Customer"
    _log_access = False
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    health = KnownFloat(digits=(5, 1), help="0 to 100, high is good.")
    health_band = fields.Selection(HEALTH_BANDS)
    confidence = KnownFloat("Known %", digits=(5, 1), help="How much of the weight was known.")
    adoption = KnownFloat("Adoption Rate %", digits=(5, 1))
    change_quarter = KnownFloat(
        "Change to Last Quarter %", digits=(16, 1), help="Of the active users."
    )
    change_year = KnownFloat(
        "Change to Last Year %",
        digits=(16, 1),
        help="Of the active users, against the same quarter a year ago.",
    )
    usage_date = fields.Date(
        "Use Known Until", help="The start of the latest period of use, however old."
    )
    renewal_risk = KnownFloat("Churn Risk %", digits=(5, 1), help="0 to 100 %, high is bad.")
    risk_band = fields.Selection(RISK_BANDS, "Risk")
    contraction_risk = KnownFloat("Contraction Risk %", digits=(5, 1))
    value_at_risk = fields.Monetary()
    currency_id = fields.Many2one("res.currency")
    next_renewal_date = fields.Date()
    ready = KnownFloat(digits=(5, 1), help="1 to 5, from the current answers.")
    willing = KnownFloat(digits=(5, 1), help="1 to 5, from the current answers.")
    able = KnownFloat(digits=(5, 1), help="1 to 5, from the current answers.")
    coverage = KnownFloat(
        "Questions Covered %", digits=(5, 1), help="Due questions with a fresh answer."
    )
    stale_answers = fields.Integer("Questions Gone Stale")
    # Read by who explains it; never along with the headlines
    breakdown = PlainJson(prefetch=False)
    fingerprint = fields.Char(help="Of the facts and rules behind this score.")
    error = fields.Char(help="Why the last attempt to score this customer failed.")
    scored_at = fields.Datetime()

    _partner_uniq = models.UniqueIndex("(partner_id)", "A customer has one score.")
    _risk_idx = models.Index("(renewal_risk DESC NULLS LAST)")

    @api.model
    def _rules(self):
        """The weights, coefficients and limits in force."""
        factors = self.env["customer.success.factor"].sudo().search(fields.Domain.TRUE)
        limit = self.env["customer.success.settings"]._limit
        return Rules(
            weights={
                factor.code: factor.weight
                for factor in factors
                if factor.weight and self._brings(factor.code)
            },
            coefficients={factor.code: factor._coefficient() for factor in factors},
            adoption_target=limit("adoption_target"),
            ramp_months=int(limit("ramp_months")),
            usage_fresh_days=int(limit("usage_fresh_days")),
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
        )

    @api.model
    def _brings(self, code):
        """Return whether this database has the formula of this factor.

        A server that serves several databases imports an addon for all of them; here it counts only
        where the addon is installed, as the tables that it reads are only there.
        """
        factor = FACTORS.get(code)
        installed = self.env.registry._init_modules
        return bool(factor) and (factor.addon == self._original_module or factor.addon in installed)

    @api.model
    def _freeze(self, partners):
        """What is known of these customers' pending renewals now: ``{renewal id: row}``.

        See :func:`~.scoring.engine.freeze`.
        """
        self.env.flush_all()
        return engine.freeze(self.env.cr, partners.ids, self._rules(), fields.Date.today())

    @api.model
    def _rescore(self, partners):
        """Rescore these customers now, in the caller's transaction; contacts and strangers are skipped."""
        if partners:
            self._score(partners.ids)

    @api.model
    def _score(self, partner_ids, contiguous=False):
        """Score customers by id; return how many were written.

        ``contiguous`` says that these are all the customers from the first id to the last.
        One that breaks the whole statement is found by halving, marked, and left at its last score.
        """
        # One day and one set of rules for everybody, and for each half of a batch.
        rules, today = self._rules(), fields.Date.today()
        written = []

        def rescore(ids):
            # A batch makes plain values only, no cycles: collecting among all of Odoo's objects finds none.
            with disabling_gc():
                outcome = engine.rescore(self.env.cr, ids, rules, today, contiguous)
            written.append(outcome.written)

        self.env["customer.success.job"]._halve(list(partner_ids), rescore, self._note_not_scored)
        self.env.invalidate_all(flush=False)
        return sum(written)

    @api.model
    def _note_not_scored(self, partner_id, error):
        """Leave this customer at its last score, and have it tried again the next night."""
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
        """Rescore all customers: plan the night, unless it is still under way, and work it off."""
        batches = self.env["customer.success.score.batch"]
        if not batches._is_under_way():
            self.env["customer.success.job"]._try_again(batches._plan)
            self.env["ir.cron"]._commit_progress(remaining=batches._count_open())
            self._wake_helpers()
        self._work_off(batches)

    @api.model
    def _cron_score_batches(self):
        """Help with the night that :meth:`_cron_score_all` planned; several of these may run at once."""
        self._work_off(self.env["customer.success.score.batch"])

    @api.model
    def _work_off(self, queue):
        """Claim, score and commit until the queue is empty or the time is up.

        A batch and its place in the queue are committed together: killed anywhere, the batch is
        still in the queue and nothing of it is stored.
        """
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=queue._count_open())
        while self.env["customer.success.job"]._try_again(partial(self._work_next, queue)):
            if not commit(1, remaining=queue._count_open()):
                return
        commit(remaining=0)

    @api.model
    def _work_next(self, queue):
        """Claim and score what is next in the queue; return whether there was anything.

        What breaks a whole batch, and is no fault of one customer, is set aside with its error: tried
        again and again, it would keep all that comes after it from being scored, also the next night.
        """
        claimed = queue._claim(engine.BATCH_SIZE)
        if claimed is None:
            return False
        claim, partner_ids = claimed
        try:
            with self.env.cr.savepoint(flush=False):
                written = self._score(partner_ids, queue._contiguous)
        except psycopg2.OperationalError:
            raise  # a lost race, a lost connection, a full disk: nothing that the batch has caused
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
        """Rescore everybody soon: weights, coefficients or limits are not what they were."""
        self.env.ref("customer_success.ir_cron_score_all").sudo()._trigger()

    @api.model
    def _wake_helpers(self):
        """Start the additional scoring jobs, if the settings ask for any."""
        helpers = self.env["ir.cron"].sudo().search([("code", "=", HELPER_CODE)])
        for helper in helpers:
            helper._trigger()


HELPER_CODE = "model._cron_score_batches()"

import logging

import psycopg2
from psycopg2 import errors

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.gc import disabling_gc

from ...scoring import engine
from ...scoring.factors import FACTORS
from ...scoring.rules import Rules
from ..common.known_float import KnownFloat
from ..common.plain_json import PlainJson
from .customer_success_renewal_score import RISK_BANDS

_logger = logging.getLogger(__name__)

HEALTH_BANDS = [("good", "Good"), ("watch", "Watch"), ("poor", "Poor")]
# Another transaction won the race: nothing is wrong, try again.
RACES = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
RACE_TRIES = 5


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
        extra = self._extra_facts()
        return Rules(
            weights={
                factor.code: factor.weight
                for factor in factors
                if factor.weight and (factor.code in FACTORS or factor.code in extra)
            },
            coefficients={
                factor.code: factor.learned if factor.is_learned else factor.prior
                for factor in factors
            },
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
            extra=tuple(
                sorted((code, extra[code]) for code in factors.mapped("code") if code in extra)
            ),
        )

    @api.model
    def _extra_facts(self):
        """Factors that other addons bring: ``{code: SELECT}``, for a factor record of that code.

        The SELECT returns ``partner_id``, ``value`` (float8, 0 bad to 100 good, NULL unknown) and
        ``evidence`` (jsonb), one row a customer at most. It says ``partner_id IN_SCOPE`` of each table
        it reads, may use ``%(today)s``, and must not turn a day older into another value without need:
        a customer is scored anew whenever the value changes.
        """
        return {}

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
    def _score(self, partner_ids, neighbours=False):
        """Score customers by id; return how many were written.

        ``neighbours`` says that these are all the customers from the first id to the last.
        One that breaks the whole statement is found by halving, marked, and left at its last score.
        """
        self.env.flush_all()
        outcome = self._score_or_split(list(partner_ids), self._rules(), neighbours)
        self.env.invalidate_all(flush=False)
        return outcome

    def _score_or_split(self, partner_ids, rules, neighbours):
        # One day for everybody: who clicks where must not turn the clock forth and back.
        today = fields.Date.today()
        try:
            # A batch makes plain values only, no cycles: collecting among all of Odoo's objects finds none.
            with self.env.cr.savepoint(flush=False), disabling_gc():
                return engine.rescore(self.env.cr, partner_ids, rules, today, neighbours).written
        except RACES:
            raise
        except (
            psycopg2.DataError,
            psycopg2.IntegrityError,
            psycopg2.InternalError,
            errors.QueryCanceled,  # a statement timeout: half a batch takes half as long
            ValueError,
        ) as error:
            if len(partner_ids) > 1:
                half = len(partner_ids) // 2
                return sum(
                    self._score_or_split(part, rules, neighbours)
                    for part in (partner_ids[:half], partner_ids[half:])
                )
            _logger.warning("Customer %s could not be scored: %s", partner_ids[0], error)
            self.env.cr.execute(
                SQL(
                    "UPDATE customer_success_score SET error = %s, fingerprint = NULL"
                    " WHERE partner_id = %s",
                    str(error).split("\n", 1)[0],
                    partner_ids[0],
                )
            )
            return 0

    # ------------------------------------------------------------------------------------------
    # Scheduled actions
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_score_changed(self):
        """Rescore the customers whose facts changed, batch by batch."""
        self._work_off(self.env["customer.success.score.request"])

    @api.model
    def _cron_score_all(self):
        """Rescore all customers: plan the night, unless one is still under way, and work it off."""
        batches = self.env["customer.success.score.batch"]
        if not batches._count_open():
            batches._plan()
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
        still in the queue and nothing of it is stored. Losing a race is tried again.
        """
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=queue._count_open())
        lost = 0
        while True:
            try:
                claimed = queue._claim(engine.BATCH_SIZE)
                if claimed is None:
                    commit(remaining=0)
                    return
                claim, partner_ids = claimed
                queue._done(claim, self._score(partner_ids, queue._neighbours))
                self.env.cr.flush()
            except RACES:
                self.env.cr.rollback()
                lost += 1
                if lost >= RACE_TRIES:
                    raise
                continue
            lost = 0
            if not commit(1, remaining=queue._count_open()):
                return

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

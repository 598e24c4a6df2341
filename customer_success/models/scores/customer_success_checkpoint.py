import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, plaintext2html

from ...scoring.followed import followed
from ...scoring.renewal import decided_by, same_end
from ...scoring.shown import whole
from ...scoring.terms import verdict, views_differ
from ..common.known_float import KnownFloat
from ..common.money import Money
from .customer_success_renewal_score import RISK_BANDS

_logger = logging.getLogger(__name__)

# The number of renewals that are frozen in one transaction.
BATCH = 200
GAP_ACTIVITY = "customer_success.mail_activity_type_view_gap"
# The fields that a person may write; all others stay as they were on the day of the checkpoint.
WRITABLE = {"action_plan"}


class CustomerSuccessCheckpoint(models.Model):
    """A renewal as the risk model and the CSM saw it a number of days before it was due.

    A scheduled action takes the checkpoints, and nobody changes them: the risk model learns from them, and they
    record who foresaw the outcome. People write only the action plan.
    """

    _name = "customer.success.checkpoint"
    _inherit = "customer.success.money"
    _description = "Checkpoint of a Renewal"
    _order = "date desc, id desc"

    renewal_id = fields.Many2one(
        "customer.success.renewal", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        related="renewal_id.partner_id", store=True, index=True, string="Customer"
    )
    company_id = fields.Many2one(related="renewal_id.company_id", store=True, index=True)
    success_user_id = fields.Many2one(related="renewal_id.success_user_id", string="CSM")
    segment_id = fields.Many2one(
        related="renewal_id.partner_id.success_segment_id",
        string="Segment",
        help="The segment of the customer today.",
    )
    product_id = fields.Many2one(related="renewal_id.product_id")
    horizon = fields.Integer(
        "Days Before",
        required=True,
        readonly=True,
        aggregator="avg",
        help="The checkpoint was taken about this number of days before the renewal was due. A contract that renews itself is due "
        "on its notice date.",
    )
    date = fields.Date("Taken On", required=True, readonly=True)
    date_renewal = fields.Date(
        "Renewal Due",
        readonly=True,
        help="The renewal date as it was on the day of the checkpoint.",
    )

    # Frozen: the risk model's side
    machine_risk = KnownFloat(
        "Churn Risk %",
        digits=(5, 1),
        readonly=True,
        help="The probability that the renewal is lost, from 0 to 100 %; high is bad.",
    )
    risk_band = fields.Selection(RISK_BANDS, "Risk", readonly=True)
    contraction_risk = KnownFloat("Contraction Risk %", digits=(5, 1), readonly=True)
    expected_seats = KnownFloat(digits=(16, 1), readonly=True)
    value_at_risk = Money(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    breakdown = fields.Json("Facts of the Day", readonly=True)

    # Frozen: the CSM's side
    csm_view = fields.Selection(
        lambda self: self.env["res.partner"]._fields["success_sentiment"].selection,
        "CSM's View",
        readonly=True,
    )
    csm_view_date = fields.Date("View Since", readonly=True)
    is_gap = fields.Boolean(
        "Views Differ",
        readonly=True,
        help="The churn risk and the CSM's view contradicted each other.",
    )

    action_plan = fields.Text(
        help="Write what will be done if the churn risk and the CSM's view differ."
    )

    # The outcome
    outcome = fields.Selection(related="renewal_id.outcome")
    verdict = fields.Selection(
        [
            ("machine", "Risk Model Only"),
            ("csm", "CSM Only"),
            ("both", "Both"),
            ("neither", "Neither"),
        ],
        "Who Was Right",
        compute="_compute_verdict",
        store=True,
        help="Who foresaw whether the customer would stay or leave. It is known when the renewal has ended.",
    )

    _renewal_horizon_uniq = models.UniqueIndex(
        "(renewal_id, horizon, date_renewal)",
        "A renewal has only one checkpoint for each number of days before its end.",
    )
    _gap_idx = models.Index("(renewal_id) WHERE is_gap")

    @api.depends("renewal_id", "horizon")
    def _compute_display_name(self):
        for checkpoint in self:
            checkpoint.display_name = self.env._(
                "%(renewal)s, %(days)d days before",
                renewal=checkpoint.renewal_id.display_name,
                days=checkpoint.horizon,
            )

    @api.depends("renewal_id.outcome", "csm_view", "risk_band")
    def _compute_verdict(self):
        for checkpoint in self:
            checkpoint.verdict = verdict(
                checkpoint.renewal_id.outcome, checkpoint.csm_view, checkpoint.risk_band
            )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort unknown risks last, in ascending and in descending order."""
        if field_name in ("machine_risk", "contraction_risk") and not nulls:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    # ------------------------------------------------------------------------------------------
    # Frozen values never change, not even by managers or the system
    # ------------------------------------------------------------------------------------------

    def write(self, vals):
        if vals.keys() - WRITABLE:
            raise UserError(
                self.env._(
                    "A checkpoint keeps what was known on its day and cannot be changed. "
                    "You can only write its action plan."
                )
            )
        result = super().write(vals)
        if (vals.get("action_plan") or "").strip():
            self.renewal_id.activity_feedback([GAP_ACTIVITY], feedback=vals["action_plan"])
        return result

    def action_open(self):
        """Open the checkpoint in a dialog, to write the action plan."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Checkpoint"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # ------------------------------------------------------------------------------------------
    # Scheduled action
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_checkpoints(self):
        """Freeze the renewals that have reached a horizon, batch by batch.

        The checkpoints and activities of a batch are committed together, and a renewal that has its checkpoint is no
        longer due. A job that is killed therefore loses nothing and takes nothing twice. A renewal that cannot be frozen
        does not stop the others.
        """
        self.env["customer.success.job"]._walk(
            self._due(), self._take, self._note_not_taken, size=BATCH
        )

    @api.model
    def _horizons(self):
        """Return the numbers of days before a renewal at which checkpoints are taken, from the settings."""
        limit = self.env["customer.success.settings"]._limit
        return sorted({int(limit(f"checkpoint_days_{number}")) for number in (1, 2, 3)})

    @api.model
    def _due(self):
        """Return the checkpoints to take, as ``[(renewal id, horizon)]``, by one query.

        If several horizons have passed, only the nearest counts: a renewal that was recorded late was not known at the
        others, and no checkpoint is invented for them. Nothing is frozen once the term is over or decided, and a notice
        decides it. The days count back from the notice date of a term that renews itself. An end that was moved, and not only
        corrected, has checkpoints of its own.
        """
        self.flush_model()
        self.env["customer.success.renewal"].flush_model()
        self.env["res.partner"].flush_model(["success_stage_id", "success_former_date", "active"])
        return self.env.execute_query(
            SQL(
                """
                SELECT renewal.id, nearest.horizon
                  FROM customer_success_renewal renewal
                  JOIN res_partner customer ON customer.id = renewal.partner_id
            CROSS JOIN LATERAL (SELECT min(horizon) AS horizon
                                  FROM unnest(%(horizons)s::int[]) horizon
                                 WHERE horizon >= %(due)s - %(today)s) nearest
                 WHERE renewal.active
                   AND renewal.outcome = 'pending'
                   AND renewal.notice_given_on IS NULL
                   AND %(due)s BETWEEN %(today)s AND %(today)s + %(furthest)s
                   AND %(followed)s
                   AND NOT EXISTS (SELECT 1
                                     FROM customer_success_checkpoint taken
                                    WHERE taken.renewal_id = renewal.id
                                      AND taken.horizon = nearest.horizon
                                      AND %(same_end)s)
              ORDER BY renewal.date_renewal, renewal.id
                """,
                followed=SQL(followed("customer")),
                due=SQL(decided_by("renewal")),
                same_end=SQL(same_end("taken.date_renewal", "renewal.date_renewal")),
                horizons=self._horizons(),
                furthest=max(self._horizons()),
                today=fields.Date.today(),
            )
        )

    @api.model
    def _note_not_taken(self, due, error):
        """Log the error; the checkpoint stays due, and the next job tries it again."""
        _logger.warning(
            "The checkpoint of renewal %s at %s days could not be taken: %s", *due, error
        )

    @api.model
    def _take(self, due):
        """Take the checkpoints ``[(renewal id, horizon)]`` now and return them.

        Ask for an action plan if the churn risk and the CSM's view differ.
        """
        horizons = dict(due)
        renewals = self.env["customer.success.renewal"].sudo().browse(horizons)
        renewals = renewals.exists().filtered(lambda renewal: renewal.outcome == "pending")
        frozen = self.env["customer.success.score"].sudo()._freeze(renewals.partner_id)
        checkpoints = self.sudo().create(
            [
                self._prepare_checkpoint_vals(
                    renewal, horizons[renewal.id], frozen.get(renewal.id, {})
                )
                for renewal in renewals
            ]
        )
        # From now on a next term that was generated counts like any other renewal.
        renewals.filtered("is_generated").is_generated = False
        checkpoints.filtered("is_gap")._ask_for_plan()
        return checkpoints

    @api.model
    def _prepare_checkpoint_vals(self, renewal, horizon, row):
        """Return the values of a checkpoint; the risk is unknown if the customer could not be scored."""
        customer = renewal.partner_id
        band = row.get("risk_band") or False
        return {
            "renewal_id": renewal.id,
            "horizon": horizon,
            "date": fields.Date.today(),
            "date_renewal": renewal.date_renewal,
            "machine_risk": row.get("churn_risk", False),
            "risk_band": band,
            "contraction_risk": row.get("contraction_risk", False),
            "expected_seats": row.get("expected_seats", False),
            "value_at_risk": row.get("value_at_risk") or False,
            "currency_id": row.get("currency_id") and int(row["currency_id"]),
            "breakdown": row.get("breakdown") or False,
            "csm_view": customer.success_sentiment,
            "csm_view_date": customer.success_sentiment_date,
            "is_gap": views_differ(customer.success_sentiment, band),
        }

    def _ask_for_plan(self):
        """Create one activity for each renewal that has none, for its CSM, else for a success manager."""
        asked = (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "customer.success.renewal"),
                    ("res_id", "in", self.renewal_id.ids),
                    ("activity_type_id", "=", self.env.ref(GAP_ACTIVITY).id),
                ]
            )
        )
        asked_of = set(asked.mapped("res_id"))
        for checkpoint in self:
            renewal = checkpoint.renewal_id
            if renewal.id in asked_of:
                continue
            user = renewal._success_responsible()
            env = self.with_context(lang=user.lang or self.env.lang).env
            views = dict(self._fields["csm_view"]._description_selection(env))
            renewal.activity_schedule(
                GAP_ACTIVITY,
                user_id=user.id,
                note=plaintext2html(
                    env._(
                        "The churn risk is %(risk)d %%, but the CSM is %(view)s. The renewal is due on "
                        "%(date)s. Write an action plan on the latest checkpoint of the renewal.",
                        risk=whole(checkpoint.machine_risk),
                        view=views.get(checkpoint.csm_view, "").lower(),
                        date=format_date(env, renewal.date_renewal),
                    )
                ),
            )

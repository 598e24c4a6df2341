from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.known_float import KnownFloat
from ..common.money import Money


class CustomerSuccessRenewal(models.Model):
    """The risk of a renewal, with its explanation and its checkpoints."""

    _inherit = "customer.success.renewal"

    score_id = fields.Many2one(
        "customer.success.renewal.score", readonly=True, copy=False, index="btree_not_null"
    )
    churn_risk = KnownFloat(related="score_id.churn_risk", string="Churn Risk %")
    risk_band = fields.Selection(related="score_id.risk_band", string="Risk")
    risk_low = KnownFloat(related="score_id.risk_low", string="Churn Risk from %")
    risk_high = KnownFloat(related="score_id.risk_high", string="Churn Risk to %")
    risk_range = fields.Char(related="score_id.risk_range", string="Range of the Risk")
    contraction_risk = KnownFloat(related="score_id.contraction_risk", string="Contraction Risk %")
    expected_seats = KnownFloat(related="score_id.expected_seats")
    expansion_likelihood = KnownFloat(
        related="score_id.expansion_likelihood",
        string="Expansion Likelihood %",
        help="The probability that this renewal is expanded, from 0 to 100 %. It is no advice to sell: secure a renewal at risk first.",
    )
    score_currency_id = fields.Many2one(related="score_id.currency_id", string="Company Currency")
    value_at_risk = Money(related="score_id.value_at_risk", currency_field="score_currency_id")
    explanation = fields.Html(
        "Why", compute="_compute_explanation", compute_sudo=True, sanitize=False
    )
    checkpoint_ids = fields.One2many(
        "customer.success.checkpoint", "renewal_id", "Checkpoints", readonly=True
    )
    needs_action_plan = fields.Boolean(
        compute="_compute_needs_action_plan",
        search="_search_needs_action_plan",
        help="At the latest checkpoint the churn risk and the CSM's view differed, and there is no action plan.",
    )

    @api.depends("score_id.breakdown", "outcome")
    @api.depends_context("lang", "uid")
    def _compute_explanation(self):
        explain = self.env["customer.success.explanation"]
        for renewal in self:
            renewal.explanation = explain._render_renewal(renewal) if renewal.score_id else False

    @api.depends("checkpoint_ids.is_gap", "checkpoint_ids.action_plan", "outcome")
    def _compute_needs_action_plan(self):
        for renewal in self:
            last = renewal.checkpoint_ids.sorted(
                lambda taken: (taken.date_renewal or date.min, -taken.horizon)
            )[-1:]
            renewal.needs_action_plan = (
                renewal.outcome == "pending" and last.is_gap and not last.action_plan
            )

    def _search_needs_action_plan(self, operator, value):
        """Search by the checkpoint nearest to the renewal, because earlier differences may be settled."""
        if operator != "in":
            return NotImplemented
        asked = SQL(
            """
            (SELECT renewal_id
               FROM (SELECT DISTINCT ON (renewal_id) renewal_id, is_gap, action_plan
                       FROM customer_success_checkpoint
                   ORDER BY renewal_id, date_renewal DESC NULLS LAST, horizon) last
              WHERE is_gap
                AND COALESCE(action_plan, '') = '')
            """
        )
        self.env["customer.success.checkpoint"].flush_model()
        domain = fields.Domain("outcome", "=", "pending") & fields.Domain("id", "in", asked)
        return domain if True in value else ~domain

    @api.ondelete(at_uninstall=False)
    def _unlink_except_seen(self):
        """Refuse to delete a renewal with checkpoints, which record what was known before the outcome."""
        if self.sudo().checkpoint_ids:
            raise UserError(
                self.env._("A renewal that has checkpoints cannot be deleted. Archive it instead.")
            )

    @api.model
    def _machine_fields(self):
        # A person who could link another renewal's score would see that score.
        return super()._machine_fields() | {"score_id"}

    def _fold_parts(self, gone):
        """Move the checkpoints of a term that is the same one, each once; its score is made anew."""
        result = super()._fold_parts(gone)
        seen = {(taken.horizon, taken.date_renewal) for taken in self.checkpoint_ids}
        gone.checkpoint_ids.filtered(
            lambda taken: (taken.horizon, taken.date_renewal) in seen
        ).unlink()
        self.env["customer.success.renewal.score"].search([("renewal_id", "=", gone.id)]).unlink()
        return result

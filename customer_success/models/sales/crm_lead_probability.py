from odoo import api, fields, models
from odoo.tools import SQL

# Odoo's own guess stays within these limits, too: certain is only what is won or lost.
LEAST, MOST = 0.01, 99.99


class CrmLead(models.Model):
    """The probability of a renewal's opportunity: what the churn risk of the renewal says, instead of Odoo's guess.

    Odoo guesses from the stage, team and country of opportunities that were won. A renewal is no new business, and its
    risk is known: the one probability is 100 % less the churn risk, so that the forecast of the pipeline is that of the
    renewals. The figure that a person entered stays the person's, and ours stands beside it. An opportunity of no
    renewal, and one whose risk is unknown, keeps Odoo's guess.
    """

    _inherit = "crm.lead"

    success_own_band = fields.Selection(
        related="success_renewal_id.risk_band",
        string="Risk of This Renewal",
        groups="base.group_user",
    )
    success_own_reasons = fields.Char(
        "Reasons for the Risk of This Renewal",
        compute="_compute_success_own_reasons",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends("success_own_band")
    @api.depends_context("lang")
    def _compute_success_own_reasons(self):
        explain = self.env["customer.success.explanation"]
        for lead in self:
            reasons = explain._risk_reasons(lead.success_renewal_id.score_id)
            lead.success_own_reasons = ", ".join(reasons)

    # ------------------------------------------------------------------------------------------
    # When Odoo asks for the probability: at a change of stage or team, in its job, for its tooltip
    # ------------------------------------------------------------------------------------------

    @api.depends("success_renewal_id")
    def _compute_probabilities(self):
        return super()._compute_probabilities()

    def _pls_get_naive_bayes_probabilities(self, batch_mode=False, is_tooltip=False):
        found = super()._pls_get_naive_bayes_probabilities(batch_mode, is_tooltip)
        said = self._success_said_probabilities()
        if not said:
            return found
        probabilities, tooltip = found or ({}, {})
        probabilities.update(said)
        if tooltip:
            # Odoo's reasons are not those of our figure.
            tooltip.update(probability=said[self.id], scores=[])
        return probabilities, tooltip

    def _success_said_probabilities(self):
        """Return ``{id: probability}`` of those open opportunities whose renewal has a churn risk."""
        said = {}
        for lead in self.sudo().filtered("success_renewal_id"):
            renewal = lead.success_renewal_id
            if renewal.outcome != "pending" or renewal.churn_risk is False or lead.stage_id.is_won:
                continue
            said[lead.id] = min(max(round(100 - renewal.churn_risk, 2), LEAST), MOST)
        return said

    # ------------------------------------------------------------------------------------------
    # What Odoo learns its guess from: new business only
    # ------------------------------------------------------------------------------------------

    def _pls_increment_frequencies(self, from_state=None, to_state=None):
        others = self.filtered(lambda lead: not lead.sudo().success_renewal_id)
        return super(CrmLead, others)._pls_increment_frequencies(from_state, to_state)

    def _pls_prepare_update_frequency_table(self, rebuild=False, target_state=False):
        leads = self.with_context(success_new_business=rebuild)
        return super(CrmLead, leads)._pls_prepare_update_frequency_table(rebuild, target_state)

    def _pls_get_lead_pls_values(self, domain=None):
        """Leave renewals out where Odoo learns anew: most renewals are won, which says nothing of new business."""
        if domain and self.env.context.get("success_new_business"):
            domain = [*domain, ("success_renewal_id", "=", False)]
        return super()._pls_get_lead_pls_values(domain=domain)

    # ------------------------------------------------------------------------------------------
    # When the risk changes
    # ------------------------------------------------------------------------------------------

    @api.model
    def _success_follow_risks(self, partner_ids=None):
        """Give the open opportunities of renewals the probability that their risks say now, with one statement.

        ``partner_ids`` limits it to the renewals of these customers. Only rows that differ are written, and as by Odoo's own
        job only the figures: nothing in the chatter, no date of a change. A probability that a person entered stays.
        """
        self.flush_model()
        self.env["customer.success.renewal"].flush_model(["outcome", "score_id", "partner_id"])
        self.env["customer.success.renewal.score"].flush_model(["churn_risk"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_lead lead
                   SET automated_probability = fresh.said,
                       probability = fresh.probability,
                       prorated_revenue =
                           round((COALESCE(lead.expected_revenue, 0) * fresh.probability / 100)::numeric, 2),
                       recurring_revenue_prorated =
                           COALESCE(lead.recurring_revenue, 0) * fresh.probability / 100,
                       recurring_revenue_monthly_prorated =
                           COALESCE(lead.recurring_revenue_monthly, 0) * fresh.probability / 100
                  FROM (SELECT known.id, known.said,
                               CASE WHEN known.probability IS NULL
                                      OR round(known.probability::numeric, 2)
                                         = round(COALESCE(known.automated_probability, 0)::numeric, 2)
                                    THEN known.said ELSE known.probability END AS probability
                          FROM (SELECT lead.id, lead.probability, lead.automated_probability,
                                       LEAST(GREATEST(100 - score.churn_risk, %(least)s), %(most)s)::float8 AS said
                                  FROM crm_lead lead
                                  JOIN customer_success_renewal renewal ON renewal.id = lead.success_renewal_id
                                  JOIN customer_success_renewal_score score ON score.id = renewal.score_id
                                 WHERE lead.active
                                   AND lead.won_status = 'pending'
                                   AND renewal.outcome = 'pending'
                                   AND score.churn_risk IS NOT NULL
                                   AND %(scope)s) known
                         WHERE known.automated_probability IS DISTINCT FROM known.said) fresh
                 WHERE fresh.id = lead.id
                """,
                least=LEAST,
                most=MOST,
                scope=SQL("TRUE")
                if partner_ids is None
                else SQL("renewal.partner_id = ANY(%s)", list(partner_ids)),
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model(
                [
                    "automated_probability",
                    "is_automated_probability",
                    "probability",
                    "prorated_revenue",
                    "recurring_revenue_prorated",
                    "recurring_revenue_monthly_prorated",
                ],
                flush=False,
            )

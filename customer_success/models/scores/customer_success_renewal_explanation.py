from odoo import api, fields, models


class CustomerSuccessRenewal(models.Model):
    """Why the risk of a renewal is what it is."""

    _inherit = "customer.success.renewal"

    explanation = fields.Html(
        "Why", compute="_compute_explanation", compute_sudo=True, sanitize=False
    )

    @api.depends("score_id.breakdown", "outcome")
    @api.depends_context("lang")
    def _compute_explanation(self):
        explain = self.env["customer.success.explanation"]
        for renewal in self:
            renewal.explanation = explain._render_renewal(renewal) if renewal.score_id else False

from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models

from ...scoring import learning
from ...scoring.evaluation import gap
from ...scoring.shown import whole

# The outcomes of this many days are held against the version in force.
QUARTER = 92


class CustomerSuccessRiskVersion(models.Model):
    """The drift of the risk model: the recent quarter no longer fits what the version in force predicts."""

    _inherit = "customer.success.risk.version"

    drift_date = fields.Date(
        "No Longer Fits Since",
        readonly=True,
        help="Since this day the outcomes of the last three months differ from what was predicted, by more than chance "
        "explains.",
    )
    drift = fields.Json("Figures of the Drift", readonly=True)
    drift_said = fields.Char("Drift", compute="_compute_drift_said")

    @api.depends("drift", "drift_date")
    @api.depends_context("lang")
    def _compute_drift_said(self):
        for version in self:
            found = version.drift if version.drift_date else None
            version.drift_said = found and self.env._(
                "The last three months no longer fit: of %(count)d renewals %(actual)d %% were lost, %(predicted)d %% "
                "were predicted. Chance alone hardly explains it.",
                count=found["count"],
                actual=whole(found["actual"]),
                predicted=whole(found["predicted"]),
            )

    @api.model
    def _watch(self):
        """Hold the version in force against the outcomes of the last quarter, and tell managers once if it fits no more."""
        version = self.search([("state", "=", "in_force")], limit=1)
        found = self._recent_gap()
        drifting = self.search([("drift_date", "!=", False)])
        if not found.is_no_chance():
            drifting.write({"drift_date": False, "drift": False})
            return
        # A version that follows another one with the same fault is no news.
        since = min(drifting.mapped("drift_date"), default=None)
        (drifting - version).write({"drift_date": False, "drift": False})
        version.write({"drift_date": since or fields.Date.today(), "drift": found._asdict()})
        if not since:
            version._tell_drift()

    @api.model
    def _recent_gap(self):
        """Return the :class:`~...scoring.evaluation.Gap` of the last quarter by the risks in force."""
        since = fields.Date.today() - timedelta(QUARTER)
        churn, _contraction = self._cases()
        coefficients = self.env["customer.success.score"]._usual_rules().coefficients
        return gap(
            learning.forecasts((case for case in churn if case.day > since), coefficients).values()
        )

    def _tell_drift(self):
        """Tell the managers of customer success that the version in force no longer fits."""
        for user in self.env["res.users"]._success_managers():
            told = self.with_context(lang=user.lang or self.env.lang)
            self.env["mail.thread"].sudo().message_notify(
                partner_ids=user.partner_id.ids,
                subject=told.env._("The churn risk no longer fits the last three months"),
                body=Markup("<p>%s</p><p>%s</p>")
                % (
                    told.drift_said,
                    told.env._(
                        "Something has changed that the risk model does not know. It learns every week; until it fits "
                        "again, Configuration > Risk Model says so, and this message is not repeated."
                    ),
                ),
                email_layout_xmlid="mail.mail_notification_light",
            )

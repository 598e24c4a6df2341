from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_settings import limit_field
from .customer_success_score import HELPER_CODE


class ResConfigSettings(models.TransientModel):
    """The settings of scores and checkpoints, and of the jobs that compute scores."""

    _inherit = "res.config.settings"

    success_known_enough = limit_field("known_enough", string="Health Score From % Known")
    success_health_good = limit_field("health_good", string="Good From")
    success_health_watch = limit_field("health_watch", string="Watch From")
    success_risk_medium = limit_field("risk_medium", string="Medium From %")
    success_risk_high = limit_field("risk_high", string="High From %")
    success_risk_critical = limit_field("risk_critical", string="Critical From %")
    success_checkpoint_days_1 = limit_field(
        "checkpoint_days_1", fields.Integer, string="First (Days Before)"
    )
    success_checkpoint_days_2 = limit_field(
        "checkpoint_days_2", fields.Integer, string="Second (Days Before)"
    )
    success_checkpoint_days_3 = limit_field(
        "checkpoint_days_3", fields.Integer, string="Third (Days Before)"
    )
    success_score_workers = fields.Integer(
        "Scoring Jobs",
        config_parameter="customer_success.score_workers",
        default=1,
        help="The number of scheduled actions that share the nightly run. More than one helps only if Odoo "
        "runs several cron workers.",
    )
    success_last_run = fields.Datetime(compute="_compute_success_last_run")
    success_last_run_text = fields.Char(compute="_compute_success_last_run")

    @api.depends_context("uid")
    def _compute_success_last_run(self):
        """Compute the time of the last scored batch, and a text on waiting and failed customers."""
        batch = (
            self.env["customer.success.score.batch"]
            .sudo()
            .search([("done_at", "!=", False)], order="done_at desc", limit=1)
        )
        failed = self.env["customer.success.score"].sudo().search_count([("error", "!=", False)])
        waiting = self.env["customer.success.score.request"]._count_open()
        said = self.env._(
            "Customers that wait for a new score: %(waiting)d. Customers that could not be scored: %(failed)d.",
            waiting=waiting,
            failed=failed,
        )
        if error := batch._last_error():
            said = self.env._("%(said)s A batch failed with: %(error)s", said=said, error=error)
        for settings in self:
            settings.success_last_run = batch.done_at
            settings.success_last_run_text = said

    @api.constrains(
        "success_known_enough",
        "success_health_good",
        "success_health_watch",
        "success_risk_medium",
        "success_risk_high",
        "success_risk_critical",
        "success_score_workers",
    )
    def _check_success_scores(self):
        for limits in self:
            if not 0 < limits.success_health_watch < limits.success_health_good <= 100:
                raise ValidationError(
                    self.env._(
                        "The limits of health must be between 0 and 100, and “Good From” must be above "
                        "“Watch From”."
                    )
                )
            if not (
                0
                < limits.success_risk_medium
                < limits.success_risk_high
                < limits.success_risk_critical
                <= 100
            ):
                raise ValidationError(
                    self.env._(
                        "The limits of risk must be between 0 and 100 %, and must rise from medium to high "
                        "to critical."
                    )
                )
            if not 0 <= limits.success_known_enough <= 100:
                raise ValidationError(
                    self.env._("The share that must be known has to be between 0 and 100 %.")
                )
            if not 1 <= limits.success_score_workers <= 16:
                raise ValidationError(
                    self.env._("The number of scoring jobs must be between 1 and 16.")
                )

    @api.constrains(
        "success_checkpoint_days_1",
        "success_checkpoint_days_2",
        "success_checkpoint_days_3",
    )
    def _check_success_checkpoints(self):
        for limits in self:
            if not (
                1
                <= limits.success_checkpoint_days_3
                < limits.success_checkpoint_days_2
                < limits.success_checkpoint_days_1
                <= 730
            ):
                raise ValidationError(
                    self.env._(
                        "The days of checkpoints must be between 1 and 730, and must fall from the first to "
                        "the third checkpoint."
                    )
                )

    def set_values(self):
        scores = self.env["customer.success.score"]
        before = scores._rules()
        result = super().set_values()
        if scores._rules() != before:
            # Limits that a segment does not set itself are those of the settings.
            segments = self.env["customer.success.segment"].sudo().with_context(active_test=False)
            segments.search(fields.Domain.TRUE)._check_limits()
            scores._rules_changed()
        self._set_success_helpers(self.success_score_workers - 1)
        return result

    @api.model
    def _set_success_helpers(self, number):
        """Keep exactly ``number`` scheduled actions that help with the nightly run."""
        crons = self.env["ir.cron"].sudo().with_context(active_test=False)
        helpers = crons.search([("code", "=", HELPER_CODE)])
        if len(helpers) > number:
            helpers[max(number, 0) :].unlink()
        for _i in range(number - len(helpers)):
            crons.create(
                {
                    "name": "Customer Success: help to score all customers",
                    "model_id": self.env["ir.model"]._get_id("customer.success.score"),
                    "state": "code",
                    "code": HELPER_CODE,
                    "interval_number": 1,
                    "interval_type": "days",
                    "user_id": self.env.ref("base.user_root").id,
                }
            )

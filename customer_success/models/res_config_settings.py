from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .scores.customer_success_score import HELPER_CODE, SETTINGS


def _limit(key, type_=fields.Float, **kwargs):
    """A field for one of the limits of the scores, with the default that holds without it."""
    return type_(
        config_parameter=f"customer_success.{key}",
        default=float(SETTINGS[key]) if type_ is fields.Float else int(SETTINGS[key]),
        **kwargs,
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    success_adoption_target = _limit("adoption_target", string="Adoption Target %")
    success_ramp_months = _limit("ramp_months", fields.Integer, string="Full Use After (months)")
    success_usage_fresh_days = _limit(
        "usage_fresh_days", fields.Integer, string="Use Counts For (days)"
    )
    success_escalate_days_0 = _limit("escalate_days_0", fields.Integer, string="Low: Days")
    success_escalate_days_1 = _limit("escalate_days_1", fields.Integer, string="Medium: Days")
    success_escalate_days_2 = _limit("escalate_days_2", fields.Integer, string="High: Days")
    success_escalate_days_3 = _limit("escalate_days_3", fields.Integer, string="Critical: Days")
    success_symptom_idle = _limit("symptom_idle", string="Idle Up To %")
    success_symptom_barely_used = _limit("symptom_barely_used", string="Barely Used Below %")
    success_symptom_wrong_way = _limit("symptom_wrong_way", string="Wrong Way Below %")
    success_symptom_bad_data = _limit("symptom_bad_data", string="Bad Data Below %")
    success_symptom_no_data = _limit("symptom_no_data", string="No Data Below %")
    success_known_enough = _limit("known_enough", string="Judge From % Known")
    success_health_good = _limit("health_good", string="Good From")
    success_health_watch = _limit("health_watch", string="Watch From")
    success_risk_medium = _limit("risk_medium", string="Medium From %")
    success_risk_high = _limit("risk_high", string="High From %")
    success_risk_critical = _limit("risk_critical", string="Critical From %")
    success_checkpoint_days_1 = _limit(
        "checkpoint_days_1", fields.Integer, string="First: Days Before"
    )
    success_checkpoint_days_2 = _limit(
        "checkpoint_days_2", fields.Integer, string="Second: Days Before"
    )
    success_checkpoint_days_3 = _limit(
        "checkpoint_days_3", fields.Integer, string="Third: Days Before"
    )
    success_renewal_lead_days = _limit(
        "renewal_lead_days", fields.Integer, string="Open It (days before)"
    )
    success_score_workers = fields.Integer(
        "Scoring Jobs",
        config_parameter="customer_success.score_workers",
        default=1,
        help="How many scheduled actions share the nightly run. More only help where Odoo runs "
        "several cron workers.",
    )
    success_last_run = fields.Datetime(compute="_compute_success_last_run")
    success_last_run_text = fields.Char(compute="_compute_success_last_run")

    @api.depends_context("uid")
    def _compute_success_last_run(self):
        """When a batch of customers was last scored, and whether any of them failed."""
        batch = (
            self.env["customer.success.score.batch"]
            .sudo()
            .search([("done_at", "!=", False)], order="done_at desc", limit=1)
        )
        failed = self.env["customer.success.score"].sudo().search_count([("error", "!=", False)])
        waiting = self.env["customer.success.score.request"]._count_open()
        for settings in self:
            settings.success_last_run = batch.done_at
            settings.success_last_run_text = self.env._(
                "%(waiting)d customers waiting to be rescored, %(failed)d could not be scored",
                waiting=waiting,
                failed=failed,
            )

    @api.constrains(
        "success_known_enough",
        "success_health_good",
        "success_health_watch",
        "success_risk_medium",
        "success_risk_high",
        "success_risk_critical",
        "success_adoption_target",
        "success_ramp_months",
        "success_escalate_days_0",
        "success_escalate_days_1",
        "success_escalate_days_2",
        "success_escalate_days_3",
        "success_symptom_idle",
        "success_symptom_barely_used",
        "success_symptom_wrong_way",
        "success_symptom_bad_data",
        "success_symptom_no_data",
        "success_usage_fresh_days",
        "success_score_workers",
    )
    def _check_success_limits(self):
        for limits in self:
            if not 0 < limits.success_health_watch < limits.success_health_good <= 100:
                raise ValidationError(
                    self.env._("Health: “good” must start above “watch”, both between 0 and 100.")
                )
            if not (
                0
                < limits.success_risk_medium
                < limits.success_risk_high
                < limits.success_risk_critical
                <= 100
            ):
                raise ValidationError(
                    self.env._("Risk: medium, high and critical must rise, between 0 and 100 %.")
                )
            if not 0 <= limits.success_known_enough <= 100:
                raise ValidationError(self.env._("The share to be known goes from 0 to 100 %."))
            if not 1 <= limits.success_adoption_target <= 100:
                raise ValidationError(self.env._("The adoption target goes from 1 to 100 %."))
            if not (
                0 <= limits.success_symptom_idle < limits.success_symptom_barely_used <= 100
                and 0 <= limits.success_symptom_wrong_way <= 100
                and 0 <= limits.success_symptom_bad_data <= 100
                and 0 <= limits.success_symptom_no_data <= 100
            ):
                raise ValidationError(
                    self.env._("Symptoms: limits go from 0 to 100 %, “barely used” above “idle”.")
                )
            if not all(1 <= limits[f"success_escalate_days_{n}"] <= 3650 for n in range(4)):
                raise ValidationError(self.env._("Barriers escalate after 1 day to 10 years."))
            if not 1 <= limits.success_ramp_months <= 60:
                raise ValidationError(self.env._("Full use is expected after 1 to 60 months."))
            if not 7 <= limits.success_usage_fresh_days <= 3650:
                raise ValidationError(self.env._("Use counts for 7 days to 10 years."))
            if not 1 <= limits.success_score_workers <= 16:
                raise ValidationError(self.env._("Have 1 to 16 scoring jobs."))

    @api.constrains(
        "success_checkpoint_days_1",
        "success_checkpoint_days_2",
        "success_checkpoint_days_3",
        "success_renewal_lead_days",
    )
    def _check_success_renewal_days(self):
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
                        "Checkpoints come nearer to the renewal, from 730 days before to 1 day before."
                    )
                )
            if not 1 <= limits.success_renewal_lead_days <= 730:
                raise ValidationError(
                    self.env._("Opportunities of renewals are opened 1 to 730 days before.")
                )

    def set_values(self):
        scores = self.env["customer.success.score"]
        before = scores._rules()
        result = super().set_values()
        if scores._rules() != before:
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

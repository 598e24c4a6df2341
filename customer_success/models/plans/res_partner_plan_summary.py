from odoo import api, fields, models
from odoo.tools import format_date

from .customer_success_plan_content import MEASURES


class ResPartner(models.Model):
    """The plan on the customer: what it does not answer, its worst answers and its last revision."""

    _inherit = "res.partner"

    success_plan_summary = fields.Html(
        "Plan in Short",
        compute="_compute_success_plan_summary",
        sanitize=False,
        groups="customer_success.group_success_user",
    )
    success_plan_date = fields.Date(
        "Plan Revised On",
        compute="_compute_success_plan_revision",
        groups="customer_success.group_success_user",
    )
    success_plan_version = fields.Integer(
        "Plan Version",
        compute="_compute_success_plan_revision",
        groups="customer_success.group_success_user",
        aggregator=None,
        help="The number of the active plan; 0 without one.",
    )
    success_plan_reason = fields.Char(
        "Reason for the Revision",
        compute="_compute_success_plan_revision",
        groups="customer_success.group_success_user",
    )

    @api.depends(
        "success_plan_ids.state",
        "success_plan_ids.date",
        "success_plan_ids.version",
        "success_plan_ids.revision_reason",
    )
    def _compute_success_plan_revision(self):
        for partner in self:
            plan = partner.success_plan_id
            partner.success_plan_date = plan.date
            partner.success_plan_version = plan.version
            partner.success_plan_reason = plan.revision_reason

    @api.depends("success_plan_ids.unanswered", "success_plan_ids.state", "success_stage_id")
    @api.depends_context("lang")
    def _compute_success_plan_summary(self):
        for partner in self:
            partner.success_plan_summary = (
                self.env["ir.qweb"]._render(
                    "customer_success.plan_summary", partner._success_plan_words()
                )
                if partner.success_stage_id
                else False
            )

    def _success_plan_words(self):
        """Return the texts of the summary of the active plan, or of the newest draft without one."""
        self.ensure_one()
        plan = self.success_plan_id or self.success_plan_ids[:1]
        return {
            "plan": plan,
            "date": plan and format_date(self.env, plan.date),
            "missing": plan._missing_lines() if plan else [],
            "worst": plan._worst_lines() if plan else [],
            "areas": plan and plan.lacks_measures,
        }

    @api.depends(
        "success_plan_id.unanswered",
        "success_plan_id.differs",
        "success_plan_id.user_id",
        "success_plan_id.lacks_measures",
    )
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        plan = self.success_plan_id
        if not plan:
            return lines
        gaps = plan._gaps()
        live = self.success_stage_phase == "after"
        if live and plan._is_asked_again():
            lines.append(
                self.env._(
                    "The plan says since before go-live on %s how use is sustained in the long term. Ask again.",
                    format_date(self.env, plan.sustaining_asked_since),
                )
            )
        elif live and gaps.get("sustaining_plan") not in (None, "old"):
            lines.append(
                self.env._("The plan does not say how use is sustained in the long term: ask now.")
            )
        if plan.relies_on_mandate == "yes" and "choice_assumption" in gaps:
            lines.append(
                self.env._(
                    "The plan relies on a mandate and does not say what you would do if people could choose. They always choose how, when and how well they use the system."
                )
            )
        if plan.lacks_measures:
            lines.append(
                self.env._(
                    "The plan names only what each person gains. No measure is named for: %s.",
                    plan.lacks_measures,
                )
                if len([name for name in MEASURES if name in gaps]) == len(MEASURES)
                else self.env._(
                    "The plan names what each person gains, but no measure for: %s.",
                    plan.lacks_measures,
                )
            )
        keeper = plan.sustained_by_id.sudo()
        if not keeper:
            keeper = plan._keeper_who_left()
        if keeper and not keeper._is_success_at(self):
            lines.append(
                self.env._("%s, who sustained use, has left. Ask who does it now.", keeper.name)
            )
        if not plan.user_id.active:
            lines.append(self.env._("Nobody owns the success plan. Set its owner."))
        for source in plan.source_ids.filtered("newer_answer_id"):
            lines.append(
                self.env._(
                    "Set by hand in the plan: “%(check)s: %(value)s”. A conversation on %(date)s says something else.",
                    check=plan._label(source.question),
                    value=dict(plan._fields[source.question]._description_selection(self.env))[
                        plan[source.question]
                    ],
                    date=format_date(self.env, source.newer_answer_id.date),
                )
            )
        return lines

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

REVIEW_DAYS = 90  # until the first review, if the plan has no review date
REVIEW_ACTIVITY = "customer_success.mail_activity_type_plan_review"


class CustomerSuccessPlan(models.Model):
    """A success plan of a customer. One is active; a new revision replaces it, and both are kept."""

    _name = "customer.success.plan"
    _inherit = [
        "customer.success.plan.content",
        "customer.success.fact",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Success Plan"
    _order = "date desc, id desc"
    # The name is not stored; it begins with the customer.
    _rec_names_search = ["partner_id.name"]

    name = fields.Char(compute="_compute_name")
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    objective_summary = fields.Html(
        related="partner_id.success_objective_summary", string="Goals", sanitize=False
    )
    template_id = fields.Many2one(
        "customer.success.plan.template",
        "Start From",
        help="The template fills in the fields that are still empty.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Active"),
            ("replaced", "Replaced"),
            ("closed", "Closed"),
        ],
        required=True,
        default="draft",
        tracking=True,
        copy=False,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    next_review_date = fields.Date(
        "Next Review",
        tracking=True,
        copy=False,
        help="On this day the owner gets an activity to review the plan.",
    )
    user_id = fields.Many2one(
        "res.users", "Owner", default=lambda self: self.env.user, tracking=True
    )
    success_definition = fields.Text(tracking=True)
    sustaining_plan = fields.Text(tracking=True)
    relies_on_mandate = fields.Selection(tracking=True)
    project_on_time = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        "Live on Time",
        help="This is project data and never counts as success.",
    )
    project_on_budget = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        "Live within Budget",
        help="This is project data and never counts as success.",
    )
    nothing_after_go_live = fields.Boolean(compute="_compute_nothing_after_go_live")

    _active_uniq = models.UniqueIndex(
        "(partner_id) WHERE state = 'active'",
        "This customer already has an active plan. Use the Activate button on the new one, which replaces it.",
    )
    _check_review = models.Constraint(
        "CHECK(next_review_date >= date)", "The next review cannot be before the date of the plan."
    )

    @api.depends("partner_id.name", "date", "version_name")
    @api.depends_context("lang")
    def _compute_name(self):
        for plan in self:
            plan.name = self.env._(
                "%(customer)s, plan, %(version)s (%(date)s)",
                customer=plan.partner_id.name or "",
                date=format_date(self.env, plan.date) if plan.date else "",
                version=plan.version_name,
            )

    @api.depends("unanswered", "partner_id.success_change_ids.is_ahead")
    def _compute_nothing_after_go_live(self):
        for plan in self:
            changes = plan.partner_id.success_change_ids.filtered("is_ahead")
            plan.nothing_after_go_live = not (plan._says_sustaining() or changes)

    @api.onchange("template_id")
    def _onchange_template_id(self):
        for name in self._content_fields():
            if self.template_id[name] and not self[name]:
                self[name] = self.template_id[name]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if template := self.env["customer.success.plan.template"].browse(
                vals.get("template_id")
            ):
                for name in self._content_fields():
                    vals.setdefault(name, template[name])
        plans = super().create(vals_list)
        plans._plan_review()
        return plans

    def write(self, vals):
        if not self.env.su:
            self._check_not_over()
            if "state" in vals:
                raise UserError(
                    self.env._(
                        "Use the Activate button to make a plan active: it keeps the previous plan as replaced."
                    )
                )
            if not vals.get("next_review_date", True) and "active" in self.mapped("state"):
                raise UserError(
                    self.env._(
                        "An active plan keeps a next review: enter another date instead of none."
                    )
                )
        result = super().write(vals)
        if {"state", "next_review_date", "user_id"} & vals.keys():
            self._plan_review()
        return result

    def _check_not_over(self):
        """Refuse to change a plan that was replaced, or closed when the customer left."""
        states = {*self.mapped("state")}
        if "replaced" in states:
            raise UserError(
                self.env._(
                    "A replaced plan can no longer be changed. Change the active plan instead."
                )
            )
        if "closed" in states:
            raise UserError(
                self.env._(
                    "This plan was closed when the customer left. Make a new revision to go on from it."
                )
            )

    def _plan_review(self):
        """Keep one review activity for each active plan: due on its next review, assigned to its owner."""
        for plan in self:
            if plan.state != "active" or not plan.next_review_date:
                plan.activity_unlink([REVIEW_ACTIVITY])
            elif plan.activity_search([REVIEW_ACTIVITY]):
                plan.activity_reschedule(
                    [REVIEW_ACTIVITY],
                    date_deadline=plan.next_review_date,
                    new_user_id=plan.user_id.id,
                )
            else:
                plan.activity_schedule(
                    REVIEW_ACTIVITY, date_deadline=plan.next_review_date, user_id=plan.user_id.id
                )

    def action_activate(self):
        """Make this the customer's active plan, and keep the previous one as replaced."""
        self.check_access("write")
        for plan in self.sudo():
            if plan.state != "draft":
                raise ValidationError(self.env._("Only a draft plan can be activated."))
            former = plan.partner_id.success_plan_id
            plan._check_revision_reason(former)
            former.state = "replaced"
            plan.flush_model(["state"])
            plan.write(
                {
                    "state": "active",
                    "replaces_id": former.id or plan.replaces_id.id,
                    "next_review_date": plan.next_review_date
                    or fields.Date.add(fields.Date.context_today(self), days=REVIEW_DAYS),
                    "user_id": plan.user_id.id
                    or plan.partner_id.success_user_id.id
                    or self.env.uid,
                }
            )

    def action_revise(self):
        """Open a new draft with the same content, to be activated once it is agreed."""
        self.ensure_one()
        draft = self.copy({"template_id": False})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "views": [(False, "form")],
        }

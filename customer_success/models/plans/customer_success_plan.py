from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

REVIEW_DAYS = 90  # until the first review of a plan that names no day
REVIEW_ACTIVITY = "customer_success.mail_activity_type_plan_review"


class CustomerSuccessPlan(models.Model):
    """How a customer will succeed. One plan is active; a new revision replaces it and both are kept."""

    _name = "customer.success.plan"
    _inherit = [
        "customer.success.plan.content",
        "customer.success.fact",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Success Plan"
    _order = "date desc, id desc"

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
    template_id = fields.Many2one(
        "customer.success.plan.template", "Start From", help="Fills in what is still empty."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("replaced", "Replaced")],
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
        help="On this day the owner is asked to adjust it.",
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
        help="Project data: it never counts as success.",
    )
    project_on_budget = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        "Live within Budget",
        help="Project data: it never counts as success.",
    )
    nothing_after_go_live = fields.Boolean(compute="_compute_nothing_after_go_live")

    _active_uniq = models.UniqueIndex(
        "(partner_id) WHERE state = 'active'",
        "This customer has an active plan already. Activate the new one: it takes the other's place.",
    )
    _check_review = models.Constraint(
        "CHECK(next_review_date >= date)", "The next review cannot be before the plan."
    )

    @api.depends("partner_id.name", "date")
    def _compute_name(self):
        for plan in self:
            plan.name = self.env._(
                "%(customer)s, plan of %(date)s",
                customer=plan.partner_id.name or "",
                date=fields.Date.to_string(plan.date) if plan.date else "",
            )

    @api.depends(
        "sustaining_plan",
        "partner_id.success_change_ids.phase",
        "partner_id.success_change_ids.state",
    )
    def _compute_nothing_after_go_live(self):
        for plan in self:
            changes = plan.partner_id.success_change_ids.filtered(
                lambda change: change.phase == "after" and change.state in ("planned", "running")
            )
            plan.nothing_after_go_live = not (plan._answers("sustaining_plan") or changes)

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
            if any(plan.state == "replaced" for plan in self):
                raise UserError(
                    self.env._("A plan that was replaced stays as it was. Change the active one.")
                )
            if "state" in vals:
                raise UserError(
                    self.env._("Plans become active by the button, which keeps the one before.")
                )
        result = super().write(vals)
        if {"state", "next_review_date", "user_id"} & vals.keys():
            self._plan_review()
        return result

    def _plan_review(self):
        """Keep one activity an active plan, on the day of its next review, with its owner."""
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
        """Make this the customer's plan; the one before is kept as replaced."""
        self.check_access("write")
        for plan in self.sudo():
            if plan.state != "draft":
                raise ValidationError(self.env._("Only a draft can be activated."))
            plan.partner_id.success_plan_id.state = "replaced"
            plan.flush_model(["state"])
            plan.write(
                {
                    "state": "active",
                    "next_review_date": plan.next_review_date
                    or fields.Date.add(fields.Date.context_today(self), days=REVIEW_DAYS),
                    "user_id": plan.user_id.id
                    or plan.partner_id.success_user_id.id
                    or self.env.uid,
                }
            )

    def action_revise(self):
        """Open a draft with the same content, to be activated when it is agreed."""
        self.ensure_one()
        draft = self.copy({"template_id": False})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "views": [(False, "form")],
        }

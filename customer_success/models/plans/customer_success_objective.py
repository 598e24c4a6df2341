from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..common.known_float import KnownFloat
from ..customer.res_partner_live import whole_years

HORIZONS = [("short", "Short-term"), ("medium", "Medium-term"), ("long", "Long-term")]
# The states of an objective that is a goal: not missed and not dropped.
GOAL_STATES = ("open", "reached", "confirmed")


class CustomerSuccessObjective(models.Model):
    """A result that the customer wants: measured from baseline to target and confirmed by the customer."""

    _name = "customer.success.objective"
    _inherit = [
        "customer.success.fact",
        "customer.success.money",
        "customer.success.shared",
        "mail.activity.mixin",
    ]
    _description = "Objective of a Customer"
    _order = "date_due, id"
    _open_states = ("open", "reached")

    name = fields.Char("Objective", required=True, tracking=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    plan_id = fields.Many2one(
        "customer.success.plan",
        index="btree_not_null",
        domain="[('partner_id', '=', partner_id)]",
        ondelete="set null",
    )
    horizon = fields.Selection(HORIZONS, required=True, default="short", group_expand=True)
    our_contribution = fields.Text(
        "What We Contribute",
        tracking=True,
        help="Our part in reaching this objective: who of us does what, until when. The customer reads it if the objective is shared.",
    )
    customer_contribution = fields.Text(
        "What the Customer Contributes",
        tracking=True,
        help="The customer's part in reaching it. The customer reads it if the objective is shared.",
    )
    user_id = fields.Many2one("res.users", "Followed By", default=lambda self: self.env.user)
    metric = fields.Char(
        "KPI", help="Describe what is measured, e.g. Orders entered on the day they came in."
    )
    unit = fields.Char(help="The unit of the KPI, e.g. %, days or orders a week.")
    baseline = KnownFloat(digits=(16, 2), help="The figure at the start.")
    target = KnownFloat(digits=(16, 2), tracking=True)
    actual = KnownFloat(
        digits=(16, 2),
        compute="_compute_actual",
        inverse="_inverse_actual",
        store=True,
        help="The newest measurement. Entering a figure here adds a measurement of today.",
    )
    measure_ids = fields.One2many(
        "customer.success.objective.measure", "objective_id", "Measurements"
    )
    progress = KnownFloat(
        "Progress %",
        compute="_compute_progress",
        store=True,
        digits=(6, 1),
        help="The percentage of the way from baseline to target, which may be higher or lower than the baseline.",
    )
    below_target = fields.Boolean(
        compute="_compute_below_target", help="The newest measurement has not reached the target."
    )
    date_start = fields.Date(
        "Start",
        default=fields.Date.context_today,
        help="The day of the baseline. Nothing can be measured before it.",
    )
    date_due = fields.Date("Due", tracking=True)
    year_live = fields.Integer(
        "Year after Go-Live",
        compute="_compute_year_live",
        help="The year after go-live in which the objective is due, counted from 1.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="The currency of the cost and the values. Amounts in different currencies are not added up.",
    )
    evidence = fields.Text(
        help="Describe what shows the result: a report, an email, or a figure in their system."
    )
    confirmed_by_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        domain="[('commercial_partner_id', '=', partner_id), ('id', '!=', partner_id)]",
        tracking=True,
        help="The contact at the customer who confirms that it was achieved.",
    )
    confirmed_date = fields.Date("Confirmed On", tracking=True)
    shortfall_reason = fields.Text(
        "Reason for Confirming below Target",
        tracking=True,
        help="Why the customer confirms the result although the measurements say that the target was not reached.",
    )
    is_early = fields.Boolean(
        "Confirmed before Go-Live",
        compute="_compute_is_early",
        store=True,
        help="It was confirmed before go-live, so it does not count as a result of use.",
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("reached", "Reached"),
            ("confirmed", "Confirmed"),
            ("missed", "Missed"),
            ("dropped", "Dropped"),
        ],
        required=True,
        default="open",
        tracking=True,
        group_expand=True,
    )

    _check_target = models.Constraint(
        "CHECK(target <> baseline)",
        "The target must differ from the baseline.",
    )
    _check_unit = models.Constraint(
        "CHECK((metric IS NULL AND target IS NULL) OR unit IS NOT NULL)",
        "Enter the unit of the KPI, e.g. % or days.",
    )

    @api.depends("measure_ids.value", "measure_ids.date")
    def _compute_actual(self):
        for objective in self:
            newest = objective.measure_ids.filtered("date").sorted(
                lambda m: (m.date, m._origin.id or 0)
            )[-1:]
            objective.actual = newest.value if newest else False

    def _inverse_actual(self):
        """Store the figure as a measurement of today, and keep the earlier ones."""
        today = fields.Date.context_today(self)
        for objective in self:
            if objective.actual is False:
                if objective.measure_ids:
                    raise UserError(
                        self.env._(
                            "The actual figure is the newest measurement. Correct or delete the measurement instead."
                        )
                    )
                continue
            same_day = objective.measure_ids.filtered(lambda measure: measure.date == today)[:1]
            if same_day:
                same_day.value = objective.actual
            else:
                self.env["customer.success.objective.measure"].create(
                    {"objective_id": objective.id, "date": today, "value": objective.actual}
                )

    def _turn_facts(self):
        return [*super()._turn_facts(), "is_shared", "target"]

    def _turn_of_facts(self):
        """It is ours until a target is agreed. Then the customer reports figures that are shared, and confirms."""
        if self.target is False and self.state == "open":
            return "ours"
        return "customer" if self.state == "reached" or self.is_shared else False

    @api.depends("baseline", "target", "actual")
    def _compute_progress(self):
        for objective in self:
            figures = (objective.baseline, objective.target, objective.actual)
            if False in [figure is not False for figure in figures] or figures[0] == figures[1]:
                objective.progress = False
            else:
                baseline, target, actual = figures
                share = 100.0 * (actual - baseline) / (target - baseline)
                objective.progress = max(-999.0, min(share, 999.0))

    @api.depends("progress")
    def _compute_below_target(self):
        for objective in self:
            objective.below_target = objective.progress is not False and objective.progress < 100

    @api.depends("state", "confirmed_date", "partner_id.success_go_live_date")
    def _compute_is_early(self):
        """Without a go-live date it stays as it is, so that nothing changes when that date is deleted."""
        for objective in self:
            day, live = objective.confirmed_date, objective.partner_id.success_go_live_date
            if objective.state != "confirmed" or not day:
                objective.is_early = False
            else:
                objective.is_early = day < live if live else objective.is_early

    @api.depends("date_due", "partner_id.success_go_live_date")
    def _compute_year_live(self):
        for objective in self:
            live = objective.partner_id.sudo().success_go_live_date
            due = objective.date_due
            objective.year_live = whole_years(live, due) + 1 if live and due and due >= live else 0

    @api.constrains("plan_id", "partner_id")
    def _check_plan(self):
        for objective in self:
            if objective.plan_id and objective.plan_id.partner_id != objective.partner_id:
                raise ValidationError(
                    self.env._(
                        "The plan belongs to another customer. Choose a plan of this customer."
                    )
                )

    @api.constrains("confirmed_by_id", "partner_id")
    def _check_confirmed_by(self):
        for objective in self:
            contact = objective.confirmed_by_id
            if contact and contact.commercial_partner_id != objective.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s does not belong to %(customer)s. Choose a contact of the customer, "
                        "who confirms the result.",
                        contact=contact.display_name,
                        customer=objective.partner_id.display_name,
                    )
                )

    @api.constrains("state", "confirmed_by_id")
    def _check_confirmed(self):
        for objective in self:
            if objective.state == "confirmed" and not objective.confirmed_by_id:
                raise ValidationError(
                    self.env._(
                        "Set who at the customer confirms “%s” before you mark it as confirmed.",
                        objective.name,
                    )
                )

    @api.constrains("state", "evidence", "shortfall_reason")
    def _check_proof(self):
        for objective in self.filtered(lambda objective: objective.state == "confirmed"):
            if not (objective.evidence or "").strip():
                raise ValidationError(
                    self.env._(
                        "Describe the evidence before you mark “%s” as confirmed: "
                        "a report, an email, or a figure in the customer's system.",
                        objective.name,
                    )
                )
            if objective.below_target and not (objective.shortfall_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "“%(objective)s” did not reach its target: the measured progress is %(progress).0f %%. "
                        "Write why it is confirmed all the same.",
                        objective=objective.name,
                        progress=objective.progress,
                    )
                )

    @api.constrains("state", "confirmed_date")
    def _check_confirmed_date(self):
        today = fields.Date.context_today(self)
        for objective in self.filtered(lambda objective: objective.state == "confirmed"):
            day = objective.confirmed_date or today
            customer = objective.partner_id.sudo()
            live = customer.success_go_live_date
            words = {
                "objective": objective.name,
                "customer": customer.display_name,
                "date": format_date(self.env, day),
            }
            if day > today:
                raise ValidationError(
                    self.env._(
                        "“%(objective)s” cannot be confirmed on %(date)s: that day is in the future.",
                        **words,
                    )
                )
            if live and day < live:
                raise ValidationError(
                    self.env._(
                        "“%(objective)s” cannot be confirmed on %(date)s as a result of use: "
                        "the go-live date of %(customer)s is %(live)s.",
                        **words,
                        live=format_date(self.env, live),
                    )
                )
            if customer.success_stage_id.phase == "before":
                raise ValidationError(
                    self.env._(
                        "“%(objective)s” cannot be confirmed as a result of use: "
                        "%(customer)s is still in a stage before go-live.",
                        **words,
                    )
                )

    @api.constrains("date_start")
    def _check_date_start(self):
        self.measure_ids._check_date()

    @api.model_create_multi
    def create(self, vals_list):
        objectives = super().create(vals_list)
        objectives._stamp_confirmed()
        return objectives

    def write(self, vals):
        if vals.get("state", "confirmed") == "confirmed" and {"baseline", "target"} & vals.keys():
            self._check_not_confirmed()
        if not self.env.su:
            self._check_not_evaded(vals)
        result = super().write(vals)
        if "state" in vals:
            self._stamp_confirmed()
        return result

    def _check_not_confirmed(self):
        """Refuse to change the figures on which a confirmation rests."""
        for objective in self:
            if objective.state == "confirmed":
                raise UserError(
                    self.env._(
                        "“%s” is confirmed on its figures. Add a new measurement, or set it back to open first.",
                        objective.name,
                    )
                )

    def _check_not_evaded(self, vals):
        """Refuse changes by which an open or missed objective would only look better: what is known stays known."""
        today = fields.Date.context_today(self)
        due = fields.Date.to_date(vals.get("date_due"))
        for objective in self:
            measured = objective.actual is not False and objective.target is not False
            emptied = any(name in vals and _is_empty(vals[name]) for name in ("baseline", "target"))
            if objective.state == "open" and measured and emptied:
                raise UserError(
                    self.env._(
                        "“%s” is measured against its baseline and target: change the figure instead of emptying it.",
                        objective.name,
                    )
                )
            if objective.state == "open" and "date_due" in vals and objective.date_due:
                if not due:
                    raise UserError(
                        self.env._(
                            "“%s” keeps a date: enter another one instead of none.", objective.name
                        )
                    )
                if objective.date_due < today and due > objective.date_due and not measured:
                    raise UserError(
                        self.env._(
                            "“%(objective)s” was due on %(date)s and has no figure yet. Record the actual figure, or mark "
                            "it as missed, before you move its date.",
                            objective=objective.name,
                            date=format_date(self.env, objective.date_due),
                        )
                    )
            if (
                objective.state == "missed"
                and vals.get("state") == "dropped"
                and not self.env.user.has_group("customer_success.group_success_manager")
            ):
                raise UserError(
                    self.env._(
                        "“%s” was missed, which stays known. Only a manager can drop it.",
                        objective.name,
                    )
                )

    def _stamp_confirmed(self):
        """Set the date of new confirmations, and clear it if the objective is no longer confirmed."""
        confirmed = self.filtered(lambda objective: objective.state == "confirmed")
        confirmed.filtered(
            lambda o: not o.confirmed_date
        ).confirmed_date = fields.Date.context_today(self)
        (self - confirmed).filtered("confirmed_date").confirmed_date = False

    def action_confirm(self):
        """Mark the objectives as confirmed; raise UserError if the contact or the proof is missing."""
        for objective in self:
            if not objective.confirmed_by_id:
                raise UserError(
                    self.env._("Set first who at the customer confirms “%s”.", objective.name)
                )
        self.state = "confirmed"


def _is_empty(value):
    """Return True for the absence of a number, which 0 is not."""
    return value is False or value is None

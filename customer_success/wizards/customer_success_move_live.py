from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..scoring.ahead import DURING_DAYS, phase_by_dates
from ..scoring.said import fault


class CustomerSuccessMove(models.TransientModel):
    """Going live: the dialog asks for the day, who sustains use, and the first change after it."""

    _inherit = "customer.success.move"

    is_going_live = fields.Boolean(compute="_compute_is_going_live")
    go_live_date = fields.Date(
        "Live Since",
        compute="_compute_go_live",
        store=True,
        readonly=False,
        help="The first day on which people work with the system.",
    )
    sustained_by_id = fields.Many2one(
        "res.partner",
        compute="_compute_go_live",
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', partner_id), ('id', '!=', partner_id)]",
        help="The person at the customer who sees to it that use is kept up.",
    )
    sustaining_plan = fields.Text(
        compute="_compute_go_live",
        store=True,
        readonly=False,
        help="Describe how use is kept up year after year.",
    )
    first_change = fields.Char(
        "First Change Afterwards",
        help="The first change at the customer that comes after go-live.",
    )
    first_change_date = fields.Date("Day of This Change")

    @api.depends("partner_id", "stage_id")
    def _compute_is_going_live(self):
        for move in self:
            move.is_going_live = bool(move.partner_id and move.stage_id) and (
                move.partner_id._is_success_going_live(move.stage_id)
            )

    @api.depends("partner_id")
    def _compute_go_live(self):
        today = fields.Date.context_today(self)
        mine = self.env["res.partner"]._get_success_own_domain()
        for move in self:
            partner = move.partner_id.filtered_domain(mine)
            plan = partner.success_plan_id
            # A planned day that has passed says only that go-live slipped.
            move.go_live_date = today
            move.sustained_by_id = plan.sustained_by_id
            move.sustaining_plan = False if fault(plan.sustaining_plan) else plan.sustaining_plan

    def action_move(self):
        self.ensure_one()
        if not self.is_going_live:
            return super().action_move()
        self._check_going_live()
        self.partner_id.check_access("write")
        self.partner_id._check_success_role()
        if self.go_live_date != self.partner_id.success_go_live_date:
            self.partner_id.success_go_live_date = self.go_live_date
        super().action_move()
        self._plan_after_go_live()
        action = self.partner_id.action_success_plan()
        view = self.env.ref("customer_success.customer_success_plan_view_form_after")
        action["views"] = [(view.id, "form")]
        return action

    def _check_going_live(self):
        """Refuse values that cannot be, and say what to do."""
        if not self.go_live_date:
            raise UserError(self.env._("Enter the day on which people began to work with it."))
        if self.sustaining_plan and (problem := fault(self.sustaining_plan)) not in (None, "empty"):
            raise UserError(
                self.env._("Fill in the blank in the sustaining plan, or leave it empty for now.")
                if problem == "blank"
                else self.env._(
                    "Say in a few words how use is sustained, or leave it empty for now."
                )
            )
        if not (self.first_change or "").strip():
            return
        if phase_by_dates(self.first_change_date, self.go_live_date) != "after":
            raise UserError(
                self.env._(
                    "The first change after go-live must be more than %(days)d days later than %(live)s. Until then, a change belongs to going live itself.",
                    days=DURING_DAYS,
                    live=format_date(self.env, self.go_live_date),
                )
            )

    def _plan_after_go_live(self):
        """Write what was said into the active plan, and plan the first change.

        The answer counts as asked again if the person who sustains use was named, or the text is new.
        """
        plan = self.partner_id.success_plan_id
        today = fields.Date.context_today(self)
        if plan:
            said = {}
            if self.sustained_by_id != plan.sustained_by_id:
                said["sustained_by_id"] = self.sustained_by_id.id
            if self.sustaining_plan and self.sustaining_plan != plan.sustaining_plan:
                said["sustaining_plan"] = self.sustaining_plan
            plan.write(said)
            if self.sustained_by_id and plan.sustaining_plan:
                plan._note_said({"sustaining_plan"}, today)
        if (self.first_change or "").strip():
            self.env["customer.success.change"].create(
                {
                    "partner_id": self.partner_id.id,
                    "name": self.first_change.strip(),
                    "date": self.first_change_date,
                }
            )

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CustomerSuccessMove(models.TransientModel):
    """A dialog that moves a customer back, or through closed gates as a manager, with a reason."""

    _name = "customer.success.move"
    _description = "Move to Another Stage"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True)
    from_stage_id = fields.Many2one(related="partner_id.success_stage_id", string="From")
    stage_id = fields.Many2one("customer.success.stage", "To", required=True)
    is_back = fields.Boolean(compute="_compute_gates")
    closed_gates = fields.Text("Still Missing", compute="_compute_gates")
    lacks_plan = fields.Boolean(compute="_compute_gates")
    lacks_answers = fields.Boolean(compute="_compute_gates")
    has_critical_barrier = fields.Boolean(compute="_compute_gates")
    may_overrule = fields.Boolean(compute="_compute_gates")
    reason = fields.Char(help="The reason is recorded with the move.")

    @api.depends("partner_id", "stage_id")
    @api.depends_context("uid")
    def _compute_gates(self):
        manager = self.env.user.has_group("customer_success.group_success_manager")
        mine = self.env["res.partner"]._get_success_own_domain()
        for move in self:
            gates = {}
            if move.stage_id and move.partner_id.filtered_domain(mine):
                gates = move.partner_id._closed_success_gates(move.stage_id)
            move.is_back = bool(move.stage_id) and (
                move.partner_id._success_known_stage()._is_after(move.stage_id)
                if move.partner_id
                else False
            )
            move.closed_gates = "\n".join(gates.values())
            move.lacks_plan = bool({"success_definition", "sustaining_plan"} & gates.keys())
            move.lacks_answers = "coverage" in gates
            move.has_critical_barrier = "no_critical_barrier" in gates
            move.may_overrule = manager

    def action_move(self):
        """Move the customer and record the reason; only managers may overrule closed gates."""
        self.ensure_one()
        self.partner_id.check_access("write")
        self.partner_id._check_success_role()
        if self.from_stage_id == self.stage_id:
            raise UserError(self.env._("The customer is already in this stage."))
        if not self.stage_id.active:
            raise UserError(self.partner_id._success_move_obstacle(self.stage_id))
        gates = self.partner_id._closed_success_gates(self.stage_id)
        if gates and not self.env.user.has_group("customer_success.group_success_manager"):
            raise AccessError(
                self.env._(
                    "Requirements of this stage are still missing; only a manager can overrule them."
                )
            )
        if not (self.reason or "").strip() and (gates or self.is_back):
            raise UserError(self.env._("Enter a reason: it is recorded with the move."))
        # The gates were checked above, so the move itself runs in sudo and does not check them again.
        moves = self.partner_id.sudo().success_stage_move_ids
        self.partner_id.sudo().success_stage_id = self.stage_id
        (self.partner_id.sudo().success_stage_move_ids - moves).write(
            {"reason": self.reason, "overruled": "\n".join(gates.values()) or False}
        )
        return {"type": "ir.actions.act_window_close"}

    def action_open_plan(self):
        return self.partner_id.action_success_plan()

    def action_open_answers(self):
        return self.partner_id.action_success_answers()

    def action_open_barriers(self):
        return self.partner_id.action_success_barriers()

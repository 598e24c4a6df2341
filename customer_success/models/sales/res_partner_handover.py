from odoo import api, fields, models
from odoo.exceptions import AccessError


class ResPartner(models.Model):
    """A customer as sales handed it over: its way of introducing systems, and the rules that say who follows it."""

    _inherit = "res.partner"

    success_introduction = fields.Text(
        "How They Introduce Systems",
        compute="_compute_success_introduction",
        groups="customer_success.group_success_user",
        help="The customer's own way of introducing a new system, from its success plan.",
    )

    def _success_handover_plan(self):
        """Return the active plan or, before there is one, the latest draft."""
        self.ensure_one()
        return self.success_plan_id or self.success_plan_ids[:1]

    @api.depends("success_plan_ids.state", "success_plan_ids.introduction")
    def _compute_success_introduction(self):
        for partner in self:
            partner.success_introduction = partner._success_handover_plan().introduction

    @api.depends("success_introduction", "success_stage_phase")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        plan = self._success_handover_plan()
        if plan and self.success_stage_phase == "before" and not plan._says("introduction"):
            lines.append(
                self.env._(
                    "It is not known how they introduce new systems. Ask, before you plan it for them."
                )
            )
        return lines

    def _success_assign(self, company=None, team=None):
        """Give these customers to the users who follow them by the rules; return those that have a CSM now.

        This runs in sudo, because a salesperson who wins a customer may not set its CSM.
        """
        assignments = self.env["customer.success.assignment"]
        assigned = self.browse()
        for customer in self.sudo().filtered(lambda partner: not partner.success_user_id):
            owner = company or customer.company_id or self.env.company
            if csm := assignments._csm_of(customer, owner, team):
                customer.success_user_id = csm
                assigned |= customer
        return assigned

    def action_success_assign(self):
        """Apply the assignment rules to these customers, as far as nobody follows them."""
        if not self.env.user.has_group("customer_success.group_success_manager"):
            raise AccessError(
                self.env._("Only customer success administrators can apply the assignment rules.")
            )
        self.check_access("write")
        nobodys = self.filtered(
            lambda partner: partner.success_stage_id and not partner.success_user_id
        )
        assigned = nobodys._success_assign()
        left = nobodys - assigned.with_env(self.env)
        message = self.env._("Customers that have a CSM now: %d.", len(assigned))
        if left:
            message += " " + self.env._("No rule fits: %s.", ", ".join(left.mapped("name")[:10]))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left else "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.work.customer_success_play_run import OUTCOMES


class CustomerSuccessOutcome(models.TransientModel):
    """A dialog that marks an activity done with an outcome.

    The outcome is logged in the chatter and, with the last step of a playbook, stored on its run.
    """

    _name = "customer.success.outcome"
    _description = "Outcome of an Activity"

    activity_id = fields.Many2one("mail.activity", required=True, readonly=True, ondelete="cascade")
    summary = fields.Char(related="activity_id.display_name", string="To Do")
    partner_id = fields.Many2one(related="activity_id.success_partner_id")
    reason = fields.Char(related="activity_id.success_reason")
    steps_left = fields.Integer(compute="_compute_steps_left")
    outcome = fields.Selection(OUTCOMES, required=True, default="worked")
    note = fields.Text("Result")
    close_rest = fields.Boolean(
        "Cancel the Other Steps",
        help="The remaining steps are cancelled and the playbook ends.",
    )

    @api.depends("activity_id")
    def _compute_steps_left(self):
        for wizard in self:
            wizard.steps_left = len(wizard._other_steps())

    def _other_steps(self):
        activity = self.activity_id.sudo()
        return activity.success_run_id.activity_ids - activity

    def action_done(self):
        """Mark the activity done; end the run with this outcome if no step is left or kept."""
        self.ensure_one()
        activity = self.activity_id
        if not activity.active:
            raise UserError(self.env._("This activity was already marked as done by another user."))
        activity._check_success_done()
        others = self._other_steps()
        if self.close_rest or not others:
            activity.sudo().success_run_id.write(
                {"outcome": self.outcome, "outcome_note": self.note}
            )
            others.unlink()
        label = dict(self._fields["outcome"]._description_selection(self.env))[self.outcome]
        note = (self.note or "").strip()
        activity.action_feedback(feedback=f"{label}: {note}" if note else label)
        return {"type": "ir.actions.act_window_close"}

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.work.customer_success_play_run import OUTCOMES


class CustomerSuccessOutcome(models.TransientModel):
    """Done with an outcome: kept in the chatter, and, with the last step of a play, on its run."""

    _name = "customer.success.outcome"
    _description = "What Came of It"

    activity_id = fields.Many2one("mail.activity", required=True, readonly=True, ondelete="cascade")
    summary = fields.Char(related="activity_id.display_name", string="What Was to Do")
    partner_id = fields.Many2one(related="activity_id.success_partner_id")
    reason = fields.Char(related="activity_id.success_reason")
    steps_left = fields.Integer(compute="_compute_steps_left")
    outcome = fields.Selection(OUTCOMES, required=True, default="worked")
    note = fields.Text("What Came of It")
    close_rest = fields.Boolean(
        "The other steps are not needed anymore",
        help="They are cancelled, and the playbook ends here.",
    )

    @api.depends("activity_id")
    def _compute_steps_left(self):
        for wizard in self:
            wizard.steps_left = len(wizard._other_steps())

    def _other_steps(self):
        activity = self.activity_id.sudo()
        return activity.success_run_id.activity_ids - activity

    def action_done(self):
        """Mark the activity done; with the last step the run ends, with this outcome."""
        self.ensure_one()
        activity = self.activity_id
        if not activity.active:
            raise UserError(self.env._("This was marked done by somebody else in the meantime."))
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

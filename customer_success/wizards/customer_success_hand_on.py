from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerSuccessHandOn(models.TransientModel):
    """A dialog that hands on other teams' work that nobody received, for one or several conversations."""

    _name = "customer.success.hand.on"
    _description = "Hand On Conversations"

    interaction_ids = fields.Many2many(
        "customer.success.interaction",
        relation="customer_success_hand_on_interaction_rel",
        column1="hand_on_id",
        column2="interaction_id",
        string="Conversations",
    )
    user_id = fields.Many2one(
        "res.users",
        "To",
        domain=[("share", "=", False)],
        help="This person gets an activity for each conversation. Leave it empty to hand on to whom is set for the kind of work.",
    )
    has_target = fields.Boolean(compute="_compute_targets")
    has_gap = fields.Boolean(compute="_compute_targets")

    @api.depends("interaction_ids.handoff_target")
    def _compute_targets(self):
        for dialog in self:
            targets = dialog.interaction_ids.mapped("handoff_target")
            dialog.has_target = any(targets)
            dialog.has_gap = not all(targets)

    def action_hand_on(self):
        """Hand on each conversation that nobody received yet, and close the dialog."""
        self.ensure_one()
        talks = self.interaction_ids._not_handed_on()
        talks.check_access("write")
        without = not self.user_id and talks.filtered(lambda talk: not talk.handoff_target)
        if without:
            raise UserError(
                self.env._(
                    "Nobody is set for this work: %s. Choose a person, or ask a manager to add one under "
                    "Configuration, Hand-Offs.",
                    ", ".join(without.mapped("name")),
                )
            )
        for talk in talks:
            talk._hand_on(self.user_id)
        return {"type": "ir.actions.act_window_close"}

from odoo import api, fields, models
from odoo.fields import Command

from ..models.advisor.customer_success_interaction_rating import FOCUS, QUALITY

ASKED = ("contact_ids", "duration", "summary", "quality", "focus", "proactive_by_hand")


class CustomerSuccessLog(models.TransientModel):
    """A dialog that asks for the rating of a conversation while it is logged."""

    _name = "customer.success.log"
    _description = "Log a Conversation"

    interaction_id = fields.Many2one(
        "customer.success.interaction", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="interaction_id.partner_id")
    contact_ids = fields.Many2many(
        "res.partner",
        relation="customer_success_log_contact_rel",
        column1="log_id",
        column2="contact_id",
        string="With",
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    duration = fields.Float("Hours")
    summary = fields.Text()
    quality = fields.Selection(QUALITY, "How Good Was It?")
    focus = fields.Selection(FOCUS, "What Was It About?")
    planned_on = fields.Date(related="interaction_id.planned_on")
    proactive_by_hand = fields.Selection([("yes", "Proactive"), ("no", "Reactive")], "Set by Hand")
    is_empty = fields.Boolean(compute="_compute_is_empty")

    @api.model
    def default_get(self, fields):
        """Show what the conversation says already."""
        values = super().default_get(fields)
        talk = self.env["customer.success.interaction"].browse(values.get("interaction_id"))
        for name in ASKED if talk else ():
            if name in fields and name not in values:
                value = talk[name]
                values[name] = [Command.set(value.ids)] if name == "contact_ids" else value
        return values

    @api.depends("interaction_id", "duration", "summary")
    def _compute_is_empty(self):
        for dialog in self:
            talk = dialog.interaction_id
            dialog.is_empty = bool(talk) and not talk._would_count(dialog.summary, dialog.duration)

    def action_log(self):
        """Write what was said here on the conversation, and log it."""
        self.ensure_one()
        talk = self.interaction_id
        values = {name: self[name] for name in ASKED if name != "contact_ids"}
        if talk.state == "planned":
            talk.write({**values, "contact_ids": self.contact_ids.ids})
            talk._check_contact()
        result = talk.action_log()
        return {"type": "ir.actions.act_window_close"} if result is True else result

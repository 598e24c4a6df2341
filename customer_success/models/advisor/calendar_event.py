from odoo import fields, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    success_interaction_ids = fields.One2many(
        "customer.success.interaction",
        "event_id",
        "Conversations",
        groups="customer_success.group_success_user",
    )
    success_partner_id = fields.Many2one(
        "res.partner",
        "Customer of the Meeting",
        compute="_compute_success_partner_id",
        groups="customer_success.group_success_user",
    )

    def _compute_success_partner_id(self):
        """Set the customer that most participants belong to."""
        for event in self:
            customers = event.partner_ids.commercial_partner_id.filtered("success_stage_id")
            event.success_partner_id = max(
                customers,
                key=lambda customer, people=event.partner_ids: len(
                    people.filtered(lambda person: person.commercial_partner_id == customer)
                ),
                default=False,
            )

    def action_success_log(self):
        """Open the conversation of this meeting, or a new one with the meeting's data."""
        self.ensure_one()
        known = self.success_interaction_ids[:1]
        customer = self.success_partner_id
        people = self.partner_ids.filtered(
            lambda person: person.commercial_partner_id == customer and person != customer
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Conversation"),
            "res_model": "customer.success.interaction",
            "res_id": known.id,
            "views": [(False, "form")],
            "context": {
                "default_partner_id": customer.id,
                "default_contact_ids": people.ids,
                "default_event_id": self.id,
                "default_date": fields.Date.to_string(
                    fields.Datetime.context_timestamp(self, self.start).date()
                ),
                "default_duration": self.duration,
            },
        }

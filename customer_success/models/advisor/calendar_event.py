from odoo import fields, models

# A longer meeting is not one conversation from its start to its end.
LONGEST_TALK = 12  # hours


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
                "default_date": fields.Date.to_string(self._success_day()),
                "default_duration": 0 if self._success_hours_are_open() else self.duration,
            },
        }

    def _success_day(self):
        """Return the day that the meeting is on: as it is written if it lasts all day, else the reader's day."""
        self.ensure_one()
        if self.allday:
            return self.start_date
        return fields.Datetime.context_timestamp(self, self.start).date()

    def _success_hours_are_open(self):
        """Return True if the meeting does not say how long its conversation took."""
        self.ensure_one()
        return self.allday or self.duration > LONGEST_TALK

    def _success_is_to_come(self):
        """Return True unless the meeting is over; one that lasts all day is over after its last day."""
        self.ensure_one()
        if self.allday:
            return self.stop_date >= fields.Date.context_today(self)
        return self.stop >= fields.Datetime.now()

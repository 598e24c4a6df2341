from odoo import api, fields, models
from odoo.tools.misc import format_datetime

from odoo.addons.base.models.res_partner import _tz_get

from .slots import next_slot

MONDAY = 0


class CustomerSuccessWorkbookSchedule(models.Model):
    """A workbook that is mailed every week. Each recipient gets one created with their own access rights."""

    _name = "customer.success.workbook.schedule"
    _inherit = ["customer.success.workbook.filter"]
    _description = "Workbook by Mail"
    _order = "weekday, hour, id"

    name = fields.Char(required=True, default=lambda self: self.env._("The customer book"))
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        help="The user in whose name the mail is sent.",
    )
    weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        required=True,
        default=str(MONDAY),
    )
    hour = fields.Float(required=True, default=7.0, aggregator=None)
    tz = fields.Selection(
        _tz_get, "Time Zone", required=True, default=lambda self: self.env.user.tz or "UTC"
    )
    recipient_ids = fields.Many2many(
        "res.users",
        relation="customer_success_workbook_schedule_recipient_rel",
        column1="schedule_id",
        column2="user_id",
        string="Recipients",
        required=True,
        domain=[("share", "=", False)],
        help="Each recipient gets the customers that they may see, in their own language.",
    )
    next_date = fields.Datetime(
        "Next One",
        compute="_compute_next_date",
        store=True,
        readonly=True,
        index=True,
        help="The hour is in the time zone of the owner.",
    )
    delivery_ids = fields.One2many("customer.success.workbook.delivery", "schedule_id", "Sent")
    last_text = fields.Char("Last Time", compute="_compute_last_text")

    _check_hour = models.Constraint(
        "CHECK(hour >= 0 AND hour < 24)", "The hour must be between 0:00 and 23:59."
    )

    @api.depends("weekday", "hour", "tz", "active")
    def _compute_next_date(self):
        now = fields.Datetime.now()
        for schedule in self:
            schedule.next_date = schedule.active and schedule._next_slot(now)

    @api.model
    def _is_ticked(self, sheet):
        return sheet.is_scheduled

    def _next_slot(self, after):
        return next_slot(after, int(self.weekday), self.hour, self.tz or "UTC")

    @api.depends("delivery_ids.state", "delivery_ids.slot")
    def _compute_last_text(self):
        """Summarize the outcome of the last sending in a few words."""
        labels = dict(
            self.env["customer.success.workbook.delivery"]
            ._fields["state"]
            ._description_selection(self.env)
        )
        for schedule in self:
            slot = max(schedule.delivery_ids.mapped("slot"), default=None)
            last = schedule.delivery_ids.filtered(lambda one, slot=slot: one.slot == slot)
            counts = {}
            for delivery in last:
                counts[delivery.state] = counts.get(delivery.state, 0) + 1
            schedule.last_text = (
                self.env._(
                    "%(when)s: %(counts)s",
                    when=format_datetime(self.env, slot, tz=schedule.tz, dt_format="short"),
                    counts=", ".join(
                        f"{labels[state]} {counts[state]}" for state in labels if state in counts
                    ),
                )
                if last
                else False
            )

    @api.model_create_multi
    def create(self, vals_list):
        schedules = super().create(vals_list)
        schedules._wake()
        return schedules

    def write(self, vals):
        result = super().write(vals)
        if {"weekday", "hour", "tz", "active"} & vals.keys():
            self._wake()
        return result

    def _wake(self):
        """Wake the job at the minute when a workbook is due; without this it runs only every hour."""
        cron = self.env.ref("customer_success.ir_cron_workbook_send").sudo()
        for moment in {schedule.next_date for schedule in self if schedule.next_date}:
            cron._trigger(at=moment)

    def action_send_now(self):
        """Send the workbook once, now, in addition to the schedule.

        If this is requested again before the workbook was sent, it is still sent only once.
        """
        self.ensure_one()
        self.check_access("write")
        if "due" not in self.delivery_ids.mapped("state"):
            self._claim(fields.Datetime.now())
        self.env.ref("customer_success.ir_cron_workbook_send").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "The workbooks are being created and will be sent within minutes."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------------------------------

    def _claim(self, slot):
        """Create the deliveries of the slot that is due, one for each recipient, unless they exist already."""
        deliveries = self.env["customer.success.workbook.delivery"].sudo()
        for schedule in self:
            noted = deliveries.search(
                [("schedule_id", "=", schedule.id), ("slot", "=", slot)]
            ).user_id
            deliveries.create(
                [
                    {"schedule_id": schedule.id, "user_id": user.id, "slot": slot}
                    for user in schedule.sudo().with_context(active_test=False).recipient_ids
                    - noted
                ]
            )

    @api.model
    def _cron_send(self):
        """Create the deliveries that are due, then create and send their workbooks, one recipient after the other.

        A slot and the date of the next one are committed together, and so are a workbook and its mail. Wherever the job
        is killed, it neither forgets a recipient nor mails one twice. Slots missed while no job ran are sent once.
        """
        commit = self.env["ir.cron"]._commit_progress
        deliveries = self.env["customer.success.workbook.delivery"]
        now = fields.Datetime.now()
        for schedule in self.search([("next_date", "<=", now)]):
            schedule._claim(schedule.next_date)
            schedule.next_date = schedule._next_slot(now)
            schedule._wake()
            commit()
        due = deliveries.search([("state", "=", "due")], order="id")
        commit(remaining=len(due))
        for delivery in due:
            # The messages about a delivery are for the owner of the schedule.
            delivery = delivery.with_context(lang=delivery.schedule_id.user_id.lang)
            if delivery._begin():
                commit()
                delivery._deliver_or_fail()
            if not commit(1):
                break
        if "queued" in due.mapped("state"):
            # The mail queue runs every hour; without waking it, a workbook due at 7 o'clock would arrive at 8.
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

import logging

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError

from ..common.customer_success_job import RACES
from ..common.mail_thread import SENT_BY_MACHINE

_logger = logging.getLogger(__name__)

TRIES = 3


class CustomerSuccessWorkbookDelivery(models.Model):
    """The delivery of one workbook to one recipient for one slot of a schedule, with its outcome.

    Only the recipient can open the workbook; the owner of the schedule sees only that it was sent.
    """

    _name = "customer.success.workbook.delivery"
    _description = "Workbook Sent"
    _order = "slot desc, id"
    _rec_name = "user_id"

    schedule_id = fields.Many2one(
        "customer.success.workbook.schedule",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="schedule_id.company_id")
    user_id = fields.Many2one(
        "res.users", "Recipient", required=True, readonly=True, ondelete="cascade", index=True
    )
    slot = fields.Datetime("Due", required=True, readonly=True)
    state = fields.Selection(
        [
            ("due", "Due"),
            ("skipped", "Not Sent"),
            ("queued", "Handed to Mail"),
            ("sent", "Sent"),
            ("refused", "Refused"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="due",
    )
    message = fields.Char("Why", readonly=True)
    size = fields.Integer("Size in KB", readonly=True, aggregator=None)
    copy_id = fields.Many2one(
        "customer.success.workbook.copy",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_system",
    )
    mail_id = fields.Many2one(
        "mail.mail",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_system",
    )
    tries = fields.Integer(readonly=True, aggregator=None)

    _slot_uniq = models.UniqueIndex(
        "(schedule_id, user_id, slot)", "A recipient gets only one workbook for each slot."
    )
    _due_idx = models.Index("(id) WHERE state = 'due'")

    def _begin(self):
        """Count the attempt; give up on a delivery that has stopped the job three times."""
        if self.tries >= TRIES:
            self._fail(self.env._("The job was stopped %d times.", TRIES))
            return False
        self.tries += 1
        return True

    def _deliver_or_fail(self):
        """Create and mail the workbook; record an error, so that the next deliveries continue."""
        try:
            with self.env.cr.savepoint():
                self._deliver()
        except RACES:  # another transaction won: the job is run again
            raise
        except Exception as error:
            if isinstance(error, UserError):  # access errors, too
                self._fail(str(error))
            else:
                _logger.exception("Workbook for delivery %s could not be created", self.id)
                self._fail(
                    self.env._("An error occurred. Your administrator can find it in the log.")
                )

    def _fail(self, said):
        self.write({"state": "failed", "message": said})

    def _obstacle(self):
        """Return the reason why this recipient gets no workbook, as a text; ``None`` if there is none."""
        user = self.user_id
        schedule = self.schedule_id
        companies = schedule.company_ids or schedule.company_id
        reader = self.env["customer.success.workbook"].with_user(user)
        if not user.active or user.share:
            return self.env._("is no longer an active user")
        if not companies & user.company_ids:
            return self.env._("does not belong to these companies")
        if not reader._may_export():
            return self.env._("has no right to export the customer book")
        if not user.email:
            return self.env._("has no mail address")
        return ""

    def _deliver(self):
        """Create the recipient's workbook with their own access rights and hand it to the mail queue."""
        obstacle = self._obstacle()
        if obstacle:
            self.write({"state": "skipped", "message": f"{self.user_id.name} {obstacle}."})
            return
        user, schedule = self.user_id, self.schedule_id.sudo()
        reader = self.env(
            user=user.id,
            su=False,
            context={
                "lang": user.lang,
                "tz": user.tz or schedule.tz,
                "allowed_company_ids": (
                    ((schedule.company_ids & user.company_ids) or schedule.company_id)
                    .sorted(lambda company: (company != schedule.company_id, company.id))
                    .ids
                ),
            },
        )
        chosen = schedule.with_context(**reader.context)
        copy = reader["customer.success.workbook.copy"]._ask(
            chosen._prepare_request(), chosen._filter_text(), schedule
        )
        copy._make()
        mail = self.sudo()._mail(copy, reader)
        self.write({"state": "queued", "copy_id": copy.id, "mail_id": mail.id, "size": copy.size})

    def _mail(self, copy, reader):
        """Create the mail in the recipient's language, with the workbook attached or, if it is large, a link to it."""
        limit = self.env["customer.success.settings"]._limit("workbook_link_mb")
        attached = copy.size <= limit * 1024
        # The page of the workbook asks for the login; the address of the file itself would answer “not found”.
        url = f"{copy.get_base_url()}/odoo/success-workbooks/{copy.id}"
        schedule = self.schedule_id
        lines = [
            reader._("Number of customers: %d.", copy.customers),
            copy.filters,
            reader._("The workbook is attached.")
            if attached
            else reader._("The workbook is too large for a mail. Log in to download it."),
        ]
        body = Markup().join(Markup("<p>%s</p>") % line for line in lines if line)
        body += Markup('<p><a href="%s">%s</a></p>') % (url, copy.name)
        return self.env["mail.mail"].create(
            {
                "subject": f"{schedule.name}: {copy.name}",
                "body_html": body,
                "recipient_ids": [fields.Command.link(self.user_id.partner_id.id)],
                "email_from": schedule.user_id.email_formatted
                or schedule.company_id.email_formatted
                or self.env.user.email_formatted,
                "author_id": schedule.user_id.partner_id.id,
                "attachment_ids": [fields.Command.link(copy.attachment_id.id)] if attached else [],
                "auto_delete": True,
                "is_notification": False,
                "headers": repr(SENT_BY_MACHINE),
            }
        )

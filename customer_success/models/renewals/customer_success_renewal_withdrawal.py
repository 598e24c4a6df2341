from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...scoring.said import fault
from .customer_success_renewal_notice import NOTICE

# A change of these fields may make a notice milder than it was given, or too late.
MILDER = {
    *NOTICE,
    "active",
    "date_notice",
    "date_renewal",
    "date_start",
    "end_is_last_day",
    "main_id",
    "notice_is_by_hand",
    "notice_period",
    "notice_to",
    "notice_unit",
}
APPROVE_ACTIVITY = "mail.mail_activity_data_todo"


class CustomerSuccessRenewal(models.Model):
    """The withdrawal of a notice, which lowers the risk: the notice counts until a manager who is not the CSM has agreed.

    No other change takes a notice away or makes it milder, but for a slip of who entered it, on the same day.
    """

    _inherit = "customer.success.renewal"

    def write(self, vals):
        if self.env.su or not MILDER & vals.keys():
            return super().write(vals)
        self.filtered(lambda renewal: renewal._is_milder(vals))._refuse_milder()
        events = self.sudo()
        events |= events.addon_ids  # add-ons have the notice date of their main term
        in_time = events.filtered(lambda renewal: renewal._is_noticed_in_time())
        result = super().write(vals)
        in_time.filtered("notice_is_late")._refuse_milder()
        return result

    def _refuse_milder(self):
        """Refuse to take away or soften a notice, but for a slip of the same user on the same day."""
        for renewal in self:
            if renewal._may_withdraw():
                continue
            raise UserError(
                self.env._(
                    "“%s”: the customer gave notice, and this change would make it less than it was. Use “Withdraw Notice” and say "
                    "why; a customer success manager decides.",
                    renewal.display_name,
                )
            )

    def _is_milder(self, vals):
        """Return True if the customer gave a notice that these values take away or soften."""
        self.ensure_one()
        if not self.notice_given_on:
            return False
        kind = vals.get("notice_kind", self.notice_kind)
        given = fields.Date.to_date(vals.get("notice_given_on", self.notice_given_on))
        if not vals.get("active", True) and self.outcome == "pending":
            return True
        if not given or (self.notice_kind == "end" and kind != "end"):
            return True
        return kind == "reduce" and any(
            (vals.get(name, self[name]) or 0) > self[name]
            for name in ("notice_seats", "notice_value")
        )

    def _may_withdraw(self):
        """Return True for who decides on the customer, and for who entered the notice today."""
        self.ensure_one()
        is_slip = (
            self.notice_user_id == self.env.user
            and self.notice_entered_on == fields.Date.context_today(self)
            and not self.withdrawal_reason
        )
        return is_slip or self.env.user._success_decides_on(self.partner_id)

    def _withdraw_notice(self, reason):
        """Withdraw the notice, or ask a manager to agree; raise UserError without a reason."""
        self.ensure_one()
        self.check_access("write")
        if not self.notice_given_on or self.outcome != "pending":
            raise UserError(
                self.env._("%s: there is no notice that could be withdrawn.", self.display_name)
            )
        if fault(reason):
            raise UserError(
                self.env._("Say in a few words why the notice is withdrawn, and who told you.")
            )
        if self._may_withdraw():
            self._end_notice(reason)
            return
        self.sudo().write({"withdrawal_reason": reason, "withdrawal_user_id": self.env.uid})
        said = self.env._(
            "%(user)s asks to withdraw the notice: %(reason)s. It counts until a manager agrees.",
            user=self.env.user.name,
            reason=reason,
        )
        self._message_log(body=said)
        self._ask_to_agree(said)

    def _ask_to_agree(self, said):
        users = self.env["res.users"]
        managers = users._success_managers(self.company_id) or users._success_managers()
        own = self.partner_id.sudo().success_user_id
        if manager := ((managers - own) or managers)[:1]:
            self.sudo().activity_schedule(
                APPROVE_ACTIVITY,
                user_id=manager.id,
                summary=self.env._("Is the notice withdrawn?"),
                note=said,
            )

    def _end_notice(self, reason):
        """Take the notice from the term and say so in its chatter."""
        self._message_log(
            body=self.env._(
                "The notice of %(given)s was withdrawn: %(reason)s",
                given=format_date(self.env, self.notice_given_on),
                reason=reason,
            )
        )
        self.sudo().activity_unlink([APPROVE_ACTIVITY])
        self.sudo().write({"notice_given_on": False})
        self._notice_changed()

    def action_agree_withdrawal(self):
        """Withdraw the notice, as the CSM asked."""
        for renewal in self._withdrawals():
            renewal._end_notice(renewal.withdrawal_reason)
        return True

    def action_decline_withdrawal(self):
        """Keep the notice."""
        for renewal in self._withdrawals():
            renewal._message_log(
                body=self.env._("The notice was not withdrawn: it stays as it was given.")
            )
            renewal.sudo().activity_unlink([APPROVE_ACTIVITY])
            renewal.sudo().write({"withdrawal_reason": False, "withdrawal_user_id": False})
        return True

    def _withdrawals(self):
        """Return these terms, if this user may decide on their withdrawals."""
        self.check_access("write")
        if any(not renewal.withdrawal_reason for renewal in self):
            raise UserError(
                self.env._("This withdrawal was decided on already. Reload the page to see it.")
            )
        if any(not self.env.user._success_decides_on(renewal.partner_id) for renewal in self):
            raise AccessError(
                self.env._("A customer success manager who is not the CSM decides on withdrawals.")
            )
        return self

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...scoring.said import fault

# An agreed objective without a figure that is due within so many days is as good as due.
SOON_DAYS = 30


class CustomerSuccessObjective(models.Model):
    """The dropping of an agreed objective: one whose result is poor or due is not dropped by the CSM alone."""

    _inherit = "customer.success.objective"

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        if "partner_id" in vals:
            self._check_stays(vals["partner_id"])
        if "state" not in vals:
            return super().write(vals)
        self.check_access("write")
        self.sudo().change_ids.filtered(
            lambda change: change.is_drop and change.state == "proposed"
        )._close("withdrawn")
        if vals["state"] != "dropped":
            return super().write(vals)
        reason = (vals.get("change_reason") or "").strip()
        contact = self.env["res.partner"].browse(vals.get("change_contact_id") or [])
        held = self.filtered(lambda objective: objective._is_drop_held())
        lines = {objective: objective._judge_drop(reason, contact) for objective in held}
        waiting = held.filtered(lambda objective: lines[objective]["state"] == "proposed")
        result = super(CustomerSuccessObjective, self - waiting).write(vals)
        rest = {name: value for name, value in vals.items() if name != "state"}
        if waiting and rest:
            super(CustomerSuccessObjective, waiting).write(rest)
        changes = self.env["customer.success.objective.change"].sudo().create(list(lines.values()))
        changes.filtered(lambda change: change.state == "proposed")._ask()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        """Keep what was agreed with the customer: deleting is dropping without a trace."""
        for objective in self if not self.env.su else ():
            if objective._is_drop_held() and not self.env.user._success_decides_on(
                objective.partner_id
            ):
                raise UserError(
                    self.env._(
                        "“%s” was agreed and its result is known or due. Drop it instead, with a reason; another manager decides.",
                        objective.name,
                    )
                )
            if objective.is_agreed:
                objective.partner_id._message_log(
                    body=self.env._("The agreed objective “%s” was deleted.", objective.name)
                )

    def _check_stays(self, partner_id):
        for objective in self:
            if objective.partner_id.id != partner_id and objective._is_drop_held():
                raise UserError(
                    self.env._(
                        "“%s” was agreed with its customer and stays there. Create an objective for the other customer.",
                        objective.name,
                    )
                )

    def _is_drop_held(self):
        """Return True if the objective is agreed and would take a poor or an overdue result with it."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.state == "dropped" or not self._is_held():
            return False
        if self.state == "missed":
            # Only a manager drops what was missed; a manager who follows the customer asks another one.
            return self.env.user.has_group("customer_success.group_success_manager")
        if self.state == "confirmed" or (self.actual is not False and self.target is not False):
            return self.progress is False or self.progress < 100
        return bool(self.date_due) and self.date_due < today + timedelta(days=SOON_DAYS)

    def _judge_drop(self, reason, contact):
        """Return the values of the logged change; refuse to drop without a reason."""
        self.ensure_one()
        if fault(reason):
            raise UserError(
                self.env._(
                    "“%s” was agreed, and its result is known or due: dropping it changes the score. Say why in a few words, in "
                    "“Reason for the Change”.",
                    self.name,
                )
            )
        if self.state == "missed":
            contact = contact.browse()  # what was missed stays known, whoever agrees
        return self._change_line(True, reason, contact) | {"is_drop": True}

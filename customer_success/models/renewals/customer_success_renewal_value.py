from odoo import api, fields, models
from odoo.exceptions import UserError

from ...scoring.said import fault
from ..common.money import Money

ENTERED = {"annual_value", "currency_id"}


class CustomerSuccessRenewal(models.Model):
    """The value that counts: a lower one that somebody enters needs a reason, and a manager before a loss becomes smaller."""

    _inherit = "customer.success.renewal"

    change_ids = fields.One2many(
        "customer.success.renewal.change", "renewal_id", "Lowered Values", readonly=True
    )
    counted_value = Money(
        "Annual Value That Counts",
        compute="_compute_counted_value",
        store=True,
        help="The annual value, or the former one while a lower one waits for a manager. Retention, churn risk and the shares "
        "of products are calculated with it.",
    )
    is_value_proposed = fields.Boolean(
        "Lower Value Proposed",
        compute="_compute_is_value_proposed",
        search="_search_is_value_proposed",
    )
    value_reason = fields.Char(
        "Reason for a Lower Value",
        store=False,
        help="Say why the annual value is lower than before. The former one counts until a manager approves it.",
    )

    @api.depends("annual_value", "amendment_id", "change_ids.state", "change_ids.old_value")
    def _compute_counted_value(self):
        for renewal in self:
            waiting = renewal._waiting_now()
            renewal.counted_value = max([renewal.annual_value, *waiting.mapped("old_value")])

    @api.depends("change_ids.state")
    def _compute_is_value_proposed(self):
        for renewal in self:
            renewal.is_value_proposed = bool(renewal._waiting_changes())

    def _search_is_value_proposed(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = fields.Domain("change_ids.state", "=", "proposed")
        return found if True in value else ~found

    def _waiting_changes(self):
        return self.sudo().change_ids.filtered(lambda change: change.state == "proposed")

    def _waiting_now(self):
        """Return the waiting changes of the value of today, without those of other times of the term."""
        return self._waiting_changes().filtered(
            lambda change: change.amendment_id == change.renewal_id.amendment_id
        )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_without_reason(vals) for vals in vals_list])

    def write(self, vals):
        if self.env.su or not ENTERED & vals.keys():
            return super().write(_without_reason(vals))
        self.check_access("write")
        reason = (vals.get("value_reason") or "").strip()
        judged = {renewal: renewal._judge_value(vals, reason) for renewal in self}
        touched = self.filtered(lambda renewal: judged[renewal] is not None)
        touched._waiting_now()._close("withdrawn")
        changes = self.env["customer.success.renewal.change"].sudo()
        changes = changes.create([line for line in judged.values() if line])
        result = super().write(_without_reason(vals))
        changes.filtered(lambda change: change.state == "proposed")._ask()
        return result

    def _judge_value(self, vals, reason):
        """Return the values of the logged change if the value becomes lower; ``None`` if it stays, ``{}`` if it does not.

        Raise UserError if it becomes lower without a reason.
        """
        self.ensure_one()
        currency = self.env["res.currency"].browse(vals.get("currency_id")) or self.currency_id
        after = currency.round(float(vals.get("annual_value", self.annual_value) or 0.0))
        counted, before = self.counted_value, self.annual_value
        if currency != self.currency_id:
            today = fields.Date.context_today(self)
            counted, before = (
                self.currency_id._success_convert(value, currency, self.company_id, today)
                for value in (counted, before)
            )
            if counted is None:  # without a rate nobody can say that it is lower
                return {}
        if currency.compare_amounts(after, before) == 0 and currency == self.currency_id:
            return None
        if currency.compare_amounts(after, counted) >= 0 or self._is_slip():
            return {}
        waiting = self._waiting_now()[:1]
        if waiting and currency.compare_amounts(after, before) >= 0:
            reason = reason or waiting.reason  # raised again, though not to what it was
        if fault(reason):
            raise UserError(
                self.env._(
                    "“%s”: the annual value becomes lower, which makes a loss smaller and changes the score. Say why in a few "
                    "words, in “Reason for a Lower Value”.",
                    self.display_name,
                )
            )
        waits = not self.env.user._success_decides_on(self.partner_id)
        changes = self.env["customer.success.renewal.change"]
        return changes._entered(self.partner_id, True, waits, reason) | {
            "renewal_id": self.id,
            "amendment_id": self.amendment_id.id,
            "currency_id": currency.id,
            "old_value": counted,
            "new_value": after,
        }

    def _is_slip(self):
        """Return True on the day on which this user entered the first term, while it is pending: a mistyped value is corrected."""
        today = fields.Date.context_today(self)
        entered = fields.Datetime.context_timestamp(self, self.create_date).date()
        return (
            entered == today
            and self.create_uid == self.env.user
            and self.outcome == "pending"
            and not self.previous_id
        )


def _without_reason(vals):
    return {name: value for name, value in vals.items() if name != "value_reason"}

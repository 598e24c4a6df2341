from odoo import api, fields, models
from odoo.tools import formatLang

from ..common.money import Money


class CustomerSuccessRenewalChange(models.Model):
    """A lower annual value that somebody entered for a term. Append-only.

    The term has the new value at once. Until a manager approves it, shares, risk and losses count the former one.
    """

    _name = "customer.success.renewal.change"
    _inherit = ["customer.success.yardstick.change", "customer.success.money"]
    _description = "Lowered Value of a Renewal"
    _rec_name = "renewal_id"
    _yardstick = "renewal_id"

    renewal_id = fields.Many2one(
        "customer.success.renewal", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    amendment_id = fields.Many2one(
        "customer.success.renewal.amendment",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The amendment that lowers the value; empty if it is that of the start of the term.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    old_value = Money("Value Before", readonly=True)
    new_value = Money("Value After", readonly=True)

    def _apply(self):
        """Nothing is to be stored: the value counts with the state of the change."""

    def action_approve(self):
        result = super().action_approve()
        for change in self.sudo():
            change._settle_start(change.new_value)
        self._follow_value()
        return result

    def action_decline(self):
        """Give the term, or the amendment, its former value back."""
        for change in self._decidable():
            if change.amendment_id:
                change.amendment_id.annual_value = change.old_value
            elif not change._settle_start(change.old_value):
                change.renewal_id.write(
                    {"annual_value": change.old_value, "currency_id": change.currency_id.id}
                )
        result = super().action_decline()
        self._follow_value()
        return result

    def _settle_start(self, value):
        """Store what a term began with that has been amended since; return False if this change is of no such value."""
        self.ensure_one()
        term = self.renewal_id
        if self.amendment_id or not term.amendment_id:
            return False
        term.start_value = value
        return True

    def _follow_value(self):
        customers = self.sudo().partner_id
        self.env["customer.success.score.request"]._add(customers)
        customers.filtered("success_former_date")._success_update_former()
        self.sudo().renewal_id._replaced_follow()

    def _said(self):
        self.ensure_one()
        old, new = (
            formatLang(self.env, value, currency_obj=self.currency_id)
            for value in (self.old_value, self.new_value)
        )
        said = self.env._(
            "%(renewal)s: annual value lowered from %(old)s to %(new)s by %(user)s",
            renewal=self.renewal_id.sudo().display_name,
            old=old,
            new=new,
            user=self.user_id.sudo().name or "",
        )
        return f"{said}: {self.reason}" if self.reason else f"{said}."

    @api.model
    def _say_lowered(self):
        return self.env._("Annual value lowered")

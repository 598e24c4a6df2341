from odoo import api, fields, models
from odoo.tools import formatLang


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
    currency_id = fields.Many2one("res.currency", readonly=True)
    old_value = fields.Monetary("Value Before", readonly=True)
    new_value = fields.Monetary("Value After", readonly=True)

    def _apply(self):
        """Nothing is to be stored: the value counts with the state of the change."""

    def action_approve(self):
        result = super().action_approve()
        self._follow_value()
        return result

    def action_decline(self):
        """Give the term its former value back."""
        for change in self._decidable():
            change.renewal_id.write(
                {"annual_value": change.old_value, "currency_id": change.currency_id.id}
            )
        result = super().action_decline()
        self._follow_value()
        return result

    def _follow_value(self):
        customers = self.sudo().partner_id
        self.env["customer.success.score.request"]._add(customers)
        customers.filtered("success_former_date")._success_update_former()

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

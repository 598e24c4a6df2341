from odoo import fields, models
from odoo.exceptions import UserError


class CustomerSuccessUsageContract(models.Model):
    """The parts of measured use are measured, too: who is rated by them does not move users from contract to contract."""

    _inherit = "customer.success.usage.contract"

    delivery_id = fields.Many2one(
        "customer.success.usage.delivery",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The delivery that last changed this part; empty if it was entered by hand.",
    )

    def _check_entered(self):
        result = super()._check_entered()
        if self.env.su:
            return result
        for usage in self.usage_id.filtered(lambda usage: usage.source == "measured"):
            if self.env.user._success_decides_on(usage.partner_id):
                continue
            usage._check_brought()
            if not usage._is_own_slip():
                raise UserError(
                    self.env._(
                        "“%s”: deliver the measured figures of the contracts again, or ask a manager to correct them.",
                        usage._say_period(),
                    )
                )
        return result

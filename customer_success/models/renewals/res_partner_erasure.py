from odoo import api, models

from ..customer.res_partner_erasure import History


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _success_histories(self):
        return [
            *super()._success_histories(),
            History(
                "customer.success.renewal",
                ("partner_id",),
                [("outcome", "!=", "pending")],
                self.env._("renewals that ended"),
            ),
            History(
                "customer.success.renewal",
                ("partner_id",),
                [("outcome", "=", "pending")],
                self.env._("renewals that are pending"),
            ),
            History(
                "customer.success.renewal",
                ("buyer_id",),
                [],
                self.env._("terms bought for others"),
            ),
        ]

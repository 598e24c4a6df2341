from odoo import api, models

from ..customer.res_partner_erasure import History


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _success_histories(self):
        return [
            *super()._success_histories(),
            History("customer.success.usage", ("partner_id",), [], self.env._("figures of use")),
            History(
                "customer.success.symptom.flag",
                ("partner_id",),
                [],
                self.env._("symptoms of misuse"),
            ),
        ]

from odoo import api, models

from ..customer.res_partner_erasure import History


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _success_histories(self):
        return [
            *super()._success_histories(),
            History(
                "customer.success.answer", ("partner_id", "contact_id"), [], self.env._("answers")
            ),
            History(
                "customer.success.interaction",
                ("partner_id", "contact_ids"),
                [("state", "=", "held")],
                self.env._("conversations"),
            ),
        ]

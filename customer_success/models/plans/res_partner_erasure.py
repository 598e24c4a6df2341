from odoo import api, models

from ..customer.res_partner_erasure import History


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _success_histories(self):
        return [
            *super()._success_histories(),
            History(
                "customer.success.objective",
                ("partner_id", "confirmed_by_id"),
                [("state", "=", "confirmed")],
                self.env._("results that were confirmed"),
            ),
            History(
                "customer.success.plan",
                ("partner_id",),
                [("state", "!=", "draft")],
                self.env._("success plans"),
            ),
            History(
                "customer.success.objective",
                ("partner_id",),
                [("state", "!=", "confirmed"), ("is_agreed", "=", True)],
                self.env._("objectives that were agreed"),
            ),
            History(
                "customer.success.change",
                ("owner_contact_id",),
                [],
                self.env._("changes that they own"),
            ),
        ]

    def _success_let_go(self):
        result = super()._success_let_go()
        changes = self.env["customer.success.change"].sudo().with_context(active_test=False)
        changes.search([("owner_contact_id", "in", self.ids)]).owner_contact_id = False
        objectives = self.env["customer.success.objective"].sudo()
        # Without the person who permitted it, a result is told to nobody.
        objectives.search([("reference_by_id", "in", self.ids)]).write(
            {"reference": False, "reference_by_id": False}
        )
        return result

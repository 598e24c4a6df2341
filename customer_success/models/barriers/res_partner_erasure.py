from odoo import api, models
from odoo.tools import SQL

from ..customer.res_partner_erasure import History


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _success_histories(self):
        return [
            *super()._success_histories(),
            History(
                "customer.success.barrier",
                ("partner_id", "owner_contact_id"),
                [("state", "in", ("removed", "verified", "accepted"))],
                self.env._("barriers that were removed"),
            ),
            History(
                "customer.success.barrier",
                ("partner_id", "owner_contact_id"),
                [("is_open", "=", True)],
                self.env._("open barriers"),
            ),
            History(
                "customer.success.barrier.search",
                ("partner_id",),
                [],
                self.env._("searches for barriers"),
            ),
        ]

    def _success_let_go(self):
        """Leave barriers without their owner: those that are open lose the authority with it. Delete what they wrote to us."""
        result = super()._success_let_go()
        mails = self.env["customer.success.unsorted.mail"].sudo()
        mails.search([("contact_ids", "in", self.ids)]).unlink()
        barriers = self.env["customer.success.barrier"].sudo().with_context(active_test=False)
        owned = barriers.search([("owner_contact_id", "in", self.ids)])
        owned.filtered("is_open").write({"authority": "none", "owner_contact_id": False})
        owned.flush_recordset()
        # What is closed stays as it was, but for the name.
        self.env.cr.execute(
            SQL(
                "UPDATE customer_success_barrier SET owner_contact_id = NULL WHERE id = ANY(%s)",
                owned.ids,
            )
        )
        owned.invalidate_recordset(["owner_contact_id"])
        return result

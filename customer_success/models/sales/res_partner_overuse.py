from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _success_seller(self):
        """Return who sells to this customer: its salesperson, else that of the renewal that is above its licences.

        Users who are archived, external or without access to the company of the customer are skipped.
        """
        self.ensure_one()
        customer = self.sudo()
        leads = customer.success_overuse_ids.renewal_id.lead_id
        for user in (*customer.user_id, *leads.user_id):
            here = not customer.company_id or customer.company_id in user.company_ids
            if user.active and not user.share and here:
                return user
        return customer.user_id.browse()

from odoo import fields, models


class ResPartner(models.Model):
    """A customer with its contract terms."""

    _inherit = "res.partner"

    success_renewal_ids = fields.One2many(
        "customer.success.renewal",
        "partner_id",
        "Renewals",
        groups="customer_success.group_success_user",
    )

    def _success_products(self):
        """Also return the products of contract terms that are pending."""
        pending = self.success_renewal_ids.filtered(lambda term: term.outcome == "pending")
        return (
            (super()._success_products() | pending.product_id)
            ._success_current()
            .sorted("display_name")
        )

    def action_success_renewals(self):
        return self._action_success("customer_success_renewal_action")

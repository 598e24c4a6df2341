from odoo import api, fields, models
from odoo.fields import Domain


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

    @api.depends("success_renewal_ids.notice_given_on", "success_renewal_ids.outcome")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        """Also name the notices that were given and not withdrawn."""
        terms = self.sudo().success_renewal_ids
        noticed = terms.filtered(lambda term: term.outcome == "pending" and term.notice_kind)
        return super()._success_attention_lines() + noticed.mapped("notice_said")

    def action_success_renewals(self):
        """Open the renewals of this customer; month to month, the latest term stands for those before it."""
        action = self._action_success("customer_success_renewal_action")
        latest = Domain("is_rolling", "=", False) | Domain("outcome", "!=", "renewed")
        return {**action, "domain": list(Domain(action["domain"]) & latest)}

from odoo import models
from odoo.exceptions import RedirectWarning
from odoo.fields import Domain


class ResPartner(models.Model):
    """A customer with a pending renewal, or a company that buys one for a customer: archiving it, or no longer following it, asks first.

    Only people are asked. Merges, privacy tools and jobs write the fields themselves or run in sudo.
    """

    _inherit = "res.partner"

    def action_archive(self):
        self._ask_about_pending_renewals("customer_success.res_partner_action_success_archive")
        self._ask_about_bought_renewals("customer_success.res_partner_action_success_archive")
        return super().action_archive()

    def action_success_stop(self):
        self._ask_about_pending_renewals("customer_success.res_partner_action_success_stop")
        return super().action_success_stop()

    def _ask_about_pending_renewals(self, xmlid):
        """Raise RedirectWarning if customers have a pending renewal; its button runs the action ``xmlid``."""
        if self.env.su or self.env.context.get("success_pending_confirmed"):
            return
        customers = self.sudo().filtered("success_is_followed")
        pending = dict(
            self.env["customer.success.renewal"]
            .sudo()
            ._read_group(
                [("partner_id", "in", customers.ids), ("outcome", "=", "pending")],
                ["partner_id"],
                ["__count"],
            )
        )
        if not pending:
            return
        self._ask_first(
            self.env._(
                "Renewals are still pending:\n%s\n\nIf the customer renews or leaves, record the outcome first. If you go "
                "on, these renewals are left out of lists, dashboard and forecast until the customer is followed again.",
                "\n".join(f"- {customer.name}: {number}" for customer, number in pending.items()),
            ),
            xmlid,
        )

    def _ask_about_bought_renewals(self, xmlid):
        """Raise RedirectWarning if these companies buy pending terms for others."""
        if self.env.su or self.env.context.get("success_pending_confirmed"):
            return
        terms = self.env["customer.success.renewal"].sudo()
        bought = terms.search(
            Domain("buyer_id", "in", self.ids)
            & Domain("partner_id", "not in", self.ids)
            & self._success_bought_domain(),
            limit=10,
        )
        if bought:
            self._ask_first(
                self.env._(
                    "Terms of other customers are bought through this company:\n%s\n\nThey go on, and their customers are "
                    "followed as before. If the customers buy elsewhere now, change that on the terms first.",
                    "\n".join(f"- {term.display_name}" for term in bought),
                ),
                xmlid,
            )

    def _ask_first(self, said, xmlid):
        raise RedirectWarning(
            said,
            self.env.ref(xmlid).id,
            self.env._("Go On Anyway"),
            {"active_model": "res.partner", "active_ids": self.ids, "active_id": self.ids[0]},
        )

from odoo import fields, models

from .customer_success_usage_figures import DEGREES, KEY


class ResPartner(models.Model):
    """The use of a customer, and its current symptoms of misuse."""

    _inherit = "res.partner"

    success_usage_ids = fields.One2many(
        "customer.success.usage", "partner_id", "Use", groups="customer_success.group_success_user"
    )
    success_symptom_flag_ids = fields.One2many(
        "customer.success.symptom.flag",
        "partner_id",
        "Symptoms",
        domain=[("date_to", "=", False)],
        groups="customer_success.group_success_user",
    )

    def _success_forced_products(self):
        """Return the products in use here without which the work cannot be done."""
        self.ensure_one()
        used = self.env["customer.success.usage"]._read_group(
            [("partner_id", "=", self._origin.id)], ["product_id"]
        )
        marked = self.env["customer.success.intended.use"].search(
            [
                ("forced_use", "!=", False),
                ("product_id", "in", [product.id for (product,) in used]),
                ("partner_id", "in", [self._origin.id, False]),
            ],
            order="partner_id nulls first",
        )
        # The customer's own entry comes last and replaces the usual one.
        forced = {use.product_id: use.forced_use == "yes" for use in marked}
        return self.env["product.product"].union(
            *(product for product, is_forced in forced.items() if is_forced)
        )

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        if forced := self._success_forced_products():
            days = int(self.env["customer.success.settings"]._limit("usage_fresh_days"))
            since = fields.Date.subtract(fields.Date.context_today(self), days=days)
            assessed = self.env["customer.success.usage"]._read_group(
                fields.Domain([("partner_id", "=", self._origin.id), ("date", ">", since)])
                & fields.Domain.OR([fields.Domain(degree, "!=", False)] for degree in DEGREES),
                ["product_id"],
            )
            unknown = forced - self.env["product.product"].union(*(one for (one,) in assessed))
            if unknown:
                lines.append(
                    self.env._(
                        "Work cannot be done without %s, so the number of users says nothing. Assess how they use it.",
                        ", ".join(unknown.sudo().mapped("name")),
                    )
                )
        return lines

    def action_success_usage(self):
        return self._action_success("customer_success_usage_action", success_by_hand=True)

    def _success_products(self):
        """Return the products that the customer has, as far as this is known here."""
        self.ensure_one()
        intended = self.env["customer.success.intended.use"].search([("partner_id", "=", self.id)])
        return (self.success_usage_ids.product_id | intended.product_id).sorted("display_name")

    def action_success_assess_all(self):
        """Open the dialog that asks in words how the customer uses all its products."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assess Use"),
            "res_model": "customer.success.assess",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_partner_id": self.id, "dialog_size": "extra-large"},
        }

    def action_success_assess(self):
        """Open a dialog to assess how the customer uses a product that is not measured.

        What was assessed for this month already is opened, not entered a second time.
        """
        self.ensure_one()
        usages = self.env["customer.success.usage"].with_context(success_by_hand=True)
        latest = usages.search([("partner_id", "=", self.id)], limit=1)
        defaults = {
            "default_partner_id": self.id,
            "default_product_id": latest.product_id.id,
            "default_source": "assessed",
        }
        key = usages.with_context(**defaults).default_get(list(KEY))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assess Use"),
            "res_model": "customer.success.usage",
            "res_id": usages._standing(key).id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"success_by_hand": True, **defaults},
        }

    def action_success_tag_symptom(self):
        """Open a dialog to tag a misuse that somebody saw at this customer."""
        self.ensure_one()
        latest = self.env["customer.success.usage"].search([("partner_id", "=", self.id)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tag a Symptom"),
            "res_model": "customer.success.symptom.flag",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_partner_id": self.id,
                "default_product_id": latest.product_id.id,
            },
        }

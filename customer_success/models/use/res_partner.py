from odoo import api, fields, models

from ...scoring.successors import joined_months
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

    def _success_read_as(self):
        """Return the products that the customer uses, each with the one as which it is read, see `product.product`."""
        self.ensure_one()
        used = self.env["customer.success.usage"]._read_group(
            [("partner_id", "=", self._origin.id)], ["product_id"]
        )
        return self.env["product.product"].union(*(one for (one,) in used))._success_read_as()

    @api.model
    def _success_joined(self, read_as):
        """Return the products that are read together with those that they replaced, see :meth:`_success_read_as`."""
        return self.env["product.product"].union(
            *(last for product, last in read_as.items() if last != product)
        )

    def _success_joined_months(self, since):
        """Return the monthly use of the products of :meth:`_success_joined`, as the scores read it.

        The rows are ``(product, period, source, month, licensed users, active users)``, from the month of a day on.
        """
        self.ensure_one()
        self.check_access("read")
        self.env["customer.success.usage"].check_access("read")
        self.env.flush_all()
        rows = joined_months(
            self.env.cr,
            self._origin.id,
            fields.Date.start_of(since, "month"),
            fields.Date.context_today(self),
            int(self.env["customer.success.settings"]._limit("ramp_months")),
        )
        products = self.env["product.product"]
        return [(products.browse(product_id), *figures) for product_id, *figures in rows]

    def _success_forced_products(self):
        """Return the products in use here without which the work cannot be done."""
        self.ensure_one()
        read_as = self._success_read_as()
        marked = self.env["customer.success.intended.use"].search(
            [
                ("forced_use", "!=", False),
                ("product_id", "in", [product.id for product in read_as]),
                ("partner_id", "in", [self._origin.id, False]),
            ]
        )
        # What is most special comes last and replaces the others: the customer's own entry, then that of the successor.
        marked = marked.sorted(
            lambda use: (bool(use.partner_id), read_as[use.product_id] == use.product_id)
        )
        forced = {read_as[use.product_id]: use.forced_use == "yes" for use in marked}
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
            read_as = self._success_read_as()
            unknown = forced - self.env["product.product"].union(
                *(read_as[one] for (one,) in assessed)
            )
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
        """Return the products that the customer has, as far as this is known here, without those that were replaced."""
        self.ensure_one()
        intended = self.env["customer.success.intended.use"].search([("partner_id", "=", self.id)])
        products = self.success_usage_ids.product_id | intended.product_id
        return products._success_current().sorted("display_name")

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

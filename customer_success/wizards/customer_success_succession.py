from odoo import api, fields, models
from odoo.exceptions import AccessError


class CustomerSuccessSuccession(models.TransientModel):
    """A dialog in which a manager names the product that took the place of another one, and sees what that changes."""

    _name = "customer.success.succession"
    _description = "Name a Successor"

    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="cascade"
    )
    successor_id = fields.Many2one(
        "product.product",
        domain="[('id', '!=', product_id)]",
        ondelete="cascade",
        help="Leave it empty if nothing took its place.",
    )
    date = fields.Date(
        "Replaced On",
        help="Both are read as one product from this day on. Leave it empty for at once.",
    )
    effect = fields.Text(compute="_compute_effect")
    warning = fields.Text(compute="_compute_effect")

    @api.depends("product_id", "successor_id")
    def _compute_effect(self):
        for dialog in self:
            dialog.effect = dialog.warning = False
            if dialog.successor_id:
                dialog.effect, dialog.warning = dialog._say_effect()

    def _say_effect(self):
        """Return what naming this successor changes, and what is odd about it, as texts."""
        of_both = {
            product: {
                name: {
                    customer
                    for (customer,) in self.env[name]
                    .sudo()
                    ._read_group([("product_id", "=", product.id)], ["partner_id"])
                }
                for name in product._success_facts()
            }
            for product in (self.product_id, self.successor_id)
        }
        former, later = of_both[self.product_id], of_both[self.successor_id]
        use = "customer.success.usage"
        names = {
            "product": self.product_id.display_name,
            "successor": self.successor_id.display_name,
        }
        effect = self.env._(
            "Customers who use both, which will be read as one product: %(both)s. Customers who use %(product)s only, and "
            "change once there is use of %(successor)s: %(rest)s.",
            both=len(former[use] & later[use]),
            rest=len(former[use] - later[use]),
            **names,
        )
        odd = []
        if not later[use]:
            odd.append(self.env._("Nobody uses %(successor)s yet.", **names))
        elif not former[use]:
            odd.append(self.env._("There is no use of %(product)s that could go on.", **names))
        if not any(later.values()):
            odd.append(self.env._("There is no renewal of %(successor)s either.", **names))
        if former[use] and later[use] and not former[use] & later[use]:
            odd.append(
                self.env._("No customer uses both. Check that this is the right product.", **names)
            )
        if not self.successor_id.active:
            odd.append(self.env._("%(successor)s is archived.", **names))
        if not self.env["customer.success.intended.use"].search_count(
            [("product_id", "=", self.successor_id.id)], limit=1
        ):
            odd.append(
                self.env._(
                    "Nobody has said what %(successor)s should be used for: the intended use of %(product)s counts.",
                    **names,
                )
            )
        return effect, "\n".join(odd)

    def action_name(self):
        """Name the successor, which rescores the customers of both products, and close the dialog."""
        self.ensure_one()
        if not self.env.user.has_group("customer_success.group_success_manager"):
            raise AccessError(self.env._("Only a customer success manager names successors."))
        self.product_id.check_access("read")
        self.successor_id.check_access("read")
        # Managers of customer success may not change products in general.
        self.product_id.sudo().write(
            {
                "success_successor_id": self.successor_id.id,
                "success_replaced_date": self.successor_id and self.date,
            }
        )
        return {"type": "ir.actions.act_window_close"}

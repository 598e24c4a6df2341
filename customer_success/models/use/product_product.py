from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

SUCCESSION = {"success_successor_id", "success_replaced_date"}


class ProductProduct(models.Model):
    """The product that took the place of another one, so that use, trend and renewals go on over the change."""

    _inherit = "product.product"

    success_successor_id = fields.Many2one(
        "product.product",
        "Successor",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        copy=False,
        check_company=True,
        groups="base.group_user",
        help="The product that took the place of this one, or its new name. At customers who use it, the use of both is "
        "read as that of one product.",
    )
    success_replaced_date = fields.Date(
        "Replaced On",
        tracking=True,
        copy=False,
        groups="base.group_user",
        help="Both are read as one product from this day on. Leave it empty for at once.",
    )
    success_predecessor_ids = fields.One2many(
        "product.product",
        "success_successor_id",
        "Took the Place Of",
        context={"active_test": False},
        groups="base.group_user",
    )

    success_has_customers = fields.Boolean(
        "Has Customers",
        compute="_compute_success_has_customers",
        search="_search_success_has_customers",
        groups="base.group_user",
        help="There is use of it, or a renewal.",
    )

    @api.depends_context("uid")
    def _compute_success_has_customers(self):
        everything = self.with_context(active_test=False)
        known = everything.search([("id", "in", self.ids), ("success_has_customers", "=", True)])
        for product in self:
            product.success_has_customers = product in known

    def _search_success_has_customers(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Only which products have customers is told, not which customers.
        queries = [
            self.env[name].sudo()._search([("product_id", "!=", False)])
            for name in self._success_facts()
        ]
        found = fields.Domain.OR(
            fields.Domain("id", "in", query.subselect("product_id")) for query in queries
        )
        return found if True in value else ~found

    @api.constrains("success_successor_id")
    def _check_success_successor(self):
        if self._has_cycle("success_successor_id"):
            raise ValidationError(
                self.env._("A product cannot take its own place, nor that of its successor.")
            )

    @api.constrains("success_successor_id", "company_id")
    def _check_success_successor_company(self):
        both = self.filtered("success_successor_id") | self.sudo().success_predecessor_ids
        both._check_company(["success_successor_id"])

    @api.model_create_multi
    def create(self, vals_list):
        if any(SUCCESSION & vals.keys() for vals in vals_list):
            self._check_success_succession()
        products = super().create(vals_list)
        products.filtered("success_successor_id")._rescore_success()
        return products

    def write(self, vals):
        if not SUCCESSION & vals.keys():
            return super().write(vals)
        self._check_success_succession()
        self._rescore_success()
        result = super().write(vals)
        self._rescore_success()
        return result

    @api.model
    def _check_success_succession(self):
        if not self.env.su and not self.env.user.has_group(
            "customer_success.group_success_manager"
        ):
            raise AccessError(
                self.env._(
                    "A successor changes the scores of all customers of both products. Ask a customer success manager."
                )
            )

    def _success_line(self):
        """Return these products with all that they replaced and all that replaced them."""
        line = found = self.sudo().with_context(active_test=False)
        while found:
            found = (found.success_successor_id | found.success_predecessor_ids) - line
            line |= found
        return line

    def _rescore_success(self):
        """Request new scores of the customers who use one of these products or its line, or have a renewal of it."""
        ids = self._success_line().ids
        customers = self.env["res.partner"].sudo()
        for name in self._success_facts():
            groups = self.env[name].sudo()._read_group([("product_id", "in", ids)], ["partner_id"])
            customers |= customers.union(*(customer for (customer,) in groups))
        self.env["customer.success.score.request"]._add(customers)

    @api.model
    def _success_facts(self):
        """Return the models whose records make a customer one of a product."""
        return ["customer.success.usage"]

    def _success_read_as(self):
        """Return, for products that one customer uses, ``{product: the last successor that is among them}``."""
        today = fields.Date.context_today(self)
        read_as = {}
        for product in self:
            last, one = product, product.sudo()
            while one.success_successor_id and (one.success_replaced_date or today) <= today:
                one = one.success_successor_id
                if one in self:
                    last = self.browse(one.id)
            read_as[product] = last
        return read_as

    def _success_current(self):
        """Return those of the products of one customer that were not replaced by another of them."""
        read_as = self._success_read_as()
        return self.filtered(lambda product: read_as[product] == product)

    def action_success_name_successor(self):
        """Open the dialog in which a manager names the successor of this product."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Name a Successor"),
            "res_model": "customer.success.succession",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_product_id": self.id,
                "default_successor_id": self.success_successor_id.id,
                "default_date": self.success_replaced_date,
            },
        }

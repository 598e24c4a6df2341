from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CustomerSuccessForWhom(models.AbstractModel):
    """A document of sales whose product may be used by another customer than the one that buys.

    A reseller orders, and the end customer uses the product: all that customer success says about the document is about
    the one who uses it (``success_about_id``). That is read through the two links and never copied.
    """

    _name = "customer.success.for.whom"
    _description = "Document That May Be for Another Customer"

    # Each document defines this field itself.
    partner_id = fields.Many2one("res.partner")
    success_for_id = fields.Many2one(
        "res.partner",
        "For Whom",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        check_company=True,
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        groups="base.group_user",
        help="The end customer, who uses the product, if another one buys it: a reseller or a parent company. It is followed "
        "there, and its term stands there. Empty: who buys uses it.",
    )
    success_about_id = fields.Many2one(
        "res.partner",
        "Used By",
        compute="_compute_success_about_id",
        search="_search_success_about_id",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends("success_for_id", "partner_id")
    def _compute_success_about_id(self):
        for document in self:
            document.success_about_id = document.success_for_id or document.partner_id

    def _search_success_about_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        other = Domain("success_for_id", "!=", False)
        return (other & Domain("success_for_id", operator, value)) | (
            ~other & Domain("partner_id", operator, value)
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "success_about_id":
            return SQL(
                "COALESCE(%s, %s)",
                self._field_to_sql(alias, "success_for_id", query),
                self._field_to_sql(alias, "partner_id", query),
            )
        return super()._field_to_sql(alias, field_expr, query)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_company_for(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_company_for(vals))

    @api.model
    def _with_company_for(self, vals):
        """Return ``vals`` with the company of a contact for whom the document is said to be."""
        if not vals.get("success_for_id"):
            return vals
        said = self.env["res.partner"].sudo().browse(vals["success_for_id"])
        return {**vals, "success_for_id": said.commercial_partner_id.id}

    def _success_customer(self):
        """Return the company that uses what is sold."""
        return (self.success_for_id or self.partner_id).commercial_partner_id

    def _success_customer_said(self, vals):
        """Return the company that uses what is sold once these values are written."""
        said = self.env["res.partner"].sudo().browse(vals["success_for_id"] or [])
        return (said or self.partner_id).commercial_partner_id

    def _success_buyer(self):
        """Return the company that buys for another one, or none if who buys uses it."""
        buyer = self.partner_id.commercial_partner_id
        return buyer if buyer != self._success_customer() else buyer.browse()

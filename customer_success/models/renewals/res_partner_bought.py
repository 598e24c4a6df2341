from odoo import api, fields, models
from odoo.fields import Domain

from ..common.known_monetary import KnownMonetary


class ResPartner(models.Model):
    """A reseller, or another company that buys for others: the pending terms that it buys, for whom, and what they are worth.

    It need not be a customer itself. It sees its part only: the terms, not what the customers said.
    """

    _inherit = "res.partner"

    success_bought_ids = fields.One2many(
        "customer.success.renewal",
        "buyer_id",
        "Bought for Others",
        groups="customer_success.group_success_user",
    )
    success_is_buyer = fields.Boolean(
        "Buys for Others",
        compute="_compute_success_is_buyer",
        store=True,
        groups="base.group_user",
        help="A term names this company as the one through which it is bought.",
    )
    success_bought_count = fields.Integer(
        "Terms Bought for Others",
        compute="_compute_success_bought",
        groups="base.group_user",
        help="The pending terms that this company buys for other customers.",
    )
    success_bought_value = KnownMonetary(
        "Value Bought for Others",
        compute="_compute_success_bought",
        currency_field="success_bought_currency_id",
        groups="base.group_user",
        help="The annual value of these terms in the currency of your company. It is unknown if a rate is missing. In all sums "
        "it counts at the customers who use the products.",
    )
    success_bought_currency_id = fields.Many2one(
        "res.currency", compute="_compute_success_bought", groups="base.group_user"
    )

    @api.model
    def _success_bought_terms(self):
        """Return the model in which this user sees terms, or ``None``; salespeople see theirs in the pipeline."""
        terms = self.env["customer.success.renewal"].sudo(False)
        return terms if terms.has_access("read") else None

    @api.model
    def _success_bought_domain(self):
        return Domain("outcome", "=", "pending") & Domain(
            "partner_id.success_is_followed", "=", True
        )

    @api.depends("success_bought_ids")
    def _compute_success_is_buyer(self):
        """Note who buys for others, so that the form of a contact asks for nothing more."""
        terms = self.env["customer.success.renewal"].with_context(active_test=False)
        groups = terms._read_group([("buyer_id", "in", self.ids)], ["buyer_id"])
        buyers = {buyer.id for (buyer,) in groups}
        for partner in self:
            partner.success_is_buyer = partner.id in buyers

    @api.depends("success_bought_ids")
    @api.depends_context("uid", "allowed_company_ids", "company")
    def _compute_success_bought(self):
        """Count and add up what each company buys, with one query for all."""
        company = self.env.company
        terms, found, today = self._success_bought_terms(), {}, fields.Date.today()
        if terms is not None:
            domain = Domain("buyer_id", "in", self.ids) & self._success_bought_domain()
            groups = terms._read_group(
                domain,
                ["buyer_id", self._success_bought_currency(terms)],
                ["__count", "annual_value:sum"],
            )
            for buyer, currency, count, value in groups:
                mine = found.setdefault(buyer.id, [0, 0.0])
                mine[0] += count
                amount = currency._success_convert(value, company.currency_id, company, today)
                mine[1] = None if None in (mine[1], amount) else mine[1] + amount
        for partner in self:
            count, value = found.get(partner.id, (0, 0.0))
            partner.success_bought_count = count
            partner.success_bought_value = False if value is None else value
            partner.success_bought_currency_id = company.currency_id

    @api.model
    def _success_bought_currency(self, terms):
        """Return the name of the currency in which these terms were agreed."""
        return "currency_id"

    def action_success_bought(self):
        """Open the terms that this company buys for others."""
        self.ensure_one()
        terms = self._success_bought_terms()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bought for Others"),
            "res_model": (
                terms if terms is not None else self.env["customer.success.renewal"]
            )._name,
            "view_mode": "list,kanban,form",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("buyer_id", "=", self.id)],
            "context": {"search_default_pending": 1, "create": False},
        }

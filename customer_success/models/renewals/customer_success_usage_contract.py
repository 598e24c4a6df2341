from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.known_float import KnownFloat

COUNTS = ("licensed_users", "active_users")
# The key of the context under which the system writes parts whose sum was written before.
LANDED = "success_parts_landed"


class CustomerSuccessUsageContract(models.Model):
    """The part of a period's use that belongs to one contract, if a customer has several of one product.

    Use that names no contract counts for all contracts of its product. The users of the parts add up to those of the
    product, which are what everything else reads; the contraction risk of a contract reads its own part.
    """

    _name = "customer.success.usage.contract"
    _inherit = ["customer.success.fact"]
    _description = "Use under One Contract"
    _order = "usage_id desc, contract_number"
    _rec_name = "contract_number"

    usage_id = fields.Many2one(
        "customer.success.usage", "Use", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="usage_id.partner_id", store=True, precompute=True)
    contract_number = fields.Char(required=True)
    licensed_users = KnownFloat(digits=(16, 0), aggregator="sum")
    active_users = KnownFloat(digits=(16, 0), aggregator="sum")

    _contract_uniq = models.UniqueIndex(
        "(usage_id, lower(contract_number))",
        "The use of this contract in this period is already there. Change that line instead.",
    )
    _check_users = models.Constraint(
        "CHECK(licensed_users BETWEEN 0 AND 1e12 AND active_users BETWEEN 0 AND 1e12)",
        "The number of users cannot be negative.",
    )

    @api.constrains("contract_number", "usage_id")
    def _check_contract(self):
        known = self._contracts(self.usage_id.partner_id.ids)
        for part in self:
            usage = part.usage_id
            key = (usage.partner_id.id, usage.product_id.id, part.contract_number.lower())
            if key not in known:
                raise ValidationError(self._say_unknown(part.contract_number))

    def _check_entered(self):
        """Refuse what a person enters or changes; extensions say what."""

    @api.model
    def _contracts(self, partner_ids):
        """Return the contracts of these customers as ``{(customer, product, number in lower case)}``; one query."""
        terms = self.env["customer.success.renewal"].sudo().with_context(active_test=False)
        rows = terms._read_group(
            [
                ("partner_id", "in", partner_ids),
                ("product_id", "!=", False),
                ("contract_number", "!=", False),
            ],
            ["partner_id", "product_id", "contract_number"],
        )
        return {(partner.id, product.id, number.lower()) for partner, product, number in rows}

    @api.model
    def _say_unknown(self, number):
        return self.env._("There is no contract “%s” of this product at this customer.", number)

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_entered()
        if not (self.env.su and self.env.context.get(LANDED)):
            parts.usage_id._add_up_contracts()
        return parts

    def write(self, vals):
        self._check_entered()
        uses = self.usage_id
        result = super().write(vals)
        self._check_entered()
        if not (self.env.su and self.env.context.get(LANDED)):
            (uses | self.usage_id)._add_up_contracts()
        return result

    def unlink(self):
        self._check_entered()
        uses = self.usage_id
        result = super().unlink()
        uses.exists()._add_up_contracts()
        return result

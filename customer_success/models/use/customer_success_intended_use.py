from odoo import api, fields, models

from ..common.known_float import KnownFloat
from .customer_success_usage_figures import DEGREES


def _target(code):
    return KnownFloat(
        DEGREES[code], digits=(5, 1), help="The degree that counts as full marks; empty for 100."
    )


class CustomerSuccessIntendedUse(models.Model):
    """What use of a product is meant to look like, for everybody or for one customer.

    Degrees of use are measured against these targets: 60 of an intended 60 is full use.
    """

    _name = "customer.success.intended.use"
    _description = "Intended Use of a Product"
    _order = "product_id, partner_id nulls first"
    _rec_name = "product_id"

    product_id = fields.Many2one("product.product", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index="btree_not_null",
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
        help="Empty: for all customers of the product that have no line of their own.",
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    statement = fields.Text(
        "Who Does What in It, and When",
        help="What this product is meant to be used for here, in a few sentences.",
    )
    adoption = KnownFloat(
        "Adoption Rate %",
        digits=(5, 1),
        help="The share of the licensed users that should be active; empty for the one in the settings.",
    )
    as_intended = _target("as_intended")
    timely = _target("timely")
    quality = _target("quality")
    frequency = _target("frequency")
    in_place = _target("in_place")
    accuracy = _target("accuracy")

    _own_uniq = models.UniqueIndex(
        "(product_id, partner_id) WHERE partner_id IS NOT NULL",
        "The intended use of this product at this customer is written down already. Change that entry.",
    )
    _usual_uniq = models.UniqueIndex(
        "(product_id) WHERE partner_id IS NULL",
        "The usual intended use of this product is written down already. Change that entry.",
    )
    _check_targets = models.Constraint(
        "CHECK(adoption BETWEEN 1 AND 100 AND as_intended BETWEEN 1 AND 100"
        " AND timely BETWEEN 1 AND 100 AND quality BETWEEN 1 AND 100"
        " AND frequency BETWEEN 1 AND 100 AND in_place BETWEEN 1 AND 100"
        " AND accuracy BETWEEN 1 AND 100)",
        "Targets go from 1 to 100; leave empty what has none.",
    )

    def _compute_display_name(self):
        for use in self:
            product = use.product_id.sudo().with_context(display_default_code=False).display_name
            customer = use.partner_id.display_name
            use.display_name = f"{product}: {customer}" if customer else product

    @api.model_create_multi
    def create(self, vals_list):
        uses = super().create(vals_list)
        uses._rescore()
        return uses

    def write(self, vals):
        self._rescore()
        result = super().write(vals)
        self._rescore()
        return result

    def unlink(self):
        self._rescore()
        return super().unlink()

    def _rescore(self):
        """Ask for the customers to be rescored whose use is measured against these targets."""
        own = self.partner_id
        usual = self.filtered(lambda use: not use.partner_id).product_id
        users = self.env["customer.success.usage"].sudo()
        if usual:
            own |= users.search([("product_id", "in", usual.ids)]).partner_id
        self.env["customer.success.score.request"]._add(own)

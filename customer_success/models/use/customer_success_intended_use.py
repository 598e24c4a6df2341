from odoo import api, fields, models

from ..common.known_float import KnownFloat
from .customer_success_usage_figures import DEGREES


def _target(code):
    return KnownFloat(
        DEGREES[code], digits=(5, 1), help="The degree that counts as 100 %. Leave empty for 100."
    )


class CustomerSuccessIntendedUse(models.Model):
    """The intended use of a product, for all customers or for one of them.

    Degrees of use are measured against these targets: 60 with a target of 60 counts as 100.
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
        help="Leave empty to apply this to all customers of the product without an entry of their own.",
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    statement = fields.Text(
        "Who Does What, and When",
        help="Describe in a few sentences what the product should be used for here.",
    )
    forced_use = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        "Work Cannot Be Done without It",
        help="If people cannot do their work without the product, many users say nothing: what counts is how they use "
        "it. Few users still count. Leave it empty to use the entry for all customers.",
    )
    adoption = KnownFloat(
        "Adoption Rate %",
        digits=(5, 1),
        help="The percentage of licensed users that should be active. Leave empty to use the setting.",
    )
    as_intended = _target("as_intended")
    timely = _target("timely")
    quality = _target("quality")
    frequency = _target("frequency")
    in_place = _target("in_place")
    accuracy = _target("accuracy")

    _own_uniq = models.UniqueIndex(
        "(product_id, partner_id) WHERE partner_id IS NOT NULL",
        "The intended use of this product at this customer is already recorded. Change that entry instead.",
    )
    _usual_uniq = models.UniqueIndex(
        "(product_id) WHERE partner_id IS NULL",
        "The intended use of this product for all customers is already recorded. Change that entry instead.",
    )
    _check_targets = models.Constraint(
        "CHECK(adoption BETWEEN 1 AND 100 AND as_intended BETWEEN 1 AND 100"
        " AND timely BETWEEN 1 AND 100 AND quality BETWEEN 1 AND 100"
        " AND frequency BETWEEN 1 AND 100 AND in_place BETWEEN 1 AND 100"
        " AND accuracy BETWEEN 1 AND 100)",
        "Targets must be between 1 and 100. Leave a target empty if there is none.",
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
        """Request new scores of the customers whose use is measured against these targets."""
        own = self.partner_id
        usual = self.filtered(lambda use: not use.partner_id).product_id
        users = self.env["customer.success.usage"].sudo()
        if usual:
            own |= users.search([("product_id", "in", usual.ids)]).partner_id
        self.env["customer.success.score.request"]._add(own)

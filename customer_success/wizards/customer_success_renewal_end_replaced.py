from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..models.common.proposed import PROPOSED
from ..scoring.terms import outcomes_of


class CustomerSuccessRenewalEnd(models.TransientModel):
    """The question if another product took the place of the one that ends, where one begins as the other ends."""

    _inherit = "customer.success.renewal.end"

    candidate_ids = fields.Many2many(
        "customer.success.renewal", compute="_compute_candidates", compute_sudo=False
    )
    replaced_by_id = fields.Many2one(
        "customer.success.renewal",
        compute="_compute_replaced_by",
        **PROPOSED,
        domain="[('id', 'in', candidate_ids)]",
        help="The product with which the customer goes on. What is kept is then the value of that one.",
    )
    is_not_replaced = fields.Boolean("They Are Two Different Things")
    replaced_text = fields.Char("Maybe Replaced", compute="_compute_candidates", compute_sudo=False)

    @api.depends("renewal_id")
    def _compute_candidates(self):
        for end in self:
            terms = end.renewal_id._may_be_replaced_by() if end.renewal_id else end.renewal_id
            terms = terms._filtered_access("read")
            end.candidate_ids = terms
            came = terms[:1]
            end.replaced_text = (
                self.env._(
                    "%(product)s begins on %(date)s, for %(value)s a year. If it takes the place of this product, choose it under "
                    "“Replaced By”: the customer then stays.",
                    product=came.product_id.name or came.display_name,
                    date=format_date(self.env, came.date_start),
                    value=came.currency_id.format(came.annual_value),
                )
                if came
                else False
            )

    @api.depends("renewal_id")
    def _compute_replaced_by(self):
        for end in self:
            end.replaced_by_id = end.renewal_id.replaced_by_id

    @api.depends("replaced_by_id")
    def _compute_next_text(self):
        result = super()._compute_next_text()
        for end in self.filtered(lambda end: end.replaced_by_id and end.next_text):
            end.next_text = self.env._(
                "The customer goes on with “%s”. No other term is created.",
                end.replaced_by_id.display_name,
            )
        return result

    @api.onchange("replaced_by_id")
    def _onchange_replaced_by_id(self):
        renewal, came = self.renewal_id, self.replaced_by_id
        if not came or came == renewal.replaced_by_id:
            return
        worth = renewal._worth_of(came, renewal | came.replaced_ids)
        self.outcome = outcomes_of((self.annual_value, 0), (worth, 0))[-1]
        self.renewed_value, self.renewed_seats = worth, self.seats

    def action_end(self):
        """Ask if another product took the place of this one before it counts as lost."""
        self.ensure_one()
        asks = self.outcome == "churned" and self.candidate_ids
        if asks and not (self.replaced_by_id or self.is_not_replaced):
            raise ValidationError(
                self.env._(
                    "%s Otherwise, say that they are two different things.", self.replaced_text
                )
            )
        return super().action_end()

    def _next_amount(self):
        vals = super()._next_amount()
        if self.replaced_by_id:
            return {**vals, "replaced_by_id": self.replaced_by_id.id}
        if self.renewal_id.replaced_by_id:
            vals = {**vals, "replaced_by_id": False}
        return {**vals, "is_not_replaced": self.is_not_replaced}

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.known_float import KnownFloat

KINDS = [
    ("adoption", "Adoption Rate"),
    ("use", "Degrees of Use"),
    ("value", "Value Confirmed"),
    ("sustain", "Use Kept"),
]


class CustomerSuccessTarget(models.Model):
    """A target for a year after go-live, in %, against which that year of each customer is held.

    A target is for all customers, a segment, or one customer, and for all their use or one product. The most special
    one counts: a customer's own before that of its segment, and that before the one for all. It holds for the later
    years as well, until another one of the same kind begins: what is wanted after go-live has no end.
    """

    _name = "customer.success.target"
    _inherit = ["mail.thread"]
    _description = "Target for a Year after Go-Live"
    _order = "partner_id nulls first, segment_id nulls first, product_id nulls first, kind, year"
    _rec_name = "kind"

    kind = fields.Selection(
        KINDS,
        required=True,
        default="adoption",
        tracking=True,
        help="Adoption rate: the mean of the months. Degrees of use: their mean, in % of what is intended. Value confirmed: "
        "the objectives due in the year, as the health score counts them. Use kept: the active users in % of the "
        "same months a year before.",
    )
    year = fields.Integer(
        "From Year",
        required=True,
        default=1,
        tracking=True,
        aggregator=None,
        help="The first year after go-live for which it holds. It holds for later years until another target begins.",
    )
    target = KnownFloat("Target %", digits=(5, 1), required=True, tracking=True)
    segment_id = fields.Many2one(
        "customer.success.segment",
        index="btree_not_null",
        ondelete="cascade",
        tracking=True,
        help="Leave it empty for all customers.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index="btree_not_null",
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
        tracking=True,
        help="Set it for a target of this customer alone.",
    )
    product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="cascade",
        tracking=True,
        help="Set it to hold this product against a target of its own. Leave it empty for all products together.",
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, index="btree_not_null"
    )
    active = fields.Boolean(default=True, tracking=True)
    note = fields.Char(
        "Reason", help="The reason why this customer or product has a target of its own."
    )

    _once = models.UniqueIndex(
        "(kind, year, COALESCE(segment_id, 0), COALESCE(partner_id, 0), COALESCE(product_id, 0)) WHERE active",
        "There is already such a target for the same year and the same customers. Change that one instead.",
    )
    _check_year = models.Constraint(
        "CHECK(year BETWEEN 1 AND 50)",
        "The first year after go-live is year 1. Enter a year from 1 to 50.",
    )
    _check_target = models.Constraint(
        "CHECK(target BETWEEN 1 AND 100)",
        "A target must be between 1 and 100 %. Archive it if there is none.",
    )
    _check_scope = models.Constraint(
        "CHECK(segment_id IS NULL OR partner_id IS NULL)",
        "A target is for a segment or for one customer, not for both.",
    )

    @api.depends("segment_id.company_id", "partner_id.company_id")
    def _compute_company_id(self):
        for target in self:
            target.company_id = target.partner_id.company_id or target.segment_id.company_id

    @api.depends("kind", "year", "target", "segment_id", "partner_id", "product_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for target in self:
            product = target.product_id.sudo().with_context(display_default_code=False)
            whom = target.partner_id or target.segment_id
            scope = [one.display_name for one in (whom, product) if one]
            target.display_name = self.env._(
                "%(kind)s from year %(year)d: %(target).0f %% (%(scope)s)",
                kind=kinds.get(target.kind, ""),
                year=target.year,
                target=target.target or 0,
                scope=", ".join(scope) or self.env._("all customers"),
            )

    @api.constrains("kind", "year", "product_id")
    def _check_kind(self):
        for target in self:
            if target.kind == "sustain" and target.year == 1:
                raise ValidationError(
                    self.env._(
                        "Use kept is compared with the year before, which year 1 does not have. Enter year 2 or a later one."
                    )
                )
            if target.kind == "value" and target.product_id:
                raise ValidationError(
                    self.env._(
                        "The value that a customer confirms is compared with a target as a whole. Leave the product empty."
                    )
                )

    @api.constrains("partner_id")
    def _check_partner(self):
        for target in self:
            if target.partner_id and not target.partner_id.sudo().success_stage_id:
                raise ValidationError(
                    self.env._(
                        "%s is not followed, so no year of it can be compared with a target.",
                        target.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        self.env["customer.success.tenure"]._refresh_all()
        return targets

    def write(self, vals):
        result = super().write(vals)
        self.env["customer.success.tenure"]._refresh_all()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["customer.success.tenure"]._refresh_all()
        return result

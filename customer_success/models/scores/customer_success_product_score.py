from odoo import api, fields, models

from ..common.known_float import KnownFloat
from ..common.money import Money
from ..common.plain_json import PlainJson
from .customer_success_renewal_score import RISK_BANDS
from .customer_success_score import HEALTH_BANDS


class CustomerSuccessProductScore(models.Model):
    """The score of one product at a customer, which only the scoring engine writes.

    The same formulas run over the product's use, barriers and objectives; people, plan and answers count alike for
    all products. The health of the customer is the mean of its products' by annual value.
    """

    _name = "customer.success.product.score"
    _inherit = "customer.success.scored"
    _description = "Score of a Product at a Customer"
    _log_access = False
    _order = "partner_id, health, id"
    _rec_name = "product_id"
    _unknown_last = ("value_at_risk",)
    _sorted_by = {"risk_band": "churn_risk", "health_band": "health"}

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    product_id = fields.Many2one("product.product", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="partner_id.company_id")
    user_id = fields.Many2one(related="partner_id.success_user_id", string="CSM")
    stage_id = fields.Many2one(related="partner_id.success_stage_id", string="Stage")
    segment_id = fields.Many2one(related="partner_id.success_segment_id", string="Segment")
    health = KnownFloat(
        digits=(5, 1), help="The health score of this product, from 0 to 100; high is good."
    )
    health_band = fields.Selection(HEALTH_BANDS)
    confidence = KnownFloat(
        "Known %", digits=(5, 1), help="The share of the health score's weight that is known."
    )
    adoption = KnownFloat("Adoption Rate %", digits=(5, 1))
    churn_risk = KnownFloat(
        "Churn Risk %",
        digits=(5, 1),
        help="The probability that the renewal of this product is lost, from 0 to 100 %; high is bad.",
    )
    risk_band = fields.Selection(RISK_BANDS, "Risk")
    renewal_id = fields.Many2one(
        "customer.success.renewal",
        index="btree_not_null",
        ondelete="set null",
        help="The renewal whose risk stands for this product.",
    )
    date_renewal = fields.Date(related="renewal_id.date_renewal", string="Renewal Date")
    value_at_risk = Money()
    currency_id = fields.Many2one("res.currency")
    symptom_count = fields.Integer(
        "Symptoms",
        compute="_compute_symptom_count",
        help="The symptoms of misuse found in the use of this product.",
    )
    is_worst = fields.Boolean(
        "Worst Product", help="Another product of this customer has a higher health score."
    )
    # Only the explanation reads it: the factors that differ from product to product. Empty for the one product of a
    # customer, whose breakdown is the customer's.
    breakdown = PlainJson(prefetch=False)

    _partner_product_uniq = models.UniqueIndex(
        "(partner_id, product_id)", "A product has one score at a customer."
    )

    @api.depends("partner_id", "product_id")
    def _compute_symptom_count(self):
        flags = self.env["customer.success.symptom.flag"]._read_group(
            [("partner_id", "in", self.partner_id.ids), ("date_to", "=", False)],
            ["partner_id", "product_id"],
            ["__count"],
        )
        found = {(partner.id, product.id): count for partner, product, count in flags}
        for score in self:
            score.symptom_count = found.get((score.partner_id.id, score.product_id.id), 0)

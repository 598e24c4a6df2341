from odoo import api, fields, models

from .known_float import KnownFloat


class CustomerSuccessRenewal(models.Model):
    """One contract term coming up: what it is worth, when it ends, and what became of it."""

    _name = "customer.success.renewal"
    _inherit = ["customer.success.fact", "mail.thread", "mail.activity.mixin"]
    _description = "Renewal"
    _order = "date_renewal, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
        check_company=True,
        domain=[("success_stage_id", "!=", False)],
    )
    success_user_id = fields.Many2one(related="partner_id.success_user_id", string="CSM")
    product_id = fields.Many2one("product.product", index="btree_not_null", check_company=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_start = fields.Date("Term From")
    date_renewal = fields.Date(
        required=True, tracking=True, help="The day the current term ends unless it is renewed."
    )
    date_notice = fields.Date(help="The last day on which they may give notice.")
    annual_value = fields.Monetary(tracking=True)
    seats = fields.Integer(
        help="Users or licences bought; 0 when the contract does not count them."
    )
    outcome = fields.Selection(
        [
            ("pending", "Pending"),
            ("renewed", "Renewed"),
            ("expanded", "Expanded"),
            ("contracted", "Contracted"),
            ("churned", "Churned"),
        ],
        required=True,
        default="pending",
        tracking=True,
    )
    date_outcome = fields.Date("Decided On")
    renewed_value = fields.Monetary()
    renewed_seats = fields.Integer()

    # The machine's score, in its own table
    score_id = fields.Many2one(
        "customer.success.renewal.score", readonly=True, copy=False, index="btree_not_null"
    )
    churn_risk = KnownFloat(related="score_id.churn_risk", string="Risk of Leaving %")
    risk_band = fields.Selection(related="score_id.risk_band", string="Risk")
    contraction_risk = KnownFloat(related="score_id.contraction_risk", string="Risk of Shrinking %")
    expected_seats = KnownFloat(related="score_id.expected_seats")
    score_currency_id = fields.Many2one(related="score_id.currency_id", string="Company Currency")
    value_at_risk = fields.Monetary(
        related="score_id.value_at_risk", currency_field="score_currency_id"
    )

    _pending_idx = models.Index("(partner_id) WHERE active AND outcome = 'pending'")
    _check_seats = models.Constraint(
        "CHECK(seats >= 0 AND renewed_seats >= 0)", "The number of seats cannot be negative."
    )
    _check_value = models.Constraint(
        "CHECK(annual_value BETWEEN 0 AND 1e15 AND renewed_value BETWEEN 0 AND 1e15)",
        "The value of a renewal cannot be negative.",
    )
    _check_term = models.Constraint(
        "CHECK(date_start < date_renewal)", "A term must end after it starts."
    )
    _check_notice = models.Constraint(
        "CHECK(date_notice <= date_renewal)", "Notice is given before the term ends."
    )

    @api.depends("partner_id.name", "product_id.name", "date_renewal")
    def _compute_name(self):
        for renewal in self:
            parts = [renewal.partner_id.name, renewal.product_id.name]
            if renewal.date_renewal:
                parts.append(fields.Date.to_string(renewal.date_renewal))
            renewal.name = " · ".join(part for part in parts if part)

    @api.depends("partner_id")
    def _compute_company_id(self):
        for renewal in self:
            renewal.company_id = (
                renewal.partner_id.company_id or renewal.company_id or self.env.company
            )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for renewal in self:
            renewal.currency_id = renewal.currency_id or renewal.company_id.currency_id

    @api.model_create_multi
    def create(self, vals_list):
        renewals = super().create([self._without_score(vals) for vals in vals_list])
        renewals._stamp_outcome()
        return renewals

    def write(self, vals):
        result = super().write(self._without_score(vals))
        if "outcome" in vals:
            self._stamp_outcome()
        return result

    @api.model
    def _without_score(self, vals):
        """A link to another renewal's score would show that score: only the system sets it."""
        if self.env.su or "score_id" not in vals:
            return vals
        return {name: value for name, value in vals.items() if name != "score_id"}

    def _stamp_outcome(self):
        """Date an outcome that has none yet; a forecast ends with the outcome."""
        ended = self.filtered(lambda renewal: renewal.outcome != "pending")
        (self - ended).filtered("date_outcome").date_outcome = False
        ended.filtered(lambda r: not r.date_outcome).date_outcome = fields.Date.context_today(self)
        ended.sudo().score_id.unlink()

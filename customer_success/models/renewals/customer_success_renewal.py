from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from ...scoring.terms import OUTCOMES, same_contract
from ..common.machine_fields import without_defaults
from ..common.money import Money

# Fields that only the system sets. The opportunity is won or lost in sudo when the renewal ends, so a
# user who could choose it could win any opportunity.
MACHINE = (
    "counted_value",
    "is_generated",
    "source_name",
    "source_values",
    "lead_id",
    "anchor_start",
    "anchor_end",
)


class CustomerSuccessRenewal(models.Model):
    """A contract term of a customer: its value, its end, and its outcome."""

    _name = "customer.success.renewal"
    _inherit = [
        "customer.success.fact",
        "customer.success.revenue.source",
        "mail.thread",
        "mail.activity.mixin",
    ]
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
    segment_id = fields.Many2one(
        related="partner_id.success_segment_id",
        string="Segment",
        help="The segment of the customer today.",
    )
    product_id = fields.Many2one("product.product", index="btree_not_null", check_company=True)
    contract_number = fields.Char(
        copy=False,
        tracking=True,
        help="The number of the contract. Several contracts of one product at a customer need one each: of two sites, of two "
        "departments, or of a pilot beside the main one.",
    )
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
    date_start = fields.Date("Term Start")
    date_renewal = fields.Date(
        required=True,
        tracking=True,
        help="The day on which the current term ends unless it is renewed, as it is written in the contract.",
    )
    date_notice = fields.Date(help="The last day on which the customer may give notice.")
    annual_value = Money(tracking=True)
    seats = fields.Integer(
        help="The number of users or licences bought. Use 0 if the contract does not count them."
    )
    # Outcome; its rules are in customer_success_renewal_outcome.py
    outcome = fields.Selection(
        OUTCOMES, required=True, default="pending", tracking=True, copy=False
    )
    date_outcome = fields.Date("Decided On", copy=False)
    renewed_value = Money(
        copy=False, help="The value of the next term a year. It is 0 if the customer churned."
    )
    renewed_seats = fields.Integer(copy=False)
    reason_id = fields.Many2one(
        "customer.success.renewal.reason",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        tracking=True,
    )
    reason_note = fields.Text("In Their Words", copy=False)
    previous_id = fields.Many2one(
        "customer.success.renewal",
        "Previous Term",
        index="btree_not_null",
        copy=False,
        check_company=True,
        domain="[('partner_id', '=', partner_id), ('id', '!=', id)]",
    )
    next_ids = fields.One2many("customer.success.renewal", "previous_id", "Next Terms")
    is_generated = fields.Boolean(
        "Untouched",
        readonly=True,
        copy=False,
        help="The term was created when the previous one was renewed, and nobody has changed it since.",
    )

    # Opportunities of sales
    lead_ids = fields.One2many(
        "crm.lead", "success_renewal_id", "Opportunities", context={"active_test": False}
    )
    lead_id = fields.Many2one(
        "crm.lead",
        "Opportunity",
        compute="_compute_lead_id",
        store=True,
        index="btree_not_null",
        ondelete="set null",
    )

    rate_missing = fields.Char(
        "Exchange Rate",
        compute="_compute_rate_missing",
        help="Without an exchange rate, nothing is counted in the company's currency.",
    )

    _pending_idx = models.Index("(partner_id) WHERE active AND outcome = 'pending'")
    _due_idx = models.Index("(date_renewal) WHERE active AND outcome = 'pending'")
    _terms_idx = models.Index("(partner_id, product_id) WHERE active AND product_id IS NOT NULL")
    _generated_uniq = models.UniqueIndex(
        "(previous_id) WHERE is_generated", "The next term already exists."
    )
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
        "CHECK(date_notice <= date_renewal)", "The notice date cannot be after the end of the term."
    )

    @api.depends("partner_id.name", "product_id.name", "contract_number", "date_renewal")
    def _compute_name(self):
        for renewal in self:
            parts = [renewal.partner_id.name, renewal.product_id.name, renewal.contract_number]
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

    @api.depends("lead_ids")
    def _compute_lead_id(self):
        for renewal in self:
            renewal.lead_id = renewal.lead_ids[:1]

    @api.depends("currency_id", "company_id")
    def _compute_rate_missing(self):
        factors = self.currency_id._success_factors(self.company_id, fields.Date.today())
        today = format_date(self.env, fields.Date.today())
        for renewal in self:
            renewal.rate_missing = (
                self.env._(
                    "There is no exchange rate for %(currency)s on %(date)s.",
                    currency=renewal.currency_id.name,
                    date=today,
                )
                if renewal.currency_id
                and (renewal.company_id.id, renewal.currency_id.id) not in factors
                else False
            )

    # ------------------------------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------------------------------

    @api.constrains(
        "partner_id",
        "product_id",
        "contract_number",
        "company_id",
        "date_start",
        "date_renewal",
        "active",
    )
    def _check_overlap(self):
        """Refuse overlapping terms of one product at one customer, unless both have contract numbers that differ; one query.

        The next term may begin on the renewal date of this one, even if that is meant to be its last day: many
        contracts are written so. A term without a start counts with its last day only. Generated terms are not
        compared: they give way.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mine.id, other.id
                  FROM customer_success_renewal mine
                  JOIN customer_success_renewal other
                    ON other.partner_id = mine.partner_id
                   AND other.product_id = mine.product_id
                   AND other.company_id = mine.company_id
                   AND other.id <> mine.id
                   AND other.active
                   AND other.is_generated IS NOT TRUE
                   AND COALESCE(other.date_start, other.date_renewal - 1) < mine.date_renewal
                   AND other.date_renewal > COALESCE(mine.date_start, mine.date_renewal - 1)
                   AND %(same_contract)s
                 WHERE mine.id = ANY(%(ids)s)
                   AND mine.active
                   AND mine.is_generated IS NOT TRUE
              ORDER BY mine.id DESC, other.id
                 LIMIT 1
                """,
                same_contract=SQL(same_contract("mine", "other")),
                ids=self.ids,
            )
        )
        for mine_id, other_id in rows:
            mine, other = self.browse(mine_id), self.sudo().browse(other_id)
            if mine.contract_number and other.contract_number:
                raise ValidationError(
                    self.env._(
                        "%(customer)s already has a term of %(product)s in contract %(number)s that ends on %(end)s. It overlaps "
                        "with the term that ends on %(date)s: correct the dates or the number.",
                        customer=mine.partner_id.name,
                        product=mine.product_id.name,
                        number=other.contract_number,
                        end=format_date(self.env, other.date_renewal),
                        date=format_date(self.env, mine.date_renewal),
                    )
                )
            raise ValidationError(
                self.env._(
                    "%(customer)s already has a term of %(product)s that ends on %(end)s. It overlaps with the "
                    "term that ends on %(date)s: correct the dates. If these are two contracts, give each its contract number.",
                    customer=mine.partner_id.name,
                    product=mine.product_id.name,
                    end=format_date(self.env, other.date_renewal),
                    date=format_date(self.env, mine.date_renewal),
                )
            )

    @api.constrains("previous_id", "partner_id")
    def _check_previous(self):
        for renewal in self.filtered("previous_id"):
            before = renewal.previous_id
            if before == renewal or before.partner_id != renewal.partner_id:
                raise ValidationError(
                    self.env._("The previous term must be another term of the same customer.")
                )

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self = without_defaults(self, self._machine_fields())
        vals_list = [
            self._with_outcome(self._without_machine(_with_number(vals))) for vals in vals_list
        ]
        renewals = super().create(vals_list)
        renewals._outcome_changed(is_new=True)
        return renewals

    def write(self, vals):
        vals = self._touched(self._without_machine(_with_number(vals)))
        result = True
        for renewals, complete in self._complete_outcome(vals):
            result = super(CustomerSuccessRenewal, renewals).write(complete)
        self._written(vals)
        return result

    @api.model
    def _without_machine(self, vals):
        """Return ``vals`` without the fields that only the system may set; in sudo, unchanged."""
        if self.env.su:
            return vals
        machine = self._machine_fields()
        return {name: value for name, value in vals.items() if name not in machine}

    @api.model
    def _machine_fields(self):
        """Return the names of the fields that only the system sets; higher wings extend it."""
        return {*MACHINE}


def _with_number(vals):
    """Return ``vals`` with a contract number without spaces around it; blank is none."""
    if "contract_number" not in vals:
        return vals
    return {**vals, "contract_number": " ".join((vals["contract_number"] or "").split()) or False}

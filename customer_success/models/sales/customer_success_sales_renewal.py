from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...scoring.followed import followed
from ...scoring.money import converted
from ..common.known_float import KnownFloat
from ..common.money import Money
from ..scores.customer_success_overuse import true_up_rest_sql, true_up_sql
from ..scores.customer_success_renewal_forecast import FORECASTS, suggested_sql
from ..scores.customer_success_renewal_score import RISK_BANDS


class CustomerSuccessSalesRenewal(models.Model):
    """A renewal as sales sees it: its value, its risk with the reasons, and the forecast.

    This is a view instead of rights on the renewal: it does not contain the notes, conversations, activities
    and attachments of the customer success team, nor any field that is added to a renewal later. Only the
    forecast is written, through the renewal itself.

    A pending renewal counts only as long as its customer is followed; ended ones stay.

    Amounts are in the currency of the company that the user works in, at today's rate, so that they add up.
    Without a rate the amount is unknown, and ``rate_missing`` is set.
    """

    _name = "customer.success.sales.renewal"
    _inherit = ["customer.success.scored", "customer.success.undoable"]
    _description = "Renewal in the Pipeline"
    _auto = False
    _order = "date_renewal, id"
    _unknown_last = ("value", "value_at_risk", "true_up", "true_up_rest")
    _sorted_by = {"risk_band": "churn_risk"}
    _depends = {
        "customer.success.renewal": [
            "active",
            "annual_value",
            "auto_renew",
            "buyer_id",
            "company_id",
            "contract_number",
            "currency_id",
            "date_decision",
            "date_notice",
            "date_renewal",
            "date_start",
            "end_is_last_day",
            "forecast",
            "lead_id",
            "is_rolling",
            "name",
            "notice_given_on",
            "notice_kind",
            "notice_seats",
            "notice_value",
            "outcome",
            "overuse_id",
            "partner_id",
            "product_id",
            "score_id",
            "seats",
        ],
        "customer.success.renewal.score": [
            "churn_risk",
            "contraction_risk",
            "currency_id",
            "expected_seats",
            "risk_band",
            "value_at_risk",
        ],
        "customer.success.overuse": ["date_since", "true_up", "users_over"],
        "crm.lead": ["user_id"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": [
            "active",
            "success_former_date",
            "success_stage_id",
            "success_user_id",
            "user_id",
        ],
    }

    name = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    buyer_id = fields.Many2one(
        "res.partner",
        "Bought Through",
        readonly=True,
        help="The company that buys the term for this customer. Empty: the customer buys.",
    )
    product_id = fields.Many2one("product.product", readonly=True)
    contract_number = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        readonly=True,
        help="The salesperson of the opportunity of this renewal, else of who buys, else of the customer.",
    )
    success_user_id = fields.Many2one("res.users", "CSM", readonly=True)
    success_stage_id = fields.Many2one(related="partner_id.success_stage_id", string="Adoption")
    lead_id = fields.Many2one("crm.lead", "Opportunity", readonly=True)
    is_mine = fields.Boolean(
        "My Renewals",
        compute="_compute_is_mine",
        search="_search_is_mine",
        help="You are the salesperson of this customer, or it has none.",
    )

    # The term
    date_start = fields.Date("Term Start", readonly=True)
    date_renewal = fields.Date("Renewal", readonly=True)
    term_text = fields.Char("Runs", compute="_compute_term_text", compute_sudo=True)
    date_notice = fields.Date("Notice By", readonly=True)
    date_decision = fields.Date(
        "Decided By",
        readonly=True,
        help="The notice date of a contract that renews itself; otherwise, and after a notice, the renewal date.",
    )
    auto_renew = fields.Boolean("Renews Itself", readonly=True)
    notice_given_on = fields.Date(readonly=True)
    notice_kind = fields.Selection(
        selection=lambda self: (
            self.env["customer.success.renewal"]._fields["notice_kind"].selection
        ),
        string="Notice",
        readonly=True,
    )
    notice_said = fields.Char("About the Notice", compute="_compute_notice_said", compute_sudo=True)
    seats = fields.Integer(readonly=True)
    outcome = fields.Selection(
        selection=lambda self: self.env["customer.success.renewal"]._fields["outcome"].selection,
        readonly=True,
    )

    # Money: as agreed, and in the currency of the user's company
    contract_currency_id = fields.Many2one("res.currency", readonly=True)
    annual_value = Money(
        "Agreed Value", currency_field="contract_currency_id", aggregator=None, readonly=True
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    value = Money(
        "Annual Value",
        readonly=True,
        help="The annual value in the currency of your current company.",
    )
    value_at_risk = Money(
        "Value at Risk",
        readonly=True,
        help="The value at risk in the currency of your current company.",
    )
    rate_missing = fields.Boolean("Exchange Rate Missing", readonly=True)

    # Use above the licences: an amount of its own, in no other one
    users_over = fields.Integer("Users above Licences", readonly=True)
    over_since = fields.Date("Above Licences Since", readonly=True)
    true_up = Money(
        "True-Up a Year",
        readonly=True,
        help="The price of the users above the licences for a year from the renewal, in the currency of your current "
        "company. The annual value does not contain it.",
    )
    true_up_rest = Money(
        "True-Up until the Renewal",
        readonly=True,
        help="The price of the users above the licences for the time until the renewal.",
    )
    overuse_said = fields.Char(compute="_compute_overuse_said", compute_sudo=True)

    # The computed risk, and the forecast
    churn_risk = KnownFloat(
        "Churn Risk %",
        readonly=True,
        help="The churn risk from 0 to 100 %. High is bad.",
        digits=(5, 1),
    )
    risk_band = fields.Selection(RISK_BANDS, "Risk", readonly=True)
    risk_range = fields.Char(
        "Range of the Risk",
        compute="_compute_risk_range",
        compute_sudo=True,
        help="In four of five cases the true risk is in this range. It is wide where little is known.",
    )
    contraction_risk = KnownFloat("Contraction Risk %", readonly=True, digits=(5, 1))
    expected_seats = KnownFloat(readonly=True, digits=(16, 1))
    reasons = fields.Char(compute="_compute_reasons", compute_sudo=True)
    explanation = fields.Html(compute="_compute_explanation", compute_sudo=True, sanitize=False)
    forecast = fields.Selection(FORECASTS, "Forecast by a Person", readonly=True)
    forecast_suggested = fields.Selection(FORECASTS, "Suggested", readonly=True)
    forecast_effective = fields.Selection(
        FORECASTS,
        "Forecast",
        group_expand=True,
        help="The forecast that a person set or, without one, the forecast that the risk suggests.",
    )

    @property
    def _table_query(self):
        company = self.env.company
        return SQL(
            """
              WITH rate AS MATERIALIZED %(rates)s
            SELECT renewal.id,
                   renewal.name,
                   renewal.partner_id,
                   renewal.buyer_id,
                   renewal.product_id,
                   renewal.contract_number,
                   renewal.company_id,
                   COALESCE(lead.user_id, buyer.user_id, partner.user_id) AS user_id,
                   partner.success_user_id,
                   renewal.lead_id,
                   renewal.date_start,
                   renewal.date_renewal,
                   renewal.date_notice,
                   COALESCE(renewal.date_decision, renewal.date_renewal) AS date_decision,
                   COALESCE(renewal.auto_renew, FALSE) AS auto_renew,
                   renewal.notice_given_on,
                   renewal.notice_kind,
                   renewal.seats,
                   renewal.outcome,
                   renewal.currency_id AS contract_currency_id,
                   renewal.annual_value,
                   %(currency)s AS currency_id,
                   %(value)s AS value,
                   %(value_at_risk)s AS value_at_risk,
                   agreed.rate IS NULL AS rate_missing,
                   overuse.users_over,
                   overuse.date_since AS over_since,
                   %(true_up)s AS true_up,
                   %(true_up_rest)s AS true_up_rest,
                   score.churn_risk,
                   score.risk_band,
                   score.contraction_risk,
                   score.expected_seats,
                   renewal.forecast,
                   %(suggested)s AS forecast_suggested,
                   COALESCE(renewal.forecast, %(suggested)s) AS forecast_effective
              FROM customer_success_renewal renewal
              JOIN res_partner partner ON partner.id = renewal.partner_id
         LEFT JOIN res_partner buyer ON buyer.id = renewal.buyer_id
         LEFT JOIN crm_lead lead ON lead.id = renewal.lead_id
         LEFT JOIN customer_success_renewal_score score ON score.id = renewal.score_id
         LEFT JOIN customer_success_overuse overuse ON overuse.id = renewal.overuse_id
         LEFT JOIN rate agreed ON agreed.currency_id = renewal.currency_id
         LEFT JOIN rate scored ON scored.currency_id = score.currency_id
             WHERE renewal.active
               AND (renewal.outcome <> 'pending'
                    OR (%(followed)s))
               -- Month to month, only the latest term is a line of its own.
               AND NOT (renewal.is_rolling IS TRUE AND renewal.outcome = 'renewed')
            """,
            rates=self.env["res.currency"]._success_rates(company),
            value=SQL(converted("renewal.annual_value", "agreed")),
            value_at_risk=SQL(converted("score.value_at_risk", "scored")),
            true_up=SQL(
                converted("%(amount)s", "agreed"), amount=true_up_sql("overuse", "renewal")
            ),
            true_up_rest=SQL(
                converted("%(amount)s", "agreed"), amount=true_up_rest_sql("overuse", "renewal")
            ),
            currency=company.currency_id.id,
            followed=SQL(followed("partner")),
            suggested=suggested_sql(SQL("score.risk_band")),
        )

    # ------------------------------------------------------------------------------------------
    # Renewals of a salesperson
    # ------------------------------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_is_mine(self):
        mine = self.sudo().search([("id", "in", self.ids), ("is_mine", "=", True)])
        for renewal in self:
            renewal.is_mine = renewal.id in mine._ids

    def _search_is_mine(self, operator, value):
        """Search the user's own renewals and those without a salesperson, as Odoo does with leads.

        All renewals of customers with an opportunity of the user count as well.
        """
        if operator != "in":
            return NotImplemented
        leads = self.env["crm.lead"].sudo()
        query = leads._search(
            [("user_id", "=", self.env.uid), ("partner_id", "!=", False), ("active", "=", True)]
        )
        customers = query.subselect(leads._field_to_sql(leads._table, "success_customer_id", query))
        mine = Domain("user_id", "in", [self.env.uid, False]) | Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                "%s IN %s", model._field_to_sql(alias, "partner_id"), customers
            )
        )
        return mine if True in value else ~mine

    # ------------------------------------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------------------------------------

    def _renewals(self):
        """Return the underlying renewals in sudo."""
        return self.env["customer.success.renewal"].sudo().browse(self.ids)

    @api.depends("churn_risk")
    @api.depends_context("lang")
    def _compute_reasons(self):
        """Compute the three strongest reasons, for the tooltip of a card, with two queries for all."""
        explain = self.env["customer.success.explanation"]
        for renewal, record in zip(self, self._renewals(), strict=True):
            renewal.reasons = ", ".join(explain._risk_reasons(record.score_id))

    @api.depends("churn_risk")
    @api.depends_context("lang")
    def _compute_risk_range(self):
        for renewal, record in zip(self, self._renewals(), strict=True):
            renewal.risk_range = record.risk_range

    @api.depends("date_start", "date_renewal")
    @api.depends_context("lang")
    def _compute_term_text(self):
        for renewal, record in zip(self, self._renewals(), strict=True):
            renewal.term_text = record.term_text

    @api.depends("notice_given_on")
    @api.depends_context("lang")
    def _compute_notice_said(self):
        for renewal, record in zip(self, self._renewals(), strict=True):
            renewal.notice_said = record.notice_said

    @api.depends("users_over")
    @api.depends_context("lang")
    def _compute_overuse_said(self):
        for renewal, record in zip(self, self._renewals(), strict=True):
            renewal.overuse_said = record.overuse_said

    @api.depends("churn_risk")
    @api.depends_context("lang", "uid")
    def _compute_explanation(self):
        for renewal, record in zip(self, self._renewals(), strict=True):
            renewal.explanation = record.explanation

    # ------------------------------------------------------------------------------------------
    # The forecast
    # ------------------------------------------------------------------------------------------

    def _mass_edit_records(self):
        return self._renewals()

    def write(self, vals):
        """Set the forecast on the renewals; raise AccessError for any other field."""
        self.check_access("write")
        if vals.keys() != {"forecast_effective"}:
            raise AccessError(
                self.env._(
                    "You can only change the forecast of a renewal. Ask its CSM to change other data."
                )
            )
        self._renewals().write({"forecast": vals["forecast_effective"]})
        self.invalidate_recordset()
        return super().write({})

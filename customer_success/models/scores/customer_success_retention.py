from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.money import factor
from ...scoring.renewal import same_end
from ...scoring.terms import share_of_year
from ..common.known_float import KnownFloat
from ..common.money import Money
from .customer_success_renewal_score import RISK_BANDS

# The checkpoint, in days before the renewal, whose risk is compared with the outcome; else the nearest one.
JUDGED_HORIZON = 90
# The longest gap in days between two terms after which a customer counts as having stayed.
GAP_DAYS = 30
OUTCOMES = [
    ("renewed", "Renewed"),
    ("expanded", "Expanded"),
    ("contracted", "Contracted"),
    ("churned", "Churned"),
    ("undecided", "Due, Not Decided"),
]
DECILES = [(str(tenth), f"{10 * tenth} to {10 * tenth + 10} %") for tenth in range(10)]
# The ratios of sums: each is its amount divided by the value that was up for renewal.
RATIOS = {"gross_retention": "value_kept", "net_retention": "value_renewed"}


class CustomerSuccessRetention(models.Model):
    """A term that ended: the value kept, lost and gained, and the risk that had been expected.

    There is one row for each term, with the id of its renewal. A term of less than a year counts by its share of a year, and
    what it lost or gained in full, so that a contract has one verdict a year, however often it renews. A term that is due and not decided has its value
    in ``value_undecided`` and counts in no ratio. Money is in the company's currency at the rate of the day of
    the decision; without a rate it is unknown, and ``missing`` says so.
    """

    _name = "customer.success.retention"
    _inherit = "customer.success.kept"
    _description = "Retention"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "renewal_id"
    _ratios = RATIOS
    _ratio_base = "value_before"
    _depends = {
        "customer.success.renewal": [
            "active",
            "annual_value",
            "company_id",
            "counted_value",
            "currency_id",
            "date_outcome",
            "date_renewal",
            "date_start",
            "end_is_last_day",
            "outcome",
            "partner_id",
            "previous_id",
            "product_id",
            "reason_id",
            "renewed_free",
            "renewed_seats",
            "renewed_value",
            "seats",
        ],
        "customer.success.checkpoint": [
            "date",
            "date_renewal",
            "horizon",
            "machine_risk",
            "renewal_id",
        ],
        "res.partner": [
            "success_go_live_date",
            "success_segment_id",
            "success_since_date",
            "success_user_id",
        ],
        "res.company": ["currency_id", "parent_path"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
    }

    renewal_id = fields.Many2one("customer.success.renewal", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one(
        "res.users", "CSM", readonly=True, help="The CSM who follows the customer today."
    )
    segment_id = fields.Many2one(
        "customer.success.segment", readonly=True, help="The segment of the customer today."
    )
    reason_id = fields.Many2one("customer.success.renewal.reason", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True)
    date = fields.Date(
        "Decided On",
        readonly=True,
        help="The day of the decision or, if there is none yet, the day on which the term was due.",
    )
    date_renewal = fields.Date("Term Ended", readonly=True)
    cohort_date = fields.Date(
        "Customer Since",
        readonly=True,
        help="The day that was entered on the customer, else the start of the first term or the go-live date, whichever is earlier.",
    )
    years = fields.Integer(
        "Year as Customer",
        readonly=True,
        aggregator=None,
        help="The number of years from the start as a customer to the end of this term.",
    )

    # Money, in the company's currency
    currency_id = fields.Many2one("res.currency", readonly=True)
    missing = fields.Selection(
        [("rate", "No exchange rate on that day"), ("value", "The renewed value was not recorded")],
        "Reason Not Counted",
        readonly=True,
    )
    value_before = Money("Up for Renewal", readonly=True)
    value_renewed = Money("Renewed with Expansion", readonly=True)
    value_kept = Money(
        "Kept",
        readonly=True,
        help="The value that was up for renewal and was kept, without expansion.",
    )
    value_churned = Money("Lost to Churn", readonly=True)
    value_contracted = Money("Lost to Contraction", readonly=True)
    value_gained = Money("Gained by Expansion", readonly=True)
    value_undecided = Money("Due, Not Decided", readonly=True)
    seats_before = fields.Integer(
        readonly=True, help="The seats of the term. They stand beside the money, which decides."
    )
    seats_renewed = fields.Integer(
        "Seats After",
        readonly=True,
        help="The seats of the next term. They are empty as long as nothing is decided.",
    )
    gross_retention = KnownFloat(
        "Gross Retention %",
        readonly=True,
        digits=(6, 1),
        help="The share of the value up for renewal that was kept. It is never above 100 %, because expansion "
        "does not count.",
    )
    net_retention = KnownFloat(
        "Net Retention %",
        readonly=True,
        digits=(6, 1),
        help="The renewed value, including expansion, as a share of the value up for renewal.",
    )

    # Customers
    loss = fields.Selection(
        [
            ("customer", "The customer left"),
            ("product", "The customer left this product and stays a customer"),
            ("shrunk", "The customer renewed for less"),
        ],
        "Kind of Loss",
        readonly=True,
    )
    customers_lost = fields.Integer(readonly=True)
    logo_churn = KnownFloat(
        "Logo Churn %",
        readonly=True,
        digits=(5, 1),
        help="The share of customers who left altogether, among those with a decided term.",
    )

    # Expected and actual churn
    predicted_risk = KnownFloat(
        "Expected Churn %",
        readonly=True,
        digits=(5, 1),
        help=f"The churn risk at the checkpoint {JUDGED_HORIZON} days before the renewal, else at the nearest checkpoint.",
    )
    actual_left = KnownFloat(
        "Actual Churn %",
        readonly=True,
        digits=(5, 1),
        help="The share of terms that ended in churn, among those with a known risk.",
    )
    gap = KnownFloat(
        "Actual Minus Expected (Points)",
        readonly=True,
        digits=(5, 1),
        help="Above zero, more customers left than expected; below zero, fewer.",
    )
    risk_band = fields.Selection(RISK_BANDS, "Expected Risk", readonly=True)
    risk_decile = fields.Selection(DECILES, "Expected Churn, in Steps of 10 %", readonly=True)
    expected_lost = Money(
        "Expected Loss",
        readonly=True,
        help="The value that was up for renewal, multiplied by the churn risk.",
    )
    actual_lost = Money(
        "Actual Loss", readonly=True, help="The value lost to churn, among terms with a known risk."
    )

    # ------------------------------------------------------------------------------------------
    # Ratios of groups
    # ------------------------------------------------------------------------------------------

    def _read_group_select(self, aggregate_spec, query):
        """Count the customers of a group that left, each once."""
        if aggregate_spec == "logo_churn:avg":
            partner = self._field_to_sql(self._table, "partner_id", query)
            known = self._field_to_sql(self._table, "logo_churn", query)
            return SQL(
                "round(100.0 * COUNT(DISTINCT %(partner)s) FILTER (WHERE %(known)s > 0)"
                " / NULLIF(COUNT(DISTINCT %(partner)s) FILTER (WHERE %(known)s IS NOT NULL), 0), 1)",
                partner=partner,
                known=known,
            )
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------------------------------------
    # The rows
    # ------------------------------------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(
            """
            WITH term AS (%(term)s),
            -- Step 3: the values kept, lost and gained; all of them are known or all are unknown
            worth AS (
                SELECT term.*,
                       CASE WHEN is_counted THEN before * share * factor END AS value_before,
                       CASE WHEN is_counted THEN (before * share + after - before) * factor END AS value_renewed,
                       CASE WHEN is_counted THEN (before * share + LEAST(after - before, 0)) * factor END AS value_kept
                  FROM term
            )
            SELECT id, id AS renewal_id, partner_id, product_id, company_id, user_id, segment_id,
                   reason_id, outcome, date, date_renewal, cohort_date,
                   round((date_renewal - cohort_date) / 365.25)::int AS years,
                   currency_id, missing, value_before, value_renewed, value_kept, seats_before, seats_renewed,
                   CASE outcome WHEN 'churned' THEN value_before
                                WHEN 'undecided' THEN NULL ELSE 0 * value_before END
                       AS value_churned,
                   CASE outcome WHEN 'churned' THEN 0 * value_before
                                ELSE value_before - value_kept END AS value_contracted,
                   value_renewed - value_kept AS value_gained,
                   CASE outcome WHEN 'undecided' THEN before * share * factor END AS value_undecided,
                   CASE WHEN is_counted THEN 100 * LEAST(before, after) / NULLIF(before, 0) END AS gross_retention,
                   CASE WHEN is_counted THEN 100 * after / NULLIF(before, 0) END AS net_retention,
                   CASE WHEN outcome = 'churned' AND stays THEN 'product'
                        WHEN outcome = 'churned' THEN 'customer'
                        WHEN value_kept < value_before THEN 'shrunk' END AS loss,
                   (outcome = 'churned' AND NOT stays)::int AS customers_lost,
                   CASE WHEN outcome = 'undecided' THEN NULL
                        WHEN outcome = 'churned' AND NOT stays THEN 100.0 ELSE 0 END AS logo_churn,
                   risk AS predicted_risk,
                   CASE WHEN risk IS NULL THEN NULL
                        WHEN outcome = 'churned' THEN 100.0 ELSE 0 END AS actual_left,
                   CASE outcome WHEN 'churned' THEN 100.0 ELSE 0 END - risk AS gap,
                   %(band)s AS risk_band,
                   LEAST(floor(risk / 10), 9)::int::varchar AS risk_decile,
                   value_before * risk / 100 AS expected_lost,
                   CASE WHEN risk IS NULL THEN NULL
                        WHEN outcome = 'churned' THEN value_before ELSE 0 * value_before END
                       AS actual_lost
              FROM worth
            """,
            term=self._terms(),
            band=self._band(),
        )

    @api.model
    def _band(self):
        """Return the SQL of the band that ``risk`` falls in, by the limits of the settings."""
        limit = self.env["customer.success.settings"]._limit
        return SQL(
            "CASE WHEN risk >= %s THEN 'critical' WHEN risk >= %s THEN 'high'"
            " WHEN risk >= %s THEN 'medium' WHEN risk >= 0 THEN 'low' END",
            limit("risk_critical"),
            limit("risk_high"),
            limit("risk_medium"),
        )

    @api.model
    def _terms(self):
        """Return the SQL of the terms that ended or were due, with their value before and after."""
        return SQL(
            """
            SELECT renewal.id, renewal.partner_id, renewal.product_id, renewal.company_id,
                   partner.success_user_id AS user_id, partner.success_segment_id AS segment_id,
                   renewal.reason_id, renewal.date_renewal,
                   decided.outcome, decided.date, company.currency_id, money.before, money.after,
                   renewal.seats AS seats_before,
                   CASE WHEN renewal.outcome <> 'pending' THEN renewal.renewed_seats END AS seats_renewed,
                   part.share, rate.factor, checkpoint.machine_risk AS risk,
                   decided.outcome <> 'undecided' AND rate.factor IS NOT NULL
                       AND money.after IS NOT NULL AS is_counted,
                   CASE WHEN rate.factor IS NULL THEN 'rate'
                        WHEN decided.outcome <> 'undecided' AND money.after IS NULL THEN 'value'
                       END AS missing,
                   COALESCE(partner.success_since_date,
                   LEAST((SELECT min(first.date_start) FROM customer_success_renewal first
                           WHERE first.partner_id = renewal.partner_id
                             AND first.company_id = renewal.company_id AND first.active),
                         partner.success_go_live_date)) AS cohort_date,
                   decided.outcome <> 'churned' OR EXISTS (%(stays)s) AS stays
              FROM customer_success_renewal renewal
              JOIN res_partner partner ON partner.id = renewal.partner_id
              JOIN res_company company ON company.id = renewal.company_id
        CROSS JOIN LATERAL (
                   SELECT CASE renewal.outcome WHEN 'pending' THEN 'undecided'
                               ELSE renewal.outcome END AS outcome,
                          CASE renewal.outcome WHEN 'pending' THEN renewal.date_renewal
                               ELSE COALESCE(renewal.date_outcome, renewal.date_renewal)
                               END AS date) decided
        -- Step 1: a plain renewal keeps its value; the new value of an expansion or contraction must be recorded
        CROSS JOIN LATERAL (
                   SELECT COALESCE(renewal.counted_value, renewal.annual_value, 0) AS before,
                          CASE renewal.outcome
                               WHEN 'churned' THEN 0
                               WHEN 'renewed' THEN COALESCE(NULLIF(renewal.renewed_value, 0),
                                                            renewal.annual_value, 0)
                               WHEN 'pending' THEN NULL
                               ELSE CASE WHEN renewal.annual_value > 0 AND renewal.renewed_free IS NOT TRUE
                                         THEN NULLIF(renewal.renewed_value, 0)
                                         ELSE COALESCE(renewal.renewed_value, 0) END
                               END AS after) money
        -- A term counts by its share of a year, so that a year has one verdict, and by no less than it lost
        CROSS JOIN LATERAL (
                   SELECT GREATEST(%(of_year)s,
                                   LEAST(1, (money.before - money.after) / NULLIF(money.before, 0))) AS share) part
        -- Step 2: the rate of the day of the decision; the company's own currency needs none
        CROSS JOIN LATERAL (
                   SELECT %(factor)s AS factor) rate
         LEFT JOIN LATERAL (
                   SELECT frozen.machine_risk
                     FROM customer_success_checkpoint frozen
                    WHERE decided.outcome <> 'undecided'
                      AND frozen.renewal_id = renewal.id
                      AND frozen.machine_risk IS NOT NULL
                      AND frozen.date <= decided.date
                 ORDER BY %(same_end)s DESC, abs(frozen.horizon - %(judged)s), frozen.horizon DESC
                    LIMIT 1) checkpoint ON TRUE
             WHERE renewal.active
               AND (renewal.outcome <> 'pending' OR renewal.date_renewal < %(today)s)
            """,
            stays=self._stays(),
            of_year=SQL(share_of_year("renewal")),
            factor=SQL(factor("renewal.currency_id", "company", "decided.date")),
            judged=JUDGED_HORIZON,
            same_end=SQL(same_end("frozen.date_renewal", "renewal.date_renewal")),
            today=fields.Date.context_today(self),
        )

    @api.model
    def _stays(self):
        """Return the SQL of another term that the customer had when this one ended, or soon after.

        Such a term is pending, or ends later (whatever its outcome: if it churned, the customer left with that term),
        or was renewed and has no term after it. If several terms end on one day, the last one counts.
        """
        return SQL(
            """
            SELECT
              FROM customer_success_renewal other
             WHERE other.partner_id = renewal.partner_id
               AND other.company_id = renewal.company_id
               AND other.active
               AND other.id <> renewal.id
               AND COALESCE(other.date_start, other.date_renewal - 365)
                   <= renewal.date_renewal + %(gap)s
               AND (other.outcome = 'pending'
                    OR (other.date_renewal, other.id) > (renewal.date_renewal, renewal.id)
                    OR (other.outcome <> 'churned'
                        AND NOT EXISTS (
                            SELECT
                              FROM customer_success_renewal later
                             WHERE later.partner_id = other.partner_id
                               AND later.company_id = other.company_id
                               AND later.active
                               AND (later.previous_id = other.id
                                    OR (later.product_id IS NOT DISTINCT FROM other.product_id
                                        AND later.date_renewal > other.date_renewal)))))
            """,
            gap=GAP_DAYS,
        )

from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.money import converted
from ..common.money import Money
from .crm_lead_renewal import KINDS

# A source of rows takes one remainder of ``id / SOURCES``, so that the ids of all sources differ.
SOURCES = 4
LEAD, RENEWAL = 0, 1
# The outcomes of a term that the customer renewed.
RENEWED = ("renewed", "expanded", "contracted")


class CustomerSuccessBusiness(models.Model):
    """The business that customers bring: renewals, upsells and referrals that were won, each a row.

    An upsell counts for the company that uses what was sold, whoever bought it, a referral for the company that referred it. The
    figures on the customer are counts of these rows, so that form, list and pivot agree. It is a view, so that a
    CSM without rights in the pipeline sees what is behind a figure, and nothing else of the opportunity.

    Amounts are in the currency of the user's company at today's rate, so that they add up. Without a rate they
    are unknown.
    """

    _name = "customer.success.business"
    _inherit = "customer.success.money"
    _description = "Business Won"
    _auto = False
    _order = "date desc, id desc"
    _depends = {
        "crm.lead": [
            "company_id",
            "date_closed",
            "expected_revenue",
            "name",
            "partner_id",
            "success_for_id",
            "success_kind",
            "success_referred_by_id",
            "user_id",
            "won_status",
        ],
        "customer.success.renewal": [
            "active",
            "annual_value",
            "buyer_id",
            "company_id",
            "currency_id",
            "date_outcome",
            "date_renewal",
            "is_rolling",
            "lead_id",
            "name",
            "outcome",
            "partner_id",
            "renewed_itself",
            "renewed_value",
        ],
        "res.company": ["currency_id", "parent_path"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["commercial_partner_id", "success_user_id"],
    }

    name = fields.Char(readonly=True)
    kind = fields.Selection(KINDS, "Kind of Business", readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        readonly=True,
        help="The company that uses what was bought or renewed. A referral counts for the customer that referred it.",
    )
    bought_by_id = fields.Many2one(
        "res.partner",
        readonly=True,
        help="The company that bought: a reseller that buys for the customer; for a referral, the new customer.",
    )
    date = fields.Date("Won On", readonly=True)
    amount = Money(
        readonly=True,
        help="The expected revenue of the opportunity, or the value of the renewed term a year, in the currency of "
        "your current company.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    success_user_id = fields.Many2one("res.users", "CSM", readonly=True)
    res_model = fields.Char(readonly=True, export_string_translation=False)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)

    @property
    def _table_query(self):
        company = self.env.company
        return SQL(
            """
              WITH rate AS MATERIALIZED %(rates)s
            SELECT won.id,
                   won.kind,
                   won.name,
                   won.customer_id AS partner_id,
                   won.buyer_id AS bought_by_id,
                   won.date,
                   %(amount)s AS amount,
                   %(currency)s AS currency_id,
                   won.company_id,
                   won.user_id,
                   customer.success_user_id,
                   won.res_model,
                   won.res_id
              FROM (%(won)s) won
              JOIN res_partner customer ON customer.id = won.customer_id
         LEFT JOIN rate ON rate.currency_id = won.currency_id
            """,
            rates=self.env["res.currency"]._success_rates(company),
            amount=SQL(converted("won.amount", "rate")),
            currency=company.currency_id.id,
            won=SQL("\nUNION ALL\n").join(self._won_queries()),
        )

    @api.model
    def _zone(self):
        """Return the time zone of the reader, whose day a moment is shown on."""
        return self.env.tz.zone

    @api.model
    def _won_queries(self):
        """Return a list of queries of what was won; a bridge adds its own.

        The columns are ``id, kind, name, customer_id, buyer_id, date, amount, currency_id, company_id, user_id,
        res_model, res_id``. An amount of 0 is unknown.
        """
        return [
            SQL(
                """
                SELECT lead.id::bigint * %(sources)s + %(source)s AS id,
                       lead.success_kind AS kind,
                       lead.name::varchar AS name,
                       CASE lead.success_kind WHEN 'referral' THEN referrer.commercial_partner_id
                                              ELSE user_of.commercial_partner_id END AS customer_id,
                       buyer.commercial_partner_id AS buyer_id,
                       (lead.date_closed AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS date,
                       NULLIF(lead.expected_revenue, 0)::numeric AS amount,
                       COALESCE(company.currency_id, %(currency)s) AS currency_id,
                       lead.company_id,
                       lead.user_id,
                       'crm.lead'::varchar AS res_model,
                       lead.id AS res_id
                  FROM crm_lead lead
             LEFT JOIN res_partner buyer ON buyer.id = lead.partner_id
             LEFT JOIN res_partner user_of ON user_of.id = COALESCE(lead.success_for_id, lead.partner_id)
             LEFT JOIN res_partner referrer ON referrer.id = lead.success_referred_by_id
             LEFT JOIN res_company company ON company.id = lead.company_id
                 WHERE lead.success_kind IN ('upsell', 'referral')
                   AND lead.won_status = 'won'
                """,
                sources=SOURCES,
                source=LEAD,
                zone=self._zone(),
                currency=self.env.company.currency_id.id,
            ),
            SQL(
                """
                SELECT renewal.id::bigint * %(sources)s + %(source)s,
                       'renewal',
                       renewal.name,
                       renewal.partner_id,
                       COALESCE(renewal.buyer_id, renewal.partner_id),
                       COALESCE(renewal.date_outcome, renewal.date_renewal),
                       COALESCE(NULLIF(renewal.renewed_value, 0), NULLIF(renewal.annual_value, 0))::numeric,
                       renewal.currency_id,
                       renewal.company_id,
                       COALESCE(lead.user_id, partner.user_id),
                       'customer.success.renewal',
                       renewal.id
                  FROM customer_success_renewal renewal
                  JOIN res_partner partner ON partner.id = renewal.partner_id
             LEFT JOIN crm_lead lead ON lead.id = renewal.lead_id
                 WHERE renewal.active
                   AND renewal.outcome IN %(renewed)s
                   -- Nobody won what renews itself month after month.
                   AND NOT (renewal.is_rolling IS TRUE AND renewal.renewed_itself IS TRUE)
                """,
                sources=SOURCES,
                source=RENEWAL,
                renewed=RENEWED,
            ),
        ]

    def action_open(self):
        """Open the opportunity or the renewal or, for those who may not read it, this row of it."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id)
        if not record.has_access("read"):
            record = self
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

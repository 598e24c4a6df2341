from odoo import models
from odoo.tools import SQL

from odoo.addons.customer_success.models.sales.customer_success_business import SOURCES

# The remainder of the ids of orders; the addon itself has 0 and 1.
ORDER = 2


class CustomerSuccessBusiness(models.Model):
    """The business won, with orders that extend a running term as upsells."""

    _inherit = "customer.success.business"
    _depends = {
        "sale.order": [
            "amount_untaxed",
            "company_id",
            "currency_id",
            "date_order",
            "name",
            "partner_id",
            "success_for_id",
            "state",
            "user_id",
        ],
        "sale.order.line": ["order_id", "success_effect"],
    }

    def _won_queries(self):
        """Add orders that extend a running term, unless their opportunity already counts."""
        orders = self.env["sale.order"]
        unless = SQL()
        if "opportunity_id" in orders._fields:
            orders.flush_model(["opportunity_id"])
            unless = SQL(
                """
                AND NOT EXISTS (SELECT 1
                                  FROM crm_lead lead
                                 WHERE lead.id = sale.opportunity_id
                                   AND lead.success_kind IS NOT NULL)
                """
            )
        return [
            *super()._won_queries(),
            SQL(
                """
                SELECT sale.id::bigint * %(sources)s + %(source)s,
                       'upsell',
                       sale.name,
                       customer.commercial_partner_id,
                       contact.commercial_partner_id,
                       (sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date,
                       NULLIF(sale.amount_untaxed, 0)::numeric,
                       sale.currency_id,
                       sale.company_id,
                       sale.user_id,
                       'sale.order',
                       sale.id
                  FROM sale_order sale
                  JOIN res_partner contact ON contact.id = sale.partner_id
                  JOIN res_partner customer ON customer.id = COALESCE(sale.success_for_id, sale.partner_id)
                 WHERE sale.state = 'sale'
                   AND EXISTS (SELECT 1
                                 FROM sale_order_line line
                                WHERE line.order_id = sale.id
                                  AND line.success_effect = 'added')
                   %(unless)s
                """,
                sources=SOURCES,
                source=ORDER,
                zone=self._zone(),
                unless=unless,
            ),
        ]

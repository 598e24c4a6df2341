from odoo import api, fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """A partner whose running orders get renewals once it becomes a customer."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if any(vals.get("success_stage_id") for vals in vals_list):
            partners._success_settle_orders()
        return partners

    def write(self, vals):
        new = self.browse()
        if vals.get("success_stage_id"):
            new = self.sudo().filtered(lambda partner: not partner.success_stage_id)
        result = super().write(vals)
        new._success_settle_orders()
        return result

    @api.model
    def _success_won_query(self, kind):
        """Add orders that extend a running term as upsells, unless their opportunity already counts."""
        won = super()._success_won_query(kind)
        if kind != "upsell":
            return won
        orders = self.env["sale.order"]
        orders.flush_model()
        self.env["sale.order.line"].flush_model(["success_effect", "state", "order_id"])
        unless = SQL()
        if "opportunity_id" in orders._fields:
            unless = SQL(
                """
                AND NOT EXISTS (SELECT 1
                                  FROM crm_lead lead
                                 WHERE lead.id = sale.opportunity_id
                                   AND lead.success_kind IS NOT NULL)
                """
            )
        return SQL(
            """
            %(won)s
         UNION ALL
            SELECT contact.commercial_partner_id, sale.date_order
              FROM sale_order sale
              JOIN res_partner contact ON contact.id = sale.partner_id
             WHERE sale.state = 'sale'
               AND sale.company_id = ANY(%(companies)s)
               AND EXISTS (SELECT 1
                             FROM sale_order_line line
                            WHERE line.order_id = sale.id
                              AND line.success_effect = 'added')
               %(unless)s
            """,
            won=won,
            companies=self.env.companies.ids,
            unless=unless,
        )

    def _success_settle_orders(self):
        """Apply orders whose term still runs, as if they were confirmed now."""
        if not self:
            return
        lines = self.env["sale.order.line"].sudo()
        lines.flush_model()
        self.flush_model(["commercial_partner_id"])
        self.env["sale.order"].flush_model(["date_order", "commitment_date", "partner_id"])
        self.env["product.template"].flush_model(["success_renews", "success_term_months"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id
                  FROM sale_order_line line
                  JOIN sale_order sale ON sale.id = line.order_id
                  JOIN res_partner contact ON contact.id = sale.partner_id
                  JOIN product_product product ON product.id = line.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE contact.commercial_partner_id = ANY(%(customers)s)
                   AND line.state = 'sale'
                   AND line.success_effect IS NULL
                   AND template.success_renews
                   AND COALESCE(sale.commitment_date, sale.date_order)
                       + make_interval(months => template.success_term_months) > %(today)s
              ORDER BY line.id
                """,
                customers=self.ids,
                today=fields.Date.today(),
            )
        )
        lines.browse([line_id for (line_id,) in rows])._success_reconcile_pending()

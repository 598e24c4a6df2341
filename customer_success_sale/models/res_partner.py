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

    def _success_settle_orders(self):
        """Apply orders whose term still runs, as if they were confirmed now."""
        if not self:
            return
        lines = self.env["sale.order.line"].sudo()
        lines.flush_model()
        self.flush_model(["commercial_partner_id"])
        self.env["sale.order"].flush_model(
            [
                "commitment_date",
                "date_order",
                "partner_id",
                "partner_shipping_id",
                "success_first_months",
                "success_for_id",
            ]
        )
        self.env["product.template"].flush_model(["success_renews", "success_term_months"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id
                  FROM sale_order_line line
                  JOIN sale_order sale ON sale.id = line.order_id
                  JOIN res_partner contact ON contact.id = COALESCE(sale.success_for_id, sale.partner_id)
                  JOIN res_partner place ON place.id = sale.partner_shipping_id
                  JOIN product_product product ON product.id = line.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE (contact.commercial_partner_id = ANY(%(customers)s)
                        OR sale.success_for_id IS NULL AND place.commercial_partner_id = ANY(%(customers)s))
                   AND line.state = 'sale'
                   AND line.success_effect IS NULL
                   AND template.success_renews
                   AND COALESCE(sale.commitment_date, sale.date_order)
                       + make_interval(months => COALESCE(NULLIF(sale.success_first_months, 0),
                                                          template.success_term_months)) > %(today)s
              ORDER BY line.id
                """,
                customers=self.ids,
                today=fields.Date.today(),
            )
        )
        lines = lines.browse([line_id for (line_id,) in rows])
        lines._success_reconcile_pending()
        lines.order_id._success_ask_for_whom()

from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    # What may stand once a customer: the key besides the customer, and which row to keep.
    _SUCCESS_UNIQUE = (
        ("customer_success_usage", "product_id, source, date, period"),
        ("customer_success_intended_use", "product_id"),
        ("customer_success_symptom_flag", "product_id, symptom_id, COALESCE(date_to, 'infinity')"),
        ("customer_success_score_history", "date"),
        ("customer_success_score", "true"),
    )

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Fold what may stand once a customer, before Odoo moves the rest over in raw SQL.

        Where both have a row with the same key, the destination's stays; Odoo's own merge would fail
        on our unique indexes. Everything else of the sources moves to the destination.
        """
        partners = src_partners | dst_partner
        self.env.flush_all()
        for table, key in self._SUCCESS_UNIQUE:
            self.env.cr.execute(
                SQL(
                    """
                    DELETE FROM %(table)s
                          WHERE id IN (SELECT id
                                         FROM (SELECT id,
                                                      row_number() OVER (
                                                          PARTITION BY %(key)s
                                                              ORDER BY partner_id = %(dst)s DESC,
                                                                       id DESC) AS place
                                                 FROM %(table)s
                                                WHERE partner_id = ANY(%(ids)s)) ranked
                                        WHERE place > 1)
                    """,
                    table=SQL.identifier(table),
                    key=SQL(key),
                    dst=dst_partner.id,
                    ids=partners.ids,
                )
            )
        # Of several active plans the destination's stays, or the newest; the others were replaced by it.
        plans = (
            self.env["customer.success.plan"]
            .sudo()
            .search(
                [("partner_id", "in", partners.ids), ("state", "=", "active")],
                order="date desc, id desc",
            )
        )
        keeps = plans.filtered(lambda plan: plan.partner_id == dst_partner)[:1] or plans[:1]
        (plans - keeps).state = "replaced"
        self.env.flush_all()
        self.env.invalidate_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        customers = (
            self.env["res.partner"]
            .sudo()
            .browse(partner_ids)
            .exists()
            .commercial_partner_id.filtered("success_stage_id")
        )
        customers._open_success_score()
        self.env["customer.success.answer"].sudo().search(
            [("partner_id", "in", customers.ids)]
        )._refresh_current()
        self.env["customer.success.score.request"]._add(customers)
        return result

from odoo import api, models
from odoo.tools import SQL

from ..models.use.customer_success_usage_figures import FIGURES, KEY


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    # Tables with rows that are unique for each customer, and the columns of that key.
    _SUCCESS_UNIQUE = (
        ("customer_success_usage", "product_id, source, date, period"),
        ("customer_success_intended_use", "product_id"),
        # Flags that ended are all kept: their id makes each of them unique.
        (
            "customer_success_symptom_flag",
            "product_id, symptom_id, source, CASE WHEN date_to IS NULL THEN 0 ELSE id END",
        ),
        ("customer_success_score_history", "date"),
        ("customer_success_play_run", "play_id, cause"),
        ("customer_success_score", "true"),
        ("customer_success_product_score", "product_id"),
        ("customer_success_overuse", "product_id, COALESCE(renewal_id, 0)"),
        ("customer_success_tenure", "true"),
        ("customer_success_year", "year, COALESCE(product_id, 0)"),
        # Targets that were archived are all kept: their id makes each of them unique.
        (
            "customer_success_target",
            "kind, year, COALESCE(product_id, 0), CASE WHEN active THEN 0 ELSE id END",
        ),
    )

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Delete the rows that would collide before Odoo moves the others over in raw SQL.

        If both customers have a row with the same key, the destination's is kept; Odoo's own merge
        would fail on our unique indexes. All other rows of the sources move to the destination.
        """
        partners = src_partners | dst_partner
        self.env.flush_all()
        self._keep_success_traces(partners, dst_partner)
        self.env["customer.success.revenue.piece"]._forget(partners.ids)
        self.env["customer.success.renewal"]._fold_for_merge(partners, dst_partner)
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
        # Keep one active plan: the destination's, else the newest. Mark the others as replaced.
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
        plans._number_merged(partners, keeps)
        self.env.flush_all()
        self.env.invalidate_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _keep_success_traces(self, partners, dst_partner):
        """Keep revisions of the records of use that will be deleted, and relink barriers of symptoms.

        Also delete the lines of conversations that would be there twice.
        """
        parameters = {"ids": partners.ids, "dst": dst_partner.id, "uid": self.env.uid}
        self.env.cr.execute(_KEEP_FOLDED_USE, parameters)
        self.env.cr.execute(_MOVE_BARRIERS, parameters)
        self.env.cr.execute(_FOLD_LINES, parameters)

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        customers = (
            self.env["res.partner"]
            .sudo()
            .browse(partner_ids)
            .exists()
            .commercial_partner_id.filtered("success_stage_id")
        )
        self.env["customer.success.renewal"]._follow_merge(customers)
        customers._success_update_former()
        customers._open_success_score()
        talks = self.env["customer.success.interaction"].sudo()
        talks.search([("partner_id", "in", customers.ids)])._compute_company_id()
        self.env.add_to_compute(customers._fields["success_last_talk_date"], customers)
        self.env["customer.success.answer"].sudo().search(
            [("partner_id", "in", customers.ids)]
        )._refresh_current()
        self.env["customer.success.change"].sudo().with_context(active_test=False).search(
            [("partner_id", "in", customers.ids)]
        )._compute_phase()
        self.env["customer.success.objective"].sudo().search(
            [("partner_id", "in", customers.ids)]
        )._compute_is_early()
        customers._compute_success_days_to_value()
        self.env["res.partner"].browse(
            partner_ids
        ).exists()._success_people()._success_leave_behind()
        self.env["customer.success.score.request"]._add(customers)
        return result


_KEEP_FOLDED_USE = f"""
INSERT INTO customer_success_usage_revision
       (usage_id, {", ".join(KEY)}, {", ".join(FIGURES)}, delivery_id, user_id,
        create_uid, create_date, write_uid, write_date)
SELECT kept, {", ".join(KEY)}, {", ".join(FIGURES)}, delivery_id, %(uid)s,
       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM (SELECT *, first_value(id) OVER (PARTITION BY product_id, source, date, period
                                            ORDER BY partner_id = %(dst)s DESC, id DESC) AS kept
          FROM customer_success_usage
         WHERE partner_id = ANY(%(ids)s)) ranked
 WHERE id <> kept
"""
_MOVE_BARRIERS = """
UPDATE customer_success_barrier barrier
   SET symptom_flag_id = ranked.kept
  FROM (SELECT id, first_value(id) OVER (PARTITION BY product_id, symptom_id, source
                                             ORDER BY partner_id = %(dst)s DESC, id DESC) AS kept
          FROM customer_success_symptom_flag
         WHERE partner_id = ANY(%(ids)s)
           AND date_to IS NULL) ranked
 WHERE barrier.symptom_flag_id = ranked.id
   AND ranked.id <> ranked.kept
"""
# Two contacts who become one answered the same question: keep the line that was logged, else the
# one that was written.
_FOLD_LINES = """
DELETE FROM customer_success_interaction_line
      WHERE id IN (SELECT id
                     FROM (SELECT id,
                                  row_number() OVER (
                                      PARTITION BY interaction_id, question_id
                                          ORDER BY answer_id IS NULL, signal IS NULL AND rating IS NULL,
                                                   contact_id = %(dst)s DESC, id) AS place
                             FROM customer_success_interaction_line
                            WHERE contact_id = ANY(%(ids)s)) ranked
                    WHERE place > 1)
"""

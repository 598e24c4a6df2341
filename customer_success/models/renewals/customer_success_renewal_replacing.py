from odoo import models
from odoo.tools import SQL, format_date

from .customer_success_renewal_replaced import MAY_REPLACE, NEAR_DAYS

CONFIRM = "customer_success.mail_activity_type_renewal_confirm"


class CustomerSuccessRenewal(models.Model):
    """The proposal that a new term takes the place of one that ends as it begins, from orders and contracts, which do not say so."""

    _inherit = "customer.success.renewal"

    def _propose_replaced(self, gone=()):
        """Ask about the terms that these new ones may have taken the place of; nothing changes until somebody says so.

        ``gone`` are terms that a source has ended just now. A person is asked once for each term, about the one that begins
        closest to its end.
        """
        ended = self.browse(term.id for term in gone)
        if not (self or ended):
            return
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (gone.id) gone.id, came.id
                  FROM customer_success_renewal came
                  JOIN customer_success_renewal gone ON %(may_replace)s
                  JOIN res_partner customer ON customer.id = gone.partner_id
             LEFT JOIN product_product product ON product.id = gone.product_id
                 WHERE (came.id = ANY(%(came)s) OR gone.id = ANY(%(gone)s))
                   AND came.outcome <> 'churned'
                   AND gone.active
                   AND gone.outcome IN ('pending', 'churned')
                   AND gone.main_id IS NULL
                   AND gone.replaced_by_id IS NULL
                   AND gone.is_not_replaced IS NOT TRUE
              ORDER BY gone.id, came.product_id = product.success_successor_id DESC NULLS LAST,
                       abs(came.date_start - gone.date_renewal), came.id
                """,
                may_replace=SQL(MAY_REPLACE, near=NEAR_DAYS),
                came=self.ids,
                gone=ended.ids,
            )
        )
        for gone_id, came_id in rows:
            self.browse(gone_id)._ask_if_replaced(self.browse(came_id))

    def _ask_if_replaced(self, came):
        if self.activity_search([CONFIRM]):
            return  # another question about how it ends is open, and the dialog asks as well
        told = self._told_in()
        told._ask_to_confirm(
            told.env._(
                "“%(came)s” begins on %(date)s, as this term ends. If it takes the place of this product, choose it under “Replaced By” "
                "when you end this term: the customer then stays. If they are two different things, there is nothing to do.",
                came=came.display_name,
                date=format_date(told.env, came.date_start),
            )
        )

from odoo import api, fields, models
from odoo.tools import SQL

from ..common.customer_success_score_request import COLLECTED, CollectedRequests


class CustomerSuccessRevenueRequest(models.Model):
    """A request to store the pieces of a customer's terms anew, because a term changed.

    Rows are only inserted and deleted, as those of ``customer.success.score.request``. As long as there is one, the revenue
    of the customer is computed on each look. So an edit is seen at once, and a row must be there when it is committed.
    """

    _name = "customer.success.revenue.request"
    _description = "Request to Store the Revenue of a Customer"
    _log_access = False
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")

    @api.model
    def _add(self, partner_ids):
        """Request that these customers be stored anew, and wake the job once per transaction."""
        self._add_from(SQL("SELECT id FROM res_partner WHERE id = ANY(%s)", list(partner_ids)))

    @api.model
    def _add_from(self, query):
        """Request this for the customers whose ids a query returns; for statements that write terms past the ORM."""
        if isinstance(self.env.context.get(COLLECTED), CollectedRequests):
            found = self.env.execute_query(query)
            CollectedRequests.take(self, [partner_id for (partner_id,) in found if partner_id])
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO customer_success_revenue_request (partner_id)"
                " SELECT DISTINCT id FROM (%s) asked (id) WHERE id IS NOT NULL",
                query,
            )
        )
        hooks = self.env.cr.precommit
        if self.env.cr.rowcount and not hooks.data.get("customer_success.revenue"):
            hooks.data["customer_success.revenue"] = True
            hooks.add(self._wake)

    @api.model
    def _wake(self):
        self.env.cr.precommit.data.pop("customer_success.revenue", None)
        cron = self.env.ref("customer_success.ir_cron_revenue", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _claim(self, size):
        """Take up to ``size`` requests off the queue and return the ids of their customers; a rollback puts them back."""
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM customer_success_revenue_request
                 WHERE id IN (SELECT id
                                FROM customer_success_revenue_request
                            ORDER BY id
                               LIMIT %s
                          FOR UPDATE SKIP LOCKED)
             RETURNING partner_id
                """,
                size,
            )
        )
        return sorted({partner_id for (partner_id,) in rows})

    @api.model
    def _asked_of(self, partner_ids):
        """Return the ids of those of these customers who wait."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT partner_id FROM customer_success_revenue_request WHERE partner_id = ANY(%s)",
                list(partner_ids),
            )
        )
        return {partner_id for (partner_id,) in rows}

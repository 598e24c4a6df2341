from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.followed import followed

# The key of the context with the customers whose request waits until a part of a file is written.
COLLECTED = "success_collected_requests"


class CollectedRequests(dict):
    """The ids of customers by model of a request, which is added once for each when all is written that concerns them.

    It is an object of the server, so no remote caller can send one.
    """

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    @classmethod
    def take(cls, requests, partner_ids):
        """Collect requests if this is asked for; return whether it is."""
        collected = requests.env.context.get(COLLECTED)
        if not isinstance(collected, cls):
            return False
        collected.setdefault(requests._name, set()).update(partner_ids)
        return True


class CustomerSuccessScoreRequest(models.Model):
    """A request to rescore a customer whose facts have changed.

    Rows are only inserted and deleted, so that two people who change the same customer, or a person and the
    job, never wait for each other. Several rows for one customer do no harm.
    """

    _name = "customer.success.score.request"
    _description = "Request to Rescore a Customer"
    _log_access = False
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")

    @api.model
    def _add(self, partners):
        """Request new scores of these customers, and trigger the job once per transaction."""
        ids = [partner_id for partner_id in partners.ids if partner_id]
        if not ids or CollectedRequests.take(self, ids):
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO customer_success_score_request (partner_id)"
                " SELECT id FROM res_partner"
                " WHERE id = ANY(%s) AND %s",
                ids,
                SQL(followed("res_partner")),
            )
        )
        hooks = self.env.cr.precommit
        if not hooks.data.get("customer_success.wake"):
            hooks.data["customer_success.wake"] = True
            hooks.add(self._wake)

    @api.model
    def _wake(self):
        self.env.cr.precommit.data.pop("customer_success.wake", None)
        cron = self.env.ref("customer_success.ir_cron_score_changed", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _of(self, partner_ids):
        """Return the ids of those of these customers who wait for a new score, because a fact was recorded."""
        return [
            partner_id
            for (partner_id,) in self.env.execute_query(
                SQL(
                    "SELECT DISTINCT partner_id FROM customer_success_score_request WHERE partner_id = ANY(%s)",
                    list(partner_ids),
                )
            )
        ]

    # ------------------------------------------------------------------------------------------
    # The interface of a queue that customer.success.score processes
    # ------------------------------------------------------------------------------------------

    _contiguous = False
    _asked = True  # a fact of these customers was recorded

    @api.model
    def _count_open(self):
        return self.env.execute_query(
            SQL("SELECT count(DISTINCT partner_id) FROM customer_success_score_request")
        )[0][0]

    @api.model
    def _claim(self, size):
        """Take up to ``size`` requests off the queue; return ``(None, ids of customers)``, or ``None`` if it is empty.

        Rows that another worker holds are skipped. A rollback puts the rows back.
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM customer_success_score_request
                 WHERE id IN (SELECT id
                                FROM customer_success_score_request
                            ORDER BY id
                               LIMIT %s
                          FOR UPDATE SKIP LOCKED)
             RETURNING partner_id
                """,
                size,
            )
        )
        return (None, sorted({partner_id for (partner_id,) in rows})) if rows else None

    @api.model
    def _done(self, claim, written):
        """Do nothing: the claim has deleted the requests."""

    @api.model
    def _set_aside(self, claim, error):
        """Do nothing: the customers are marked, and the nightly job scores them again."""

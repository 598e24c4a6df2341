from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.engine import BATCH_SIZE
from ...scoring.followed import followed

KEPT_DAYS = 30
# A night that was planned longer ago was interrupted; its remaining batches are planned anew.
NIGHT_HOURS = 20


class CustomerSuccessScoreBatch(models.Model):
    """A range of customers in a nightly run; it is open until it is scored, and then part of the log.

    The unit of work is a range, not a customer, so that a night without changes writes one row for every
    five thousand customers, not one for each.
    """

    _name = "customer.success.score.batch"
    _description = "Batch of a Scoring Run"
    _order = "id desc"

    first_id = fields.Integer(required=True)
    last_id = fields.Integer(required=True)
    done_at = fields.Datetime()
    written = fields.Integer(help="The number of customers whose score was written.")
    error = fields.Char(help="The reason why this batch could not be scored.")

    _open_idx = models.Index("(id) WHERE done_at IS NULL")

    @api.model
    def _is_under_way(self):
        """Return whether a night that was planned recently has open batches."""
        since = fields.Datetime.now() - timedelta(hours=NIGHT_HOURS)
        return bool(self.search_count([("done_at", "=", False), ("create_date", ">", since)], 1))

    @api.model
    def _plan(self):
        """Divide all customers into batches, which replace the open batches of an earlier night.

        A batch that a worker is processing stays.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM customer_success_score_batch
                 WHERE id IN (SELECT id
                                FROM customer_success_score_batch
                               WHERE done_at IS NULL
                          FOR UPDATE SKIP LOCKED)
                """
            )
        )
        # Take all times from the clock of Odoo; that of the database may differ.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_success_score_batch (first_id, last_id, create_date)
                SELECT min(id), max(id), %s
                  FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS batch
                          FROM res_partner
                         WHERE %s) customer
              GROUP BY batch
              ORDER BY batch
                """,
                fields.Datetime.now(),
                BATCH_SIZE,
                SQL(followed("res_partner")),
            )
        )
        self.invalidate_model()

    @api.model
    def _last_error(self):
        """Return the error of a batch of the newest night, or an empty text if all batches were scored."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT error
                  FROM customer_success_score_batch
                 WHERE error IS NOT NULL
                   AND create_date = (SELECT max(create_date) FROM customer_success_score_batch)
              ORDER BY id
                 LIMIT 1
                """
            )
        )
        return rows[0][0] if rows else ""

    @api.autovacuum
    def _gc_done(self):
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("done_at", "<", limit)]).unlink()

    # ------------------------------------------------------------------------------------------
    # The interface of a queue that customer.success.score processes
    # ------------------------------------------------------------------------------------------

    # A claim consists of all customers from its first id to its last.
    _contiguous = True
    _asked = False  # nothing is said about their facts

    @api.model
    def _count_open(self):
        return self.env.execute_query(
            SQL("SELECT count(*) FROM customer_success_score_batch WHERE done_at IS NULL")
        )[0][0]

    @api.model
    def _claim(self, size):
        """Lock and close the next open batch; return its id and its customers' ids, or ``None`` if there is none."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, first_id, last_id
                  FROM customer_success_score_batch
                 WHERE done_at IS NULL
              ORDER BY id
                 LIMIT 1
            FOR UPDATE SKIP LOCKED
                """
            )
        )
        if not rows:
            return None
        batch_id, first_id, last_id = rows[0]
        self.env.cr.execute(
            SQL(
                "UPDATE customer_success_score_batch SET done_at = %s WHERE id = %s",
                fields.Datetime.now(),
                batch_id,
            )
        )
        return batch_id, [
            partner_id
            for (partner_id,) in self.env.execute_query(
                SQL(
                    "SELECT id FROM res_partner WHERE id BETWEEN %s AND %s AND %s ORDER BY id",
                    first_id,
                    last_id,
                    SQL(followed("res_partner")),
                )
            )
        ]

    @api.model
    def _done(self, batch_id, written):
        """Store the number of scores written on the claimed batch."""
        self.env.cr.execute(
            SQL(
                "UPDATE customer_success_score_batch SET written = %s WHERE id = %s",
                written,
                batch_id,
            )
        )

    @api.model
    def _set_aside(self, batch_id, error):
        """Store the error on the claimed batch; the night continues without it."""
        self.env.cr.execute(
            SQL(
                "UPDATE customer_success_score_batch SET written = 0, error = %s WHERE id = %s",
                str(error).split("\n", 1)[0],
                batch_id,
            )
        )

from odoo import models
from odoo.tools import SQL


class CustomerSuccessRenewal(models.Model):
    """A renewal keeps the playbooks that ran for a term that was folded into it."""

    _inherit = "customer.success.renewal"

    def _fold_parts(self, gone):
        """Let the playbooks that ran for ``gone`` have run for this term, so that none starts twice."""
        result = super()._fold_parts(gone)
        self.env["customer.success.play.run"].flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE customer_success_play_run run
                   SET cause = %(kept)s || substr(run.cause, length(%(gone)s) + 1)
                 WHERE run.facts->>'trigger' = 'renewal'
                   AND split_part(run.cause, ':', 1) = %(gone)s
                   AND NOT EXISTS (SELECT
                                     FROM customer_success_play_run ran
                                     JOIN customer_success_renewal kept ON kept.id = %(kept_id)s
                                    WHERE ran.play_id = run.play_id
                                      AND ran.partner_id IN (run.partner_id, kept.partner_id)
                                      AND ran.cause = %(kept)s || substr(run.cause, length(%(gone)s) + 1))
             RETURNING run.id
                """,
                kept=str(self.id),
                kept_id=self.id,
                gone=str(gone.id),
            )
        )
        self.env["customer.success.play.run"].invalidate_model(["cause"])
        return result

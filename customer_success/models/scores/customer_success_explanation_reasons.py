from odoo import api, models
from odoo.tools import SQL


class CustomerSuccessExplanation(models.AbstractModel):
    """The reasons of many scores at once, for a sheet with 100,000 customers."""

    _inherit = "customer.success.explanation"

    @api.model
    def _reasons_by_id(self, score_ids, limit=3):
        """Return the joined texts of :meth:`_reasons` by the id of the score, with one query and no records."""
        names = self._factor_names()
        template = self.env._("%(reason)s %(points)+.1f")
        found = self.env.execute_query(
            SQL(
                """
                SELECT score.id, renewal_score.breakdown -> 'lines'
                  FROM customer_success_score score
                  JOIN customer_success_renewal_score renewal_score
                    ON renewal_score.renewal_id = (score.breakdown ->> 'renewal_id')::int
                 WHERE score.id = ANY(%s)
                """,
                list(score_ids),
            )
        )
        return {
            score_id: ", ".join(
                template % {"reason": names.get(code, code), "points": points}
                for code, points in sorted(
                    (line for line in (lines or {}).items() if line[0] != "base" and line[1]),
                    key=lambda line: -abs(line[1]),
                )[:limit]
            )
            for score_id, lines in found
        }

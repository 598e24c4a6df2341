from odoo import api, models
from odoo.tools import SQL

from ...scoring.shown import whole_points


class CustomerSuccessExplanation(models.AbstractModel):
    """The reasons of many scores at once, for a sheet with 100,000 customers."""

    _inherit = "customer.success.explanation"

    @api.model
    def _reasons_by_id(self, score_ids, limit=3):
        """Return the joined texts of :meth:`_reasons` by the id of the score, with one query and no records."""
        names = self._factor_names()
        template = self.env._("%(reason)s %(points)+d")
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
                for code, points in _strongest(lines or {})[:limit]
            )
            for score_id, lines in found
        }


def _strongest(lines):
    """Return the lines of a risk in whole points, strongest first, without the start and what is less than a point.

    >>> _strongest({"base": 11.9, "plan": -0.2, "use": 7.3, "tenure": -9.4})
    [('tenure', -9), ('use', 7)]
    """
    ordered = sorted(lines.items(), key=lambda line: (line[0] != "base", -abs(line[1])))
    shown = whole_points([points for _code, points in ordered])
    return [
        (code, points)
        for (code, _exact), points in zip(ordered, shown, strict=True)
        if code != "base" and points
    ]

import json

from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.rules import Rules


class CustomerSuccessScoreRules(models.Model):
    """The weights and the expected days by which scores were computed, one row for each set; rows are only added.

    Each score names its set by the mark. So a score that is computed by another set than the one before can be
    computed by both, and the part of its change that comes from the rules is known.
    """

    _name = "customer.success.score.rules"
    _description = "Weights by Which Scores Were Computed"
    _rec_name = "mark"

    mark = fields.Char(required=True, readonly=True)
    weights = fields.Json(readonly=True, help="The weight of each factor, by its code.")
    expected_days = fields.Integer(
        "Expected Days (% of the Stage's)", readonly=True, required=True, default=100
    )

    _mark_uniq = models.Constraint("UNIQUE(mark)", "A set of weights is kept once.")

    @api.model
    def _known(self):
        """Return all sets, ``{mark: Rules}``."""
        return {
            kept.mark: Rules(
                kept.weights or {}, {}, expected_days=kept.expected_days, mark=kept.mark
            )
            for kept in self.sudo().search(fields.Domain.TRUE)
        }

    @api.model
    def _keep(self, rules):
        """Add the sets of these rules that are new."""
        fresh = {
            one.mark: one
            for one in (rules, *rules.segments.values())
            if one.mark not in rules.former
        }
        if not fresh:
            return
        # Another worker may add the same set at the same time.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_success_score_rules (mark, weights, expected_days, create_date)
                VALUES %s
                    ON CONFLICT (mark) DO NOTHING
                """,
                SQL(", ").join(
                    SQL(
                        "(%s, %s::jsonb, %s, %s)",
                        one.mark,
                        json.dumps(one.weights),
                        one.expected_days,
                        fields.Datetime.now(),
                    )
                    for one in fresh.values()
                ),
            )
        )
        self.invalidate_model(flush=False)

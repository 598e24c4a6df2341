from odoo import api, models
from odoo.tools import SQL

from ...scoring import learning
from ...scoring.expansion import BASE, CODES, FOUND, of_checkpoint
from ...scoring.renewal import same_end


class CustomerSuccessRiskVersion(models.Model):
    """The expansion likelihood of a version, learned from customers who stayed and kept what they had."""

    _inherit = "customer.success.risk.version"

    def _learn_expansion(self, cases, priors, standing, before):
        """Add the coefficients learned for expansion; keep those in force if nothing better is learned."""
        own = {"base": priors.get(BASE), **{code: priors.get(code) for code in FOUND}}
        own = {code: prior for code, prior in own.items() if prior}
        lesson = None
        if "base" in own:
            given = {code: before[BASE if code == "base" else code] for code in own}
            lesson = learning.learn(cases, own, given)
        better = lesson and lesson.fresh.log_loss < lesson.standing.log_loss
        for name in ("coefficients", "trial"):
            if better:
                learned = lesson.shapes if name == "coefficients" else lesson.trial
                kept = {BASE if code == "base" else code: learned[code] for code in own}
            else:
                kept = {c: v for c, v in (standing[name] or {}).items() if c in CODES}
            self[name] = {**self[name], **kept}

    @api.model
    def _expansion_cases(self):
        """Return the cases to learn from: facts of a checkpoint, and whether the customer then bought more.

        It did if the renewal was expanded, or if an upsell was won from the checkpoint until the end of the term. Who left
        or gave seats back is no case. The checkpoints are those of :meth:`_cases`.
        """
        self.env["customer.success.renewal"].flush_model()
        self.env["customer.success.checkpoint"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT renewal.id,
                       renewal.date_outcome,
                       renewal.outcome = 'expanded',
                       1.0::float8 / count(*) OVER (PARTITION BY renewal.id),
                       checkpoint.breakdown,
                       renewal.partner_id,
                       renewal.company_id,
                       checkpoint.date,
                       GREATEST(renewal.date_renewal, renewal.date_outcome)
                  FROM customer_success_checkpoint checkpoint
                  JOIN customer_success_renewal renewal ON renewal.id = checkpoint.renewal_id
                 WHERE renewal.active
                   AND renewal.outcome IN ('renewed', 'expanded')
                   AND checkpoint.date < renewal.date_outcome
                   AND %s
                   AND jsonb_typeof(checkpoint.breakdown -> 'found') = 'object'
              ORDER BY renewal.date_outcome, renewal.id, checkpoint.date
                """,
                SQL(same_end("checkpoint.date_renewal", "renewal.date_renewal")),
            )
        )
        upsells = self._upsells_won({row[5] for row in rows})
        return [
            learning.Case(
                of_checkpoint(breakdown),
                expanded
                or any(
                    first <= day <= last and of_company in (False, company_id)
                    for day, of_company in upsells.get(partner_id, ())
                ),
                weight,
                day,
                renewal_id,
            )
            for renewal_id, day, expanded, weight, breakdown, partner_id, company_id, first, last in rows
        ]

    @api.model
    def _upsells_won(self, partner_ids):
        """Return ``{customer id: [(day, company id or False)]}`` of the upsells that were won; sales knows them."""
        return {}

from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.rules import is_new_formula
from ..common.known_float import KnownFloat
from ..common.plain_json import PlainJson


class CustomerSuccessScoreHistory(models.Model):
    """The score of a customer over time: one row for each day on which it changed, kept for years.

    The score on a day is the newest row up to that day.
    """

    _name = "customer.success.score.history"
    _description = "Score over Time"
    _log_access = False
    _order = "date desc, id desc"
    _rec_name = "date"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    date = fields.Date(required=True)
    health = KnownFloat(digits=(5, 1))
    renewal_risk = KnownFloat("Churn Risk %", digits=(5, 1))
    confidence = KnownFloat("Known %", digits=(5, 1))
    adoption = KnownFloat("Adoption Rate %", digits=(5, 1))
    segment_id = fields.Many2one(
        "customer.success.segment",
        index="btree_not_null",
        ondelete="set null",
        help="The segment of the customer on that day.",
    )
    formula = fields.Char(
        help="The versions of the formulas by which these scores were computed: in all, and of each factor.",
    )
    is_new_formula = fields.Boolean(
        "New Formula",
        help="From this day on the scores of this customer are computed by other formulas than before.",
    )
    health_shift = fields.Float(
        digits=(7, 1),
        aggregator=None,
        help="The points that changes of segment, weights, expected days and formulas had added to the health score by that day.",
    )
    risk_shift = fields.Float(
        digits=(7, 1),
        aggregator=None,
        help="The points that changes of segment, weights, expected days and formulas had added to the churn risk by that day.",
    )
    as_of = fields.Date(
        store=False,
        search="_search_as_of",
        help="Shows one row for each customer: its score in the evening of that day.",
    )
    # {"health": {code: [value, weight]}, "risk": {line: points}, "renewal": id of the renewal with this risk}
    points = PlainJson(help="The parts of the health score and the churn risk on that day.")

    _day_uniq = models.UniqueIndex(
        "(partner_id, date)", "A customer has only one score for each day."
    )
    _new_formula_idx = models.Index("(date) WHERE is_new_formula")

    rules_changed = fields.Char(
        "Not the Customer",
        compute="_compute_rules_changed",
        help="The change of segment, of weights or of the formula, or the lower target of use, on this day. What it "
        "changed in the scores is no change of the customer.",
    )

    @api.depends(
        "segment_id",
        "health_shift",
        "risk_shift",
        "is_new_formula",
        "formula",
        "partner_id",
        "date",
    )
    @api.depends_context("lang")
    def _compute_rules_changed(self):
        """Compare each row with the one before it, which one query reads for all of them."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT own.id, before.id
                  FROM customer_success_score_history own
            CROSS JOIN LATERAL (SELECT earlier.id
                                  FROM customer_success_score_history earlier
                                 WHERE earlier.partner_id = own.partner_id
                                   AND earlier.date < own.date
                              ORDER BY earlier.date DESC
                                 LIMIT 1) before
                 WHERE own.id = ANY(%s)
                """,
                self._origin.ids,
            )
        )
        before = dict(rows)
        lowered = self.env["customer.success.yardstick.change"]._lowered_days(
            self.partner_id, list({row.date for row in self if row.date})
        )
        for row in self:
            said = row._say_rules_since(self.browse(before.get(row._origin.id)).sudo())
            key = (row.partner_id.id, row.date)
            row.rules_changed = "; ".join(filter(None, (said, lowered.get(key))))

    def _say_rules_since(self, before):
        """Return the change of segment, weights or formula since the row before, as text; empty if there is none."""
        self.ensure_one()
        if not before:
            return ""
        # Without the score of before, as at a customer that is followed again, only the names of the formulas tell.
        is_new = self.is_new_formula or is_new_formula(before.formula, self.formula)
        said = [self.env._("New formula since this day")] if is_new else []
        if self.segment_id != before.segment_id:
            none = self.env._("none")
            said.append(
                self.env._(
                    "Segment: %(old)s, now %(new)s",
                    old=before.segment_id.sudo().name or none,
                    new=self.segment_id.sudo().name or none,
                )
            )
        if said:
            return "; ".join(said)
        if (self.health_shift, self.risk_shift) != (before.health_shift, before.risk_shift):
            return self.env._("Other weights or expected days")
        return ""

    @api.model
    def _formula_since(self, after=None):
        """Return the day since which the newest formula counts, for anybody; ``None`` if it is not after this day."""
        self.flush_model(["is_new_formula", "date"])
        [[day]] = self.env.execute_query(
            SQL(
                "SELECT max(date) FROM customer_success_score_history WHERE is_new_formula AND date > %s",
                after or fields.Date.to_date("1900-01-01"),
            )
        )
        return day

    @api.model
    def _formula_since_of(self, partner, after):
        """Return the day after this one on which the scores of a customer were first computed by the newest formula."""
        found = self.search(
            [
                ("partner_id", "=", partner.id),
                ("date", ">", after),
                ("is_new_formula", "=", True),
            ],
            limit=1,
        )
        return found.date

    def _search_as_of(self, operator, value):
        """Search the newest row of each customer up to a day."""
        if operator != "in" or not value:
            return NotImplemented
        day = max(fields.Date.to_date(day) for day in value)
        newest = SQL(
            """
            (SELECT DISTINCT ON (partner_id) id
               FROM customer_success_score_history
              WHERE date <= %s
           ORDER BY partner_id, date DESC)
            """,
            day,
        )
        return [("id", "in", newest)]

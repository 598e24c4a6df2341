from odoo import api, fields, models
from odoo.tools import SQL

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
    health_shift = fields.Float(
        digits=(7, 1),
        aggregator=None,
        help="The points that changes of segment, weights and expected days had added to the health score by that day.",
    )
    risk_shift = fields.Float(
        digits=(7, 1),
        aggregator=None,
        help="The points that changes of segment, weights and expected days had added to the churn risk by that day.",
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

    rules_changed = fields.Char(
        "Not the Customer",
        compute="_compute_rules_changed",
        help="The change of segment or of weights, or the lower target of use, on this day. What it changed in the "
        "scores is no change of the customer.",
    )

    @api.depends("segment_id", "health_shift", "risk_shift", "partner_id", "date")
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
        lowered = self._lowered_days()
        for row in self:
            said = row._say_rules_since(self.browse(before.get(row._origin.id)).sudo())
            if (row.partner_id.id, row.date) in lowered:
                said = "; ".join(filter(None, (said, self.env._("Target of use lowered"))))
            row.rules_changed = said

    def _lowered_days(self):
        """Return the customers and days on which a lower target of their use began to count."""
        changes = self.env["customer.success.intended.use.change"].sudo()
        found = changes.search_fetch(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("effective_date", "in", list({row.date for row in self if row.date})),
                ("state", "=", "approved"),
                ("direction", "=", "lowered"),
            ],
            ["partner_id", "effective_date"],
        )
        return {(change.partner_id.id, change.effective_date) for change in found}

    def _say_rules_since(self, before):
        """Return the change of segment or of weights since the row before, as text; empty if there is none."""
        self.ensure_one()
        if not before:
            return ""
        if self.segment_id != before.segment_id:
            none = self.env._("none")
            return self.env._(
                "Segment: %(old)s, now %(new)s",
                old=before.segment_id.sudo().name or none,
                new=self.segment_id.sudo().name or none,
            )
        if (self.health_shift, self.risk_shift) != (before.health_shift, before.risk_shift):
            return self.env._("Other weights or expected days")
        return ""

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

from odoo import fields, models
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

from odoo import fields, models
from odoo.tools import SQL

from ..common.known_float import KnownFloat
from ..common.plain_json import PlainJson


class CustomerSuccessScoreHistory(models.Model):
    """The score over time: a row for each day on which it changed, kept for years.

    What held on a day is the newest row up to that day.
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
        help="Shows one row a customer: what held on that day, in the evening.",
    )
    # {"health": {code: [value, weight]}, "risk": {line: points}, "renewal": id of the one whose risk it is}
    points = PlainJson(help="What health and risk were made of on that day.")

    _day_uniq = models.UniqueIndex("(partner_id, date)", "A customer has one score a day.")

    def _search_as_of(self, operator, value):
        """The newest row of each customer up to a day."""
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

from odoo import fields, models

from .known_float import KnownFloat


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
    renewal_risk = KnownFloat("Risk of Leaving %", digits=(5, 1))
    confidence = KnownFloat("Known %", digits=(5, 1))
    adoption = KnownFloat("Adoption %", digits=(5, 1))
    # {"health": {code: points}, "risk": {line: points}, "renewal": id of the one whose risk it is}
    points = fields.Json(help="What health and risk were made of on that day.")

    _day_uniq = models.UniqueIndex("(partner_id, date)", "A customer has one score a day.")

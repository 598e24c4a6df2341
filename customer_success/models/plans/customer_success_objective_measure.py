from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.known_float import KnownFloat


class CustomerSuccessObjectiveMeasure(models.Model):
    """A dated figure of an objective, so that progress over time is visible."""

    _name = "customer.success.objective.measure"
    _inherit = ["customer.success.fact"]
    _description = "Measurement of an Objective"
    _order = "date desc, id desc"
    _rec_name = "date"

    objective_id = fields.Many2one(
        "customer.success.objective", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="objective_id.partner_id", store=True, index=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    value = KnownFloat(digits=(16, 2), required=True)
    note = fields.Char()
    user_id = fields.Many2one("res.users", "By", default=lambda self: self.env.user, readonly=True)

    @api.constrains("date")
    def _check_date(self):
        for measure in self:
            if measure.date > fields.Date.context_today(self):
                raise ValidationError(self.env._("A measurement cannot be dated in the future."))

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

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

    @api.constrains("date", "objective_id")
    def _check_date(self):
        for measure in self:
            start = measure.objective_id.date_start
            if measure.date > fields.Date.context_today(self):
                raise ValidationError(self.env._("A measurement cannot be dated in the future."))
            if start and measure.date < start:
                raise ValidationError(
                    self.env._(
                        "“%(objective)s” starts on %(start)s and cannot be measured on %(date)s. "
                        "Correct one of the two dates.",
                        objective=measure.objective_id.name,
                        start=format_date(self.env, start),
                        date=format_date(self.env, measure.date),
                    )
                )

    def write(self, vals):
        if {"date", "objective_id", "value"} & vals.keys():
            self.objective_id._check_not_confirmed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        self.objective_id._check_not_confirmed()

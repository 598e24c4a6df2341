from odoo import fields, models

from ..common.known_float import KnownFloat


class CustomerSuccessStageMove(models.Model):
    """A record that a customer entered a stage: written by the move, never changed or deleted."""

    _name = "customer.success.stage.move"
    _description = "Stage Move"
    _order = "date desc, id desc"
    _rec_name = "stage_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    from_stage_id = fields.Many2one(
        "customer.success.stage", "From", ondelete="restrict", readonly=True
    )
    stage_id = fields.Many2one(
        "customer.success.stage",
        "To",
        ondelete="restrict",
        readonly=True,
        help="This is empty if the customer is no longer followed.",
    )
    date = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    days = KnownFloat(
        "Days Spent",
        digits=(6, 0),
        readonly=True,
        help="The number of days that the customer spent in the previous stage.",
    )
    percent = fields.Integer(
        "Days for the Environment (%)",
        readonly=True,
        help="The percentage of the days of the previous stage that the environment was given.",
    )
    reason = fields.Char(
        readonly=True, help="The reason for moving the customer back or for overruling a gate."
    )
    overruled = fields.Char(
        "Gates Overruled",
        readonly=True,
        help="The requirements that were not met when a manager overruled the gates.",
    )

    _check_days = models.Constraint(
        "CHECK(days >= 0)", "The days spent in a stage cannot be negative."
    )
    _from_stage_idx = models.Index("(from_stage_id) INCLUDE (days)")

from odoo import fields, models

from ..common.known_float import KnownFloat


class CustomerSuccessStageMove(models.Model):
    """A customer entered a stage. Written by the move itself, and never changed or deleted."""

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
        help="Empty when following the customer was stopped.",
    )
    date = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    days = KnownFloat(
        "Days Spent", digits=(6, 0), readonly=True, help="Days spent in the stage that was left."
    )
    reason = fields.Char(readonly=True, help="Why a customer went back, or a gate was overruled.")
    overruled = fields.Char(
        "Gates Overruled", readonly=True, help="What was still missing when a manager let it pass."
    )

    _check_days = models.Constraint("CHECK(days >= 0)", "Days spent cannot be negative.")
    _from_stage_idx = models.Index("(from_stage_id) INCLUDE (days)")

from odoo import fields, models

from ...scoring.terms import OUTCOMES


class CustomerSuccessRenewalReason(models.Model):
    """A reason of a renewal's outcome, from one catalogue, so that reasons can be counted."""

    _name = "customer.success.renewal.reason"
    _description = "Reason of a Renewal's Outcome"
    _order = "outcome, sequence, id"

    name = fields.Char(required=True, translate=True)
    outcome = fields.Selection(
        [option for option in OUTCOMES if option[0] != "pending"],
        required=True,
        help="The outcome that this reason explains.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

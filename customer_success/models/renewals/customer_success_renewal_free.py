from odoo import api, fields, models


class CustomerSuccessRenewal(models.Model):
    """A term that goes on for free, told from one whose renewed value nobody recorded: both have a renewed value of 0.

    Terms that former versions ended have no mark: there, nobody was asked for the value, and a 0 stays unknown.
    """

    _inherit = "customer.success.renewal"

    renewed_free = fields.Boolean(
        "Goes On for Free",
        compute="_compute_renewed_free",
        store=True,
        help="The customer stays and pays nothing for the next term. Retention counts the whole value as lost to contraction.",
    )

    @api.depends("outcome", "annual_value", "renewed_value", "renewed_seats")
    def _compute_renewed_free(self):
        for term in self:
            is_less = term.outcome == "contracted" and bool(term.annual_value)
            term.renewed_free = is_less and not term.renewed_value and bool(term.renewed_seats)

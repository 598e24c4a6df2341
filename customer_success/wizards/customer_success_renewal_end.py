from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..scoring.terms import OUTCOMES, STAYING, next_end


class CustomerSuccessRenewalEnd(models.TransientModel):
    """A dialog that ends a renewal with date, figures and reason, or corrects its outcome.

    All data of the renewal is read with the rights of the user, who may pass any renewal here.
    """

    _name = "customer.success.renewal.end"
    _description = "End of a Renewal"

    renewal_id = fields.Many2one(
        "customer.success.renewal", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="renewal_id.currency_id", related_sudo=False)
    annual_value = fields.Monetary(
        related="renewal_id.annual_value", related_sudo=False, string="Current Value"
    )
    seats = fields.Integer(related="renewal_id.seats", related_sudo=False, string="Current Seats")
    outcome = fields.Selection(
        [option for option in OUTCOMES if option[0] != "pending"],
        required=True,
        compute="_compute_outcome",
        store=True,
        compute_sudo=False,
        precompute=True,
        readonly=False,
    )
    date_outcome = fields.Date(
        "Decided On",
        required=True,
        compute="_compute_date_outcome",
        store=True,
        compute_sudo=False,
        precompute=True,
        readonly=False,
        help="The day on which the customer decided, which may be long before the notice date.",
    )
    renewed_value = fields.Monetary(
        compute="_compute_renewed",
        store=True,
        compute_sudo=False,
        precompute=True,
        readonly=False,
    )
    renewed_seats = fields.Integer(
        compute="_compute_renewed",
        store=True,
        compute_sudo=False,
        precompute=True,
        readonly=False,
    )
    reason_id = fields.Many2one(
        "customer.success.renewal.reason",
        compute="_compute_reason",
        store=True,
        compute_sudo=False,
        precompute=True,
        readonly=False,
        domain="[('outcome', '=', outcome)]",
    )
    reason_note = fields.Text(
        "In Their Words",
        compute="_compute_reason",
        store=True,
        compute_sudo=False,
        precompute=True,
        readonly=False,
    )
    next_text = fields.Char(compute="_compute_next_text")

    @api.depends("renewal_id")
    def _compute_outcome(self):
        for end in self:
            said = end.renewal_id.outcome
            end.outcome = end.outcome or (said != "pending" and said)

    @api.depends("renewal_id")
    def _compute_date_outcome(self):
        """Compute the date apart from the outcome.

        A button passes the outcome, and Odoo computes neither of two fields that are computed together if
        one of them is given.
        """
        today = fields.Date.context_today(self)
        for end in self:
            end.date_outcome = end.renewal_id.date_outcome or today

    @api.depends("outcome", "renewal_id")
    def _compute_renewed(self):
        for end in self:
            renewal = end.renewal_id
            if end.outcome and end.outcome == renewal.outcome:
                end.renewed_value, end.renewed_seats = renewal.renewed_value, renewal.renewed_seats
            elif end.outcome == "churned":
                end.renewed_value, end.renewed_seats = 0.0, 0
            else:
                end.renewed_value, end.renewed_seats = renewal.annual_value, renewal.seats

    @api.depends("outcome", "renewal_id")
    def _compute_reason(self):
        for end in self:
            renewal = end.renewal_id
            same = end.outcome == renewal.outcome
            end.reason_id = renewal.reason_id if same else False
            end.reason_note = end.reason_note or renewal.reason_note

    @api.depends("outcome", "renewal_id", "renewed_value")
    def _compute_next_text(self):
        """Say in one line that ending the renewal creates the next term."""
        for end in self:
            renewal = end.renewal_id
            if end.outcome not in STAYING or not renewal.date_renewal:
                end.next_text = False
                continue
            start = renewal.date_renewal
            end.next_text = self.env._(
                "The next term, from %(start)s to %(end)s, starts with these figures.",
                start=format_date(self.env, start),
                end=format_date(self.env, next_end(renewal.date_start, start)),
            )

    def action_end(self):
        """Write the outcome; raise ValidationError if the reason is missing or figures contradict it."""
        self.ensure_one()
        needs_reason = self.outcome in ("contracted", "churned") and self.env[
            "customer.success.renewal.reason"
        ].search_count([("outcome", "=", self.outcome)], limit=1)
        if needs_reason and not self.reason_id:
            raise ValidationError(self.env._("Choose the most important reason for this outcome."))
        self.renewal_id.write(
            {
                "outcome": self.outcome,
                "date_outcome": self.date_outcome,
                "renewed_value": self.renewed_value,
                "renewed_seats": self.renewed_seats,
                "reason_id": self.reason_id.id,
                "reason_note": self.reason_note,
            }
        )
        return {"type": "ir.actions.act_window_close"}

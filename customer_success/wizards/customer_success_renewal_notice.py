from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.common.proposed import PROPOSED
from ..models.renewals.customer_success_renewal_notice import KINDS
from ..scoring.terms import STAYING


class CustomerSuccessRenewalNoticeDialog(models.TransientModel):
    """A dialog that records a notice, also one that came in time and is entered after the term renewed itself.

    All data of the renewal is read with the rights of the user, who may pass any renewal here.
    """

    _name = "customer.success.renewal.notice"
    _description = "Notice of a Customer"

    renewal_id = fields.Many2one(
        "customer.success.renewal", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="renewal_id.currency_id", related_sudo=False)
    annual_value = fields.Monetary(
        "Value at the End", compute="_compute_at_end", compute_sudo=False
    )
    seats = fields.Integer("Seats at the End", compute="_compute_at_end", compute_sudo=False)
    given_on = fields.Date(
        "Notice Given On",
        required=True,
        default=fields.Date.context_today,
        help="The day on which the notice reached you.",
    )
    kind = fields.Selection(KINDS, "What It Does", required=True, default="end")
    notice_seats = fields.Integer("Seats That Stay")
    notice_value = fields.Monetary(
        "Annual Value That Stays",
        compute="_compute_notice_value",
        **PROPOSED,
    )
    reason_id = fields.Many2one("customer.success.renewal.reason")
    reason_note = fields.Text("In Their Words")
    said = fields.Char(compute="_compute_said")

    @api.depends("renewal_id")
    def _compute_at_end(self):
        """Show the figures with which the term ends, from which the notice takes something away."""
        for notice in self:
            notice.annual_value, notice.seats = (
                notice.renewal_id._at_end() if notice.renewal_id else (0.0, 0)
            )

    @api.depends("kind", "notice_seats", "renewal_id")
    def _compute_notice_value(self):
        for notice in self:
            share = notice.notice_seats / notice.seats if notice.seats else 0.0
            is_known = notice.kind == "reduce" and share
            notice.notice_value = notice.annual_value * min(share, 1.0) if is_known else 0.0

    @api.depends("given_on", "renewal_id")
    def _compute_said(self):
        """Say in one line what the day means for this term."""
        _ = self.env._
        for notice in self:
            renewal, given = notice.renewal_id, notice.given_on
            notice.said = False
            is_late = given and renewal.date_notice and given > renewal.date_notice
            if is_late and renewal.renewed_itself:
                notice.said = _(
                    "The notice date is over and the term renewed itself. Enter this notice on the next term."
                )
            elif is_late:
                notice.said = _(
                    "The notice date is over: by contract, the term renews once more. It no longer renews itself, and you agree "
                    "with the customer."
                )
            elif renewal.renewed_itself:
                notice.said = _(
                    "This notice came in time: the term is pending again, and its next term is taken back, or archived if somebody has "
                    "worked on it."
                )

    def action_record(self):
        """Write the notice on the term; reopen a term that renewed itself although the notice came in time."""
        self.ensure_one()
        renewal = self.renewal_id
        if self.kind == "reduce" and self.annual_value and not self.notice_value:
            raise ValidationError(
                self.env._(
                    "What does a contract cost that is reduced? Enter the seats, the annual value, or both, that stay. If nothing stays, "
                    "the notice ends the contract."
                )
            )
        if renewal.outcome in STAYING:
            self._reopen()
        elif renewal.outcome != "pending":
            raise UserError(self.env._("%s has ended in churn already.", renewal.display_name))
        renewal.write(
            {
                "notice_given_on": self.given_on,
                "notice_kind": self.kind,
                "notice_seats": self.notice_seats if self.kind == "reduce" else 0,
                "notice_value": self.notice_value if self.kind == "reduce" else 0.0,
                "notice_reason_id": self.reason_id.id,
                "reason_note": self.reason_note,
            }
        )
        return {"type": "ir.actions.act_window_close"}

    def _reopen(self):
        """Reopen the term, unless a person ended it, the notice is late, or a later term has ended, too."""
        renewal = self.renewal_id
        following = renewal.next_ids
        if not renewal.renewed_itself or any(term.outcome != "pending" for term in following):
            raise UserError(
                self.env._(
                    "%s has ended, and so its notice is too late to be entered here. Enter it on the term that is pending, or "
                    "reopen the terms from the latest one on.",
                    renewal.display_name,
                )
            )
        if renewal.date_notice and self.given_on > renewal.date_notice:
            raise UserError(
                self.env._(
                    "The notice came after the notice date, so that the contract renewed itself. Enter it on the next term."
                )
            )
        self._archive_worked_on(following)
        renewal.action_reopen()

    def _archive_worked_on(self, following):
        """Archive next terms that are not deleted because somebody worked on them: the contract does not reach them any more.

        Refuse it for those with a notice of their own, which only a manager takes away.
        """
        kept = following.sudo().filtered(lambda term: not term._is_untouched())
        if noticed := kept.filtered("notice_kind"):
            raise UserError(
                self.env._(
                    "“%s” has a notice, too. Withdraw it there first.", noticed[0].display_name
                )
            )
        for term in kept:
            said = self.env._(
                "Archived “%s”, because the notice of the term before it came in time.",
                term.display_name,
            )
            term._message_log(body=said)
            term.previous_id._message_log(body=said)
        # A term that is linked, even an archived one, would be taken for the next one if the contract goes on after all.
        kept.write({"active": False, "previous_id": False})

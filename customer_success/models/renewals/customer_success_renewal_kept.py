from odoo import api, models
from odoo.exceptions import UserError


class CustomerSuccessRenewal(models.Model):
    """The terms that stay: archiving, deleting or moving one with a value is lowering its value to nothing.

    A manager who decides on the customer may do it; the history of the customer keeps it. A term that has ended stays, for
    managers too: its loss, or what was kept, would go out of the retention of its year.
    """

    _inherit = "customer.success.renewal"

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        gone = self.browse()
        if "active" in vals and not vals["active"]:
            gone |= self.filtered("active")
            gone._check_stays_counted()
        if "partner_id" in vals:
            gone |= self.filtered(lambda renewal: renewal.partner_id.id != vals["partner_id"])
        if gone:
            self.check_access("write")
            gone._leave_the_book()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if not self.env.su:
            self._check_may_leave()
            self._check_stays_counted()

    def _check_stays_counted(self):
        """Refuse to put away terms that have ended and had a value."""
        for renewal in self.filtered(
            lambda r: r.active and r.outcome != "pending" and r.counted_value
        ):
            raise UserError(
                self.env._(
                    "“%s” has ended and stays counted in the retention of its year. If its outcome was a mistake, "
                    "reopen it first.",
                    renewal.display_name,
                )
            )

    def _leave_the_book(self):
        """Refuse that terms with a value are put away, or log it with their customers."""
        for renewal in self._check_may_leave():
            renewal.partner_id._message_log(
                body=self.env._(
                    "The renewal “%s” was archived or moved away.", renewal.display_name
                )
            )

    def _check_may_leave(self):
        """Return the terms that have a value; refuse if this user does not decide on their customers."""
        held = self.filtered(lambda r: r.active and r.counted_value and not r._is_slip())
        for renewal in held:
            if not self.env.user._success_decides_on(renewal.partner_id):
                raise UserError(
                    self.env._(
                        "“%s” counts in churn risk, forecast and retention. If the customer leaves, record the outcome; if the term "
                        "is wrong, correct it, or ask a manager to archive it.",
                        renewal.display_name,
                    )
                )
        return held

from odoo import api, fields, models
from odoo.exceptions import UserError

# A change of these fields may end the last term of a customer, or bring the customer back.
DECISIVE = {"active", "date_renewal", "date_start", "outcome", "partner_id"}
# These are kept on a former customer.
KEPT = {"annual_value", "company_id", "currency_id", "reason_id"}


class CustomerSuccessRenewal(models.Model):
    """The terms decide who is a former customer: each change of one is followed at once, whoever makes it."""

    _inherit = "customer.success.renewal"

    closes_work = fields.Boolean(
        "Close Open Work",
        copy=False,
        help="When the customer leaves with this term, its open barriers, objectives, changes, activities and its plan are "
        "closed. Otherwise they stay open, out of sight.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        renewals = super().create(vals_list)
        # A new term that is pending changes nothing but for a former customer.
        renewals.filtered(
            lambda term: term.outcome != "pending" or term.partner_id.sudo().success_former_date
        ).partner_id._success_update_former()
        for term in renewals:
            if term.outcome == "pending" and term.partner_id.sudo().success_former_date:
                term._message_log(
                    body=self.env._(
                        "%s stays a former customer: this term is worth nothing. Enter its annual value.",
                        term.partner_id.display_name,
                    )
                )
        return renewals

    def write(self, vals):
        if not (DECISIVE | KEPT) & vals.keys():
            return super().write(vals)
        if vals.get("outcome", "churned") != "churned":
            vals = {**vals, "closes_work": False}
        customers = self.partner_id
        result = super().write(vals)
        customers |= self.partner_id
        if not DECISIVE & vals.keys():
            customers = customers.filtered(lambda customer: customer.sudo().success_former_date)
        customers._success_update_former(is_decided="outcome" in vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ended(self):
        """Keep what was decided: a loss stays in retention. A decision that was a mistake is taken back first."""
        if self.env.su:
            return
        for renewal in self:
            if renewal.outcome != "pending":
                raise UserError(
                    self.env._(
                        "%s has ended and is kept: retention and the risk model learn from it. If its outcome was a mistake, "
                        "reopen it first.",
                        renewal.display_name,
                    )
                )
            renewal.partner_id._message_log(
                body=self.env._("The pending renewal “%s” was deleted.", renewal.display_name)
            )

    def unlink(self):
        customers = self.partner_id
        result = super().unlink()
        customers.exists()._success_update_former()
        return result

from odoo import models


class CustomerSuccessRenewal(models.Model):
    """A pending term that is archived is no business any more: its opportunity is lost, and open again when the term is back.

    Nobody is asked whether the customer churned, and the reason for which customers are lost is not given: the customer decided nothing.
    """

    _inherit = "customer.success.renewal"

    def write(self, vals):
        if "active" not in vals:
            return super().write(vals)
        turned = self.filtered(lambda renewal: renewal.active != bool(vals["active"])).sudo()
        result = super().write(vals)
        turned = turned.filtered(lambda renewal: renewal.outcome == "pending" and renewal.lead_id)
        if vals["active"]:
            turned._open_lead_again()
        else:
            turned._put_lead_away()
        return result

    def _put_lead_away(self):
        """Lose the open opportunities of these archived terms, and say why."""
        for renewal in self.filtered(lambda r: r.lead_id.won_status == "pending"):
            renewal.lead_id._message_log(
                body=self.env._("The term “%s” was archived.", renewal.display_name)
            )
            renewal.lead_id.action_set_lost(lost_reason_id=False)
            renewal.lead_id.success_put_away = True

    def _open_lead_again(self):
        """Open the opportunities again that were lost with their term, not those that sales has lost."""
        away = self.lead_id.filtered("success_put_away")
        away.filtered(
            lambda lead: lead.won_status == "lost" and not lead.lost_reason_id
        )._reopen_for_renewal()
        away.success_put_away = False

    def _lead_lost(self):
        """Ask nobody about terms that are archived."""
        return super(CustomerSuccessRenewal, self.filtered("active"))._lead_lost()

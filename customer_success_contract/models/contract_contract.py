from odoo import models

WATCHED = {
    "partner_id",
    "company_id",
    "active",
    "contract_type",
    "manual_currency_id",
    "currency_id",
    "code",
    "name",
    "line_recurrence",
    "date_start",
    "date_end",
    "recurring_rule_type",
    "recurring_interval",
    "is_terminated",
    "terminate_reason_id",
    "terminate_comment",
    "terminate_date",
}


class ContractContract(models.Model):
    """A contract: a change of it counts as a change of each of its lines."""

    _inherit = "contract.contract"

    def write(self, vals):
        result = super().write(vals)
        if WATCHED & vals.keys():
            lines = self.sudo().with_context(active_test=False).contract_line_ids
            lines._success_changed(lines.success_renewal_id)
        return result

    def unlink(self):
        # The database deletes the lines by cascade, which does not call their unlink.
        lines = self.sudo().with_context(active_test=False).contract_line_ids
        lines.browse()._success_changed(lines.success_renewal_id)
        return super().unlink()

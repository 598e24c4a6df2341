from odoo import models

WATCHED = {
    "partner_id",
    "success_for_id",
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
    """A contract: a change of it counts as a change of each of its lines.

    A contract of a reseller may be for another customer, who uses the product: the term stands there.
    """

    _name = "contract.contract"
    _inherit = ["contract.contract", "customer.success.for.whom"]

    def write(self, vals):
        contracts = self.sudo().with_context(active_test=False)
        if "success_for_id" in vals and not self.env.su:
            for contract in contracts:
                contract.contract_line_ids._success_check_move(
                    contract._success_customer_said(vals)
                )
        result = super().write(vals)
        if "success_for_id" in vals:
            for contract in contracts:
                contract.contract_line_ids._success_move(contract._success_customer())
        if WATCHED & vals.keys():
            lines = contracts.contract_line_ids
            lines._success_changed(lines.success_renewal_id)
        return result

    def unlink(self):
        # The database deletes the lines by cascade, which does not call their unlink.
        lines = self.sudo().with_context(active_test=False).contract_line_ids
        lines.browse()._success_changed(lines.success_renewal_id)
        return super().unlink()

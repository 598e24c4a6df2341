from odoo import fields, models

from .customer_success_usage_contract import COUNTS


class CustomerSuccessUsage(models.Model):
    _inherit = "customer.success.usage"

    contract_ids = fields.One2many(
        "customer.success.usage.contract", "usage_id", "By Contract", copy=False
    )

    def _add_up_contracts(self):
        """Give each period the users of its contracts; what no contract says stays as it is."""
        for usage in self:
            vals = {}
            for name in COUNTS:
                known = [part[name] for part in usage.contract_ids if part[name] is not False]
                if known and sum(known) != usage[name]:
                    vals[name] = sum(known)
            if vals:
                usage.write(vals)

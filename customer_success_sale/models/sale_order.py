from odoo import fields, models


class SaleOrder(models.Model):
    """Orders open renewals, add to them, or renew them; their lines do the work."""

    _inherit = "sale.order"

    def _action_confirm(self):
        result = super()._action_confirm()
        self.order_line._success_settle()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self.order_line._success_settle()
        return result

    def _success_start(self):
        """The first day of what was bought: when it is to be delivered, else when it was ordered."""
        self.ensure_one()
        moment = self.commitment_date or self.date_order or fields.Datetime.now()
        return fields.Datetime.context_timestamp(self, moment).date()

    def _success_renewed(self):
        """The renewal that the order was written for: that of its opportunity, where there is one."""
        self.ensure_one()
        if "opportunity_id" in self._fields:
            return self.opportunity_id.success_renewal_id
        return self.env["customer.success.renewal"]

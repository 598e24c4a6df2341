from odoo import fields, models


class SaleOrder(models.Model):
    """An order that creates, extends or renews renewals through its lines."""

    _inherit = "sale.order"

    def _action_confirm(self):
        result = super()._action_confirm()
        self.order_line._success_reconcile_pending()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self.order_line._success_reconcile_pending()
        return result

    def _success_start(self):
        """Return the first day of the term: the delivery date, else the order date."""
        self.ensure_one()
        moment = self.commitment_date or self.date_order or fields.Datetime.now()
        return fields.Datetime.context_timestamp(self, moment).date()

    def _success_renewed(self):
        """Return the renewal of the order's opportunity, or none."""
        self.ensure_one()
        if "opportunity_id" in self._fields:
            return self.opportunity_id.success_renewal_id
        return self.env["customer.success.renewal"]

from odoo import api, fields, models
from odoo.tools import format_list

from odoo.addons.customer_success.models.renewals.customer_success_renewal_terms import UNITS

from .sale_order_line import WAITING


class SaleOrder(models.Model):
    """An order that creates, extends or renews renewals through its lines."""

    _inherit = "sale.order"

    success_is_renewable = fields.Boolean(
        compute="_compute_success_is_renewable", groups="base.group_user"
    )
    # What was agreed in this order; empty as the products say
    success_first_months = fields.Integer(
        "Term of This Order in Months",
        copy=False,
        groups="base.group_user",
        help="The length of the term, if another one was agreed than that of the product: 14 months, then yearly. The prices of the "
        "order are for this term. Use 0 for the term of the product.",
    )
    success_auto_renew = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        "Renews Itself",
        groups="base.group_user",
        help="What was agreed. Leave it empty if the terms of the products hold.",
    )
    success_notice_period = fields.Integer(
        "Notice Period",
        groups="base.group_user",
        help="The notice that was agreed. Use 0 for that of the products.",
    )
    success_notice_unit = fields.Selection(
        UNITS, "Unit of the Notice Period", default="months", groups="base.group_user"
    )
    # The part of their prices at which the lines are sold
    success_share = fields.Float(
        compute="_compute_success_share", compute_sudo=True, groups="base.group_system"
    )

    _check_success_agreed = models.Constraint(
        "CHECK(success_first_months BETWEEN 0 AND 240 AND success_notice_period BETWEEN 0 AND 7300)",
        "A term must last from 1 to 240 months, and a notice period cannot be negative.",
    )

    @api.depends("order_line.product_id")
    def _compute_success_is_renewable(self):
        for order in self:
            products = order.order_line.product_id.sudo()
            order.success_is_renewable = any(products.mapped("success_renews"))

    @api.depends(
        "order_line.price_subtotal", "order_line.display_type", "order_line.is_downpayment"
    )
    def _compute_success_share(self):
        """Share what the order takes off again among all its lines.

        Discounts, vouchers and rounding have lines of their own below zero. Each line bears them in proportion to its price.
        """
        for order in self:
            prices = [
                line.price_subtotal
                for line in order.order_line
                if not line.display_type and not line.is_downpayment
            ]
            asked = sum(price for price in prices if price > 0)
            taken = sum(price for price in prices if price < 0)
            order.success_share = max(0.0, 1 + taken / asked) if asked else 1.0

    def write(self, vals):
        """Bring renewals up to date once, after all lines are saved."""
        waiting = self.env.cr.precommit.data
        if "order_line" not in vals or WAITING in waiting:
            return super().write(vals)
        changed = waiting[WAITING] = set()
        try:
            result = super().write(vals)
        finally:
            waiting.pop(WAITING, None)
        self.env["sale.order.line"].browse(changed).exists()._success_changed()
        return result

    def _success_agreed(self):
        """Return the values of a term that were agreed in this order, as far as they are no terms of the product."""
        self.ensure_one()
        agreed = {}
        if self.success_auto_renew:
            agreed["auto_renew"] = self.success_auto_renew == "yes"
        if self.success_notice_period:
            agreed["notice_period"] = self.success_notice_period
            agreed["notice_unit"] = self.success_notice_unit or "months"
        return agreed

    def _action_confirm(self):
        result = super()._action_confirm()
        self.order_line._success_reconcile_pending()
        self._success_say_over()
        self._success_ask_for_whom()
        return result

    def _success_say_over(self):
        """Say on orders that are confirmed late that what they sold is over, so that they open no renewal."""
        for order in self:
            over = order.sudo().order_line.filtered(
                lambda line: (
                    line._success_counts() and not line.success_effect and line._success_is_over()
                )
            )
            if over:
                order._message_log(
                    body=self.env._(
                        "The term that this order sells is over, so no renewal was opened: %s. Record it by hand if the customer still "
                        "uses it.",
                        format_list(self.env, over.product_id.mapped("name")),
                    )
                )

    def _action_cancel(self):
        result = super()._action_cancel()
        self.order_line._success_reconcile_pending()
        self._success_ask_for_whom()
        return result

    def _success_start(self):
        """Return the first day of the term: the delivery date, else the order date.

        It is the salesperson's day, whoever confirms the order: a customer far away, or a job.
        """
        self.ensure_one()
        moment = self.commitment_date or self.date_order or fields.Datetime.now()
        zone = self.user_id.sudo().tz or self.env.context.get("tz")
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), moment).date()

    def _success_renewed(self):
        """Return the renewal of the order's opportunity, or none."""
        self.ensure_one()
        if "opportunity_id" in self._fields:
            return self.opportunity_id.success_renewal_id
        return self.env["customer.success.renewal"]

from odoo import api, fields, models

from odoo.addons.customer_success.scoring.sources import (
    USUAL_MONTHS,
    LineState,
    anniversary,
    per_year,
)

WATCHED = {"sale_subscription_id", "product_id", "product_uom_qty", "price_unit", "discount"}
STATES = {"in_progress": "live", "post": "gone"}


class SaleSubscriptionLine(models.Model):
    """A line of a subscription as a source of renewals.

    The rules are in `customer.success.renewal.source`.
    """

    _name = "sale.subscription.line"
    _inherit = ["customer.success.renewal.source", "sale.subscription.line"]

    @api.model
    def _success_fields(self):
        return WATCHED

    @api.model
    def _success_domain(self):
        return [("sale_subscription_id", "!=", False)]

    @api.model
    def _success_partner_path(self):
        return "sale_subscription_id.success_about_id.commercial_partner_id"

    def _success_line_states(self):
        today = fields.Date.context_today(self)
        return [line._success_line_state(today) for line in self if line.sale_subscription_id]

    def _success_line_state(self, today):
        self.ensure_one()
        subscription = self.sale_subscription_id
        template = subscription.template_id
        customer = subscription._success_customer()
        line_state = LineState(
            line=self.id,
            key=(customer.id, self.product_id.id, subscription.company_id.id),
            # A paused subscription stops invoicing, but its term goes on.
            state=STATES.get(subscription.stage_id.type, "waiting"),
            value=per_year(
                self.price_subtotal,
                template.recurring_rule_type or "months",
                template.recurring_interval,
            ),
            seats=self.product_uom_qty,
            currency=self.currency_id.id,
            # Without a finish date, the product says whether it renews itself.
            automatic=False if subscription.date else None,
            source=subscription.name or str(subscription.id),
            buyer=subscription._success_buyer().id,
        )
        if not subscription.active:
            line_state.state = "waiting"
        if line_state.state == "gone":
            line_state.gone_on = today
            line_state.reason = subscription.close_reason_id.name or ""
        line_state.start, line_state.end = self._success_term(subscription, template, today)
        if line_state.end and line_state.end == subscription.date:
            line_state.end_is_last_day = None  # a finish date may be either; the dates show which
        if not line_state.start:
            line_state.state = "waiting"
        if not self.success_renewal_id and subscription._success_is_asked():
            line_state.state = "waiting"
        return line_state

    @api.model
    def _success_term(self, subscription, template, today):
        """Return the first day of the term and its end, or None for both.

        The term lasts until the finish date, else for a year or for one invoicing period if that is longer.
        """
        start, end = subscription.date_start, subscription.date
        if not start:
            return None, None
        if end and end > start:
            return start, end
        interval = max(template.recurring_interval or 1, 1)
        months = {"years": 12 * interval, "months": interval}.get(template.recurring_rule_type, 0)
        return anniversary(start, today, max(USUAL_MONTHS, months))

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.customer_success.scoring.sources import LineState, anniversary, per_year

# Fields of contract, and of contract_line_successor and contract_termination, which may not be installed.
WATCHED = {
    "contract_id",
    "product_id",
    "quantity",
    "price_unit",
    "specific_price",
    "discount",
    "date_start",
    "date_end",
    "is_canceled",
    "recurring_rule_type",
    "recurring_interval",
    "is_auto_renew",
    "auto_renew_interval",
    "auto_renew_rule_type",
    "termination_notice_interval",
    "termination_notice_rule_type",
    "manual_renew_needed",
    "predecessor_contract_line_id",
}


class ContractLine(models.Model):
    """A line of a customer's contract as a source of renewals.

    The rules are in `customer.success.renewal.source`.
    """

    _name = "contract.line"
    _inherit = ["customer.success.renewal.source", "contract.line"]

    @api.model
    def _success_fields(self):
        return WATCHED

    @api.model
    def _success_domain(self):
        return [("contract_id.contract_type", "=", "sale"), ("display_type", "=", False)]

    @api.model
    def _success_partner_path(self):
        return "contract_id.success_about_id.commercial_partner_id"

    def _success_line_states(self):
        today = fields.Date.context_today(self)
        lines = self.filtered(
            lambda line: line.contract_id.contract_type == "sale" and not line.display_type
        )
        chained = "predecessor_contract_line_id" in self._fields
        succeeded = (
            lines.search(
                [("predecessor_contract_line_id", "in", lines.ids), ("is_canceled", "=", False)]
            ).predecessor_contract_line_id
            if chained
            else lines.browse()
        )
        # A line with a successor is left out: the state of the successor counts.
        return [line._success_line_state(today) for line in lines - succeeded]

    def _success_line_state(self, today):
        self.ensure_one()
        contract = self.contract_id
        automatic = self.is_auto_renew if "is_auto_renew" in self._fields else None
        line_state = LineState(
            line=self.id,
            key=(contract._success_customer().id, self.product_id.id, contract.company_id.id),
            state=self._success_state(today, automatic),
            value=per_year(self.price_subtotal, self.recurring_rule_type, self.recurring_interval),
            seats=self.quantity,
            currency=self.currency_id.id,
            automatic=automatic,
            source=contract.code or contract.name or str(contract.id),
            buyer=contract._success_buyer().id,
        )
        line_state.start, line_state.end = self._success_term(today, automatic)
        if "termination_notice_date" in self._fields:
            line_state.notice = self.termination_notice_date or None
        before = line_state.state == "live" and self._success_predecessor()
        if before and before.date_end:
            line_state.resumed = before.date_end + relativedelta(days=1) < self.date_start
        self._success_note_end(line_state, today)
        return line_state

    def _success_predecessor(self):
        chained = "predecessor_contract_line_id" in self._fields
        return self.predecessor_contract_line_id if chained else self.browse()

    def _success_state(self, today, automatic):
        """Return the state of the line: `gone`, `waiting`, `live` or `over`.

        A line is live until its last day, and after it while it must still be renewed.
        """
        contract = self.contract_id
        if self.is_canceled or ("is_terminated" in contract._fields and contract.is_terminated):
            return "gone"
        if not contract.active or not self.date_start:
            return "waiting"
        if not self.date_end or self.date_end >= today:
            return "live"
        to_renew = "manual_renew_needed" in self._fields and self.manual_renew_needed
        return "live" if automatic or to_renew else "over"

    def _success_term(self, today, automatic):
        """Return the first day of the term and the first day after it, or None for both."""
        if not self.date_start:
            return None, None
        if not self.date_end:
            return anniversary(self.date_start, today)
        end = self.date_end + relativedelta(days=1)
        start = self.date_start
        if automatic:
            length = self.get_relative_delta(self.auto_renew_rule_type, self.auto_renew_interval)
            start = max(start, end - length)
        return start, end

    def _success_note_end(self, line_state, today):
        """Note in the state of a line when and why it ended, with the reason and note of the contract."""
        contract = self.contract_id
        if line_state.state == "over":
            line_state.gone_on = self.date_end
        elif line_state.state == "gone":
            line_state.gone_on = min(today, self.date_end or today)
            if "is_terminated" in contract._fields and contract.is_terminated:
                line_state.gone_on = contract.terminate_date or today
                line_state.reason = contract.terminate_reason_id.name or ""
                line_state.note = contract.terminate_comment or ""

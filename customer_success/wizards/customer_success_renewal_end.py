from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date, format_list

from ..models.common.proposed import PROPOSED
from ..scoring.terms import OUTCOMES, STAYING

# The outcome that a notice announces.
ANNOUNCED = {"end": "churned", "reduce": "contracted"}


class CustomerSuccessRenewalEnd(models.TransientModel):
    """A dialog that ends a renewal with date, figures and reason, or corrects its outcome.

    All data of the renewal is read with the rights of the user, who may pass any renewal here.
    """

    _name = "customer.success.renewal.end"
    _description = "End of a Renewal"

    renewal_id = fields.Many2one(
        "customer.success.renewal", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="renewal_id.currency_id", related_sudo=False)
    annual_value = fields.Monetary("Value Before", compute="_compute_before", compute_sudo=False)
    seats = fields.Integer("Seats Before", compute="_compute_before", compute_sudo=False)
    outcome = fields.Selection(
        [option for option in OUTCOMES if option[0] != "pending"],
        required=True,
        compute="_compute_outcome",
        **PROPOSED,
    )
    date_outcome = fields.Date(
        "Decided On",
        required=True,
        compute="_compute_date_outcome",
        **PROPOSED,
        help="The day on which the customer decided, which may be long before the notice date.",
    )
    renewed_value = fields.Monetary(
        compute="_compute_renewed",
        **PROPOSED,
    )
    renewed_seats = fields.Integer(
        compute="_compute_renewed",
        **PROPOSED,
    )
    next_currency_id = fields.Many2one(
        "res.currency",
        "Currency of the Next Term",
        compute="_compute_next_currency",
        **PROPOSED,
    )
    is_other_currency = fields.Boolean(compute="_compute_is_other_currency")
    next_value = fields.Monetary(
        "Value of the Next Term",
        currency_field="next_currency_id",
        compute="_compute_next_currency",
        **PROPOSED,
        help="The annual value of the next term in its currency. The renewed value is the same at the rate of that day.",
    )
    rate_text = fields.Char(compute="_compute_rate_text")
    addon_text = fields.Char("Add-Ons", compute="_compute_addon_text")
    reason_id = fields.Many2one(
        "customer.success.renewal.reason",
        compute="_compute_reason",
        **PROPOSED,
        domain="[('outcome', '=', outcome)]",
    )
    reason_note = fields.Text(
        "In Their Words",
        compute="_compute_reason",
        **PROPOSED,
    )
    following_months = fields.Integer(
        "Length of the Next Term",
        compute="_compute_following_months",
        **PROPOSED,
        help="The length of the next term and of those after it, in months. Use 0 for terms as long as this one.",
    )
    is_addon = fields.Boolean(compute="_compute_before", compute_sudo=False)
    next_text = fields.Char(compute="_compute_next_text")
    # If the customer leaves with this term
    former_text = fields.Char(compute="_compute_former")
    open_text = fields.Char("Still Open", compute="_compute_former")
    open_work = fields.Selection(
        [("keep", "Keep it, out of sight until the customer is back"), ("close", "Close it")],
        required=True,
        default="keep",
    )
    may_return = fields.Selection(
        lambda self: self.env["res.partner"]._fields["success_may_return"].selection,
        "May They Come Back?",
        compute="_compute_may_return",
        **PROPOSED,
    )
    step_plan_ids = fields.Many2many(
        "mail.activity.plan",
        "customer_success_renewal_end_step_rel",
        string="Plan the Steps For",
        domain=[("template_ids.activity_type_id.success_for_former", "=", True)],
        help="The activities of these plans are given to the CSM, counted from the day on which the term ends.",
    )

    @api.depends("renewal_id")
    def _compute_before(self):
        """Show with what the term ends: an amendment that is agreed and not yet in force counts."""
        for end in self:
            end.annual_value, end.seats = (end.renewal_id and end.renewal_id._at_end()) or (0.0, 0)
            end.is_addon = bool(end.renewal_id.main_id)

    @api.depends("renewal_id")
    def _compute_outcome(self):
        for end in self:
            said = end.renewal_id.outcome
            announced = ANNOUNCED.get(end.renewal_id.notice_kind)
            end.outcome = end.outcome or (said != "pending" and said) or announced

    @api.depends("renewal_id")
    def _compute_date_outcome(self):
        """Compute the date apart from the outcome.

        A button passes the outcome, and Odoo computes neither of two fields that are computed together if
        one of them is given.
        """
        today = fields.Date.context_today(self)
        for end in self:
            renewal = end.renewal_id
            noticed = renewal.notice_given_on
            if noticed and renewal.date_start:
                noticed = min(max(noticed, renewal.date_start), today)
            end.date_outcome = renewal.date_outcome or noticed or today

    @api.depends("outcome", "renewal_id", "annual_value", "seats")
    def _compute_renewed(self):
        for end in self:
            renewal = end.renewal_id
            if end.outcome and end.outcome == renewal.outcome:
                end.renewed_value, end.renewed_seats = renewal.renewed_value, renewal.renewed_seats
            elif end.outcome == "churned":
                end.renewed_value, end.renewed_seats = 0.0, 0
            elif end.outcome == "contracted" and renewal.notice_kind == "reduce":
                end.renewed_value, end.renewed_seats = renewal.notice_value, renewal.notice_seats
            else:
                end.renewed_value, end.renewed_seats = end.annual_value, end.seats

    @api.depends("outcome", "renewal_id")
    def _compute_reason(self):
        for end in self:
            renewal = end.renewal_id
            same = end.outcome == renewal.outcome
            noticed = renewal.notice_reason_id
            end.reason_id = renewal.reason_id if same else False
            if not end.reason_id and noticed.outcome == end.outcome:
                end.reason_id = noticed
            end.reason_note = end.reason_note or renewal.reason_note

    @api.depends("renewal_id")
    def _compute_next_currency(self):
        for end in self:
            renewal = end.renewal_id
            end.next_currency_id = renewal.next_currency_id or renewal.currency_id
            end.next_value = renewal.next_value

    @api.depends("next_currency_id", "renewal_id", "outcome")
    def _compute_is_other_currency(self):
        for end in self:
            currency = end.renewal_id.currency_id
            end.is_other_currency = (
                end.outcome in STAYING
                and bool(end.next_currency_id)
                and end.next_currency_id != currency
            )

    @api.depends("is_other_currency", "next_currency_id", "next_value", "date_outcome")
    def _compute_rate_text(self):
        """Say what the value of the next term is in the currency of this one, with which it is compared."""
        for end in self:
            end.rate_text = False
            if not end.is_other_currency or not end.next_value:
                continue
            renewal = end.renewal_id
            value = end.next_currency_id._success_convert(
                end.next_value, renewal.currency_id, renewal.company_id, end.date_outcome
            )
            if value is None:
                end.rate_text = self.env._(
                    "There is no exchange rate for %(currency)s on that day: enter the rate first.",
                    currency=end.next_currency_id.name,
                )
            else:
                end.rate_text = self.env._(
                    "%(value)s at the rate of that day, before %(before)s.",
                    value=renewal.currency_id.format(value),
                    before=renewal.currency_id.format(end.annual_value),
                )

    @api.depends("renewal_id", "outcome")
    def _compute_addon_text(self):
        """Name the add-ons that end together with the term."""
        for end in self:
            addons = end.renewal_id.addon_ids.filtered(lambda addon: addon.outcome == "pending")
            names = format_list(self.env, addons.mapped("product_id.name"))
            if not addons or not end.outcome:
                end.addon_text = False
            elif end.outcome in STAYING:
                end.addon_text = self.env._(
                    "These add-ons are renewed with it as they are: %s. End one that is lost, or changes, first.",
                    names,
                )
            else:
                end.addon_text = self.env._("These add-ons end with it: %s.", names)

    @api.depends("renewal_id")
    def _compute_following_months(self):
        for end in self:
            end.following_months = end.renewal_id.following_months

    @api.depends("outcome", "renewal_id", "renewed_value", "following_months")
    def _compute_next_text(self):
        """Say in one line that ending the renewal creates the next term."""
        for end in self:
            renewal = end.renewal_id
            if end.outcome not in STAYING or not renewal.date_renewal:
                end.next_text = False
                continue
            start, last = (
                format_date(self.env, day) for day in renewal._next_term(end.following_months)
            )
            end.next_text = (
                self.env._(
                    "The next term, from %(start)s to and including %(end)s, starts with these figures.",
                    start=start,
                    end=last,
                )
                if renewal.end_is_last_day
                else self.env._(
                    "The next term, from %(start)s to %(end)s, starts with these figures.",
                    start=start,
                    end=last,
                )
            )

    @api.depends("outcome", "renewal_id")
    def _compute_former(self):
        """Say that the customer leaves with this term, and what is still open there."""
        for end in self:
            customer = end.renewal_id.partner_id
            leaves_on = end.outcome == "churned" and end._leaves_on()
            end.former_text = end.open_text = False
            if not leaves_on:
                continue
            end.former_text = self.env._(
                "With this term, %(customer)s becomes a former customer on %(date)s: it leaves lists, averages and playbooks; "
                "its history stays. A new renewal brings it back.",
                customer=customer.name,
                date=format_date(self.env, leaves_on),
            )
            end.open_text = "; ".join(customer._success_open_work()) or False

    def _leaves_on(self):
        """Return the day on which the customer becomes a former one if this renewal ends in churn; None if it stays."""
        self.ensure_one()
        renewal = self.renewal_id
        customer = renewal.partner_id
        leaving = customer.sudo()._success_leaving(SQL("SELECT %s", customer.id), renewal.id)
        return leaving.get(customer.id)

    @api.depends("renewal_id")
    def _compute_may_return(self):
        for end in self:
            end.may_return = end.renewal_id.partner_id.success_may_return

    def action_end(self):
        """Write the outcome; raise ValidationError if the reason is missing or figures contradict it."""
        self.ensure_one()
        needs_reason = self.outcome in ("contracted", "churned") and self.env[
            "customer.success.renewal.reason"
        ].search_count([("outcome", "=", self.outcome)], limit=1)
        if needs_reason and not self.reason_id:
            raise ValidationError(self.env._("Choose the most important reason for this outcome."))
        leaves = self.outcome == "churned" and bool(self._leaves_on())
        self.renewal_id.write(
            {
                "outcome": self.outcome,
                "date_outcome": self.date_outcome,
                "renewed_value": self.renewed_value,
                "renewed_seats": self.renewed_seats,
                "reason_id": self.reason_id.id,
                "reason_note": self.reason_note,
                "closes_work": leaves and self.open_work == "close",
                **self._next_amount(),
                **self._next_length(),
            }
        )
        if leaves:
            self._leave()
        return {"type": "ir.actions.act_window_close"}

    def _next_length(self):
        """Return another length of the terms that follow; those of an add-on are as long as those of its main term."""
        renewal = self.renewal_id
        same = self.following_months == renewal.following_months
        if same or renewal.main_id or self.outcome not in STAYING:
            return {}
        return {"following_months": self.following_months}

    def _next_amount(self):
        """Return the value of a next term in another currency."""
        if not self.is_other_currency:
            return {}
        if not self.next_value:
            raise ValidationError(self.env._("Enter the value of the next term in its currency."))
        return {"next_currency_id": self.next_currency_id.id, "next_value": self.next_value}

    def _leave(self):
        """Record what the dialog asked about the customer that leaves, and plan the chosen steps."""
        customer = self.renewal_id.partner_id
        if customer.success_may_return != self.may_return:
            customer.success_may_return = self.may_return
        if self.open_work == "close" and customer.success_is_former:
            customer.sudo()._success_close_work()  # nothing is left, unless the outcome is corrected
        owner = customer.success_user_id or self.env.user
        for plan in self.step_plan_ids:
            self.env["mail.activity.schedule"].sudo().create(
                {
                    "res_model": "res.partner",
                    "res_ids": str(customer.ids),
                    "plan_id": plan.id,
                    "plan_date": max(self.renewal_id.date_renewal, fields.Date.context_today(self)),
                    "plan_on_demand_user_id": owner.id,
                }
            ).action_schedule_plan()

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...scoring.said import fault
from .customer_success_change_review import BEFORE, NEAR_DAYS
from .customer_success_plan import REVIEW_ACTIVITY


class CustomerSuccessPlan(models.Model):
    """The review of a plan, as the changes ahead ask for it: moved forward, kept by a revision, and moved back when they are dropped."""

    _inherit = "customer.success.plan"

    usual_review_date = fields.Date(
        "Review without the Changes",
        readonly=True,
        copy=False,
        help="The day of the review before a change moved it forward.",
    )
    review_asked = fields.Char("Review Asked For", compute="_compute_review_asked")
    review_reason = fields.Char(
        "Reason for a Later Review",
        store=False,
        help="Say why the review is held later than a change at the customer asks for.",
    )

    @api.depends(
        "state",
        "next_review_date",
        "partner_id.success_change_ids.date",
        "partner_id.success_change_ids.kind",
        "partner_id.success_change_ids.state",
        "partner_id.success_change_ids.review_settled",
    )
    @api.depends_context("lang")
    def _compute_review_asked(self):
        for plan in self:
            asking = plan._asking() if plan.state == "active" else {}
            change, day = min(asking.items(), key=lambda item: item[1], default=(None, None))
            plan.review_asked = change and self.env._(
                "“%(change)s” on %(date)s asks for a review by %(day)s.",
                change=change.name,
                date=format_date(self.env, change.date),
                day=format_date(self.env, day),
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.pop("review_reason", None)
        return super().create(vals_list)

    def write(self, vals):
        vals = dict(vals)
        reason = (vals.pop("review_reason", None) or "").strip()
        by_hand = not self.env.su and vals.get("next_review_date")
        if not by_hand:
            return super().write(vals)
        self.check_access("write")
        day = fields.Date.to_date(vals["next_review_date"])
        moved = self.filtered(lambda p: p.state == "active" and p.next_review_date != day)
        settled = [plan._settled_by(day, reason) for plan in moved.sudo()]
        result = super().write(vals)
        moved.sudo().usual_review_date = False
        for changes, text in settled:
            changes._settle_review(text)
        for change in moved.sudo().partner_id.success_change_ids:
            change._keep_review(BEFORE, change._day_by_itself(), anew=True)
        return result

    def action_activate(self):
        """Make this the customer's active plan, whose review comes before the changes ahead."""
        result = super().action_activate()
        self.partner_id.sudo().success_change_ids._plan_reviews(anew=False)
        return result

    def _asking(self):
        """Return ``{change: day}`` for the changes that ask for a review before them."""
        self.ensure_one()
        days = {
            change: change._day_before() for change in self.sudo().partner_id.success_change_ids
        }
        return {change: day for change, day in days.items() if day}

    def _follow_changes(self):
        """Move the reviews of these active plans to the day that the changes ahead ask for, or back to their own."""
        for plan in self.filtered(lambda plan: plan.state == "active"):
            own = plan.usual_review_date or plan.next_review_date
            earlier = {
                change: max(day, plan.date)
                for change, day in plan._asking().items()
                if not own or day < own
            }
            change, day = min(earlier.items(), key=lambda item: item[1], default=(None, own))
            if day == plan.next_review_date or not day:
                continue
            if not change and plan.next_review_date < fields.Date.context_today(plan):
                continue  # that review is due, whatever became of the change
            plan.write({"next_review_date": day, "usual_review_date": own if change else False})
            plan._post_moved(change, day)

    def _post_moved(self, change, day):
        day = format_date(self.env, day)
        if change:
            body = self.env._(
                "The review is moved to %(day)s, because “%(change)s” comes on %(date)s.",
                day=day,
                change=change.name,
                date=format_date(self.env, change.date),
            )
        else:
            body = self.env._(
                "The review is moved back to %(day)s: no change ahead asks for an earlier one.",
                day=day,
            )
        self.message_post(body=body)

    def _settled_by(self, day, reason):
        """Return the changes that ask for no review any more if the next one is on this day, and why.

        Raise UserError if the review is moved past what a change asks for without one near it and without a reason.
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.next_review_date and day < self.next_review_date:
            return self.env["customer.success.change"], False
        passed = [
            change
            for change, asked in self._asking().items()
            if day > asked and not change.activity_search([BEFORE])
        ]
        changes = self.env["customer.success.change"].union(*passed)
        if not passed:
            return changes, False
        held = not self.activity_search([REVIEW_ACTIVITY]) and all(
            (change.date - today).days <= NEAR_DAYS for change in passed
        )
        if held:
            return changes, self.env._("Reviewed by %s", format_date(self.env, today))
        if fault(reason):
            change = passed[0]
            raise UserError(
                self.env._(
                    "“%(change)s” on %(date)s asks for a review by %(day)s. Say why it is held later, in “Reason for a Later Review”.",
                    change=change.name,
                    date=format_date(self.env, change.date),
                    day=format_date(self.env, change._day_before()),
                )
            )
        self.message_post(
            body=self.env._(
                "The review is held later than “%(change)s” asks for: %(reason)s",
                change=passed[0].name,
                reason=reason,
            )
        )
        return changes, reason

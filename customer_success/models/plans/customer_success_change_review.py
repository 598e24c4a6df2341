from odoo import api, fields, models
from odoo.tools import format_date

from ...scoring.counted import say_days

# The kinds of change after which a plan may no longer fit.
UPSETTING = ("reorganisation", "leader", "merger", "site")
BEFORE_DAYS, AFTER_DAYS = 21, 30
# Older changes are history, as in a book that is loaded: nobody has to review a plan for them now.
HISTORY_DAYS = 90
BEFORE = "customer_success.mail_activity_type_before_change"
AFTER = "customer_success.mail_activity_type_after_change"


class CustomerSuccessChange(models.Model):
    """The reviews that a change asks for: of the plan in good time before it, and again after it.

    The review of an active plan is moved forward; without one, an activity on the change asks for a plan.
    """

    _inherit = "customer.success.change"

    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        changes._plan_reviews()
        return changes

    def write(self, vals):
        moved = {"kind", "date"} & vals.keys()
        result = super().write(vals)
        if moved or {"state", "active"} & vals.keys():
            self._plan_reviews(anew=bool(moved))
        return result

    def _plan_reviews(self, anew=True):
        """Keep the reviews before and after each change on their days; ``anew`` also plans those that are done."""
        today = fields.Date.context_today(self)
        for change in self.sudo():
            upsets = change.active and change.kind in UPSETTING and change.state != "dropped"
            before = change._day_before(today) if upsets else None
            after = fields.Date.add(change.date, days=AFTER_DAYS) if change.date else None
            if not upsets or not after or after < fields.Date.subtract(today, days=HISTORY_DAYS):
                after = None
            if before and change._move_plan_review(before):
                before = None
            change._keep_review(BEFORE, before, anew)
            change._keep_review(AFTER, after and max(after, today), anew)

    def _day_before(self, today):
        """Return the day for the review before the change; ``None`` once it is over."""
        self.ensure_one()
        if not self.date or self.date < today or self.state != "planned":
            return None
        return max(today, fields.Date.subtract(self.date, days=BEFORE_DAYS))

    def _move_plan_review(self, day):
        """Move the review of the active plan forward to this day; return whether there is an active plan."""
        plan = self.partner_id.success_plan_id
        if not plan:
            return False
        day = max(day, plan.date)
        if not plan.next_review_date or plan.next_review_date > day:
            plan.next_review_date = day
            plan.message_post(
                body=self.env._(
                    "The review is moved forward to %(day)s, because “%(change)s” comes on %(date)s.",
                    day=format_date(self.env, day),
                    change=self.name,
                    date=format_date(self.env, self.date),
                )
            )
        return True

    def _keep_review(self, activity, day, anew):
        """Keep one activity of this type, due on this day; none without a day."""
        if not day:
            self.activity_unlink([activity])
        elif self.activity_search([activity]):
            self.activity_reschedule([activity], date_deadline=day)
        elif anew and (user := self._reviewer()):
            self.activity_schedule(
                activity, date_deadline=day, user_id=user.id, note=self._review_note(activity)
            )

    def _reviewer(self):
        """Return the active person who reviews: the owner of the plan, the CSM, or who follows the change."""
        customer = self.partner_id
        users = (customer.success_plan_id.user_id, customer.success_user_id, self.user_id)
        return next((user for user in users if user.active and not user.share), None)

    def _review_note(self, activity):
        """Return what to look at, and that the change was recorded late if it was."""
        said = [
            self.env._("The customer has no active success plan: make one for the time after it.")
            if activity == BEFORE
            else self.env._("Does the plan still fit, and do people work as it says?")
        ]
        if self.kind == "leader":
            said.append(
                self.env._(
                    "Ask for the stakeholders anew: sponsor, champion, and who else decides."
                )
            )
        late = (fields.Date.context_today(self) - self.date).days
        if late > 0:
            said.append(self.env._("Recorded %s after its date.", say_days(self.env, late)))
        return " ".join(said)

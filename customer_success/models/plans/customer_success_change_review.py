from odoo import api, fields, models

from ...scoring.counted import say_days

# The kinds of change after which a plan may no longer fit.
UPSETTING = ("reorganisation", "leader", "merger", "site")
BEFORE_DAYS, AFTER_DAYS = 21, 30
# A review that lies longer than this before a change is not one for it.
NEAR_DAYS = 42
# Older changes are history, as in a book that is loaded: nobody has to review a plan for them now.
HISTORY_DAYS = 90
BEFORE = "customer_success.mail_activity_type_before_change"
AFTER = "customer_success.mail_activity_type_after_change"


class CustomerSuccessChange(models.Model):
    """The reviews that a change asks for: of the plan in good time before it, and again after it.

    The review of an active plan is moved forward. Without one, or if that review is held long before, an activity on the change
    asks for it.
    """

    _inherit = "customer.success.change"

    review_settled = fields.Char(
        "Review before It",
        readonly=True,
        copy=False,
        help="Why no review is asked for any more before this change: it was held, or somebody said why there is none.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        changes._plan_reviews()
        return changes

    def write(self, vals):
        moved = {"kind", "date"} & vals.keys()
        result = super().write(vals)
        if moved:
            self._settle_review(False)
        if moved or {"state", "active"} & vals.keys():
            self._plan_reviews(anew=bool(moved))
        return result

    def unlink(self):
        """Give the plan back its own day of review."""
        customers = self.partner_id
        result = super().unlink()
        customers.sudo().success_plan_id._follow_changes()
        return result

    def _settle_review(self, text):
        """Keep why no review is asked for before these changes; with ``False`` it is asked for again."""
        self.sudo().filtered(lambda change: (change.review_settled or False) != text).write(
            {"review_settled": text}
        )

    def _plan_reviews(self, anew=True):
        """Keep the reviews before and after each change on their days; ``anew`` also plans those that are done."""
        today = fields.Date.context_today(self)
        self.partner_id.sudo().success_plan_id._follow_changes()
        for change in self.sudo():
            after = fields.Date.add(change.date, days=AFTER_DAYS) if change.date else None
            if (
                not change._upsets()
                or not after
                or after < fields.Date.subtract(today, days=HISTORY_DAYS)
            ):
                after = None
            change._keep_review(BEFORE, change._day_by_itself(), anew)
            change._keep_review(AFTER, after and max(after, today), anew)

    def _upsets(self):
        """Return True if the plan may no longer fit after this change."""
        self.ensure_one()
        return self.active and self.kind in UPSETTING and self.state != "dropped"

    def _day_before(self):
        """Return the day for the review before the change; ``None`` if it is over, or no review is asked for."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        ahead = self._upsets() and self.state in ("planned", "running") and self.date
        if not ahead or self.date < today or self.review_settled:
            return None
        return max(today, fields.Date.subtract(self.date, days=BEFORE_DAYS))

    def _day_by_itself(self):
        """Return the day for the review before the change, unless the review of the plan is held near it."""
        day = self._day_before()
        plan = self.partner_id.success_plan_id
        return None if day and plan and self._is_near(plan.next_review_date) else day

    def _is_near(self, day):
        """Return True if a review on this day is one for the change: before it, and not long before it."""
        self.ensure_one()
        return bool(day) and fields.Date.subtract(self.date, days=NEAR_DAYS) <= day <= self.date

    def _keep_review(self, activity, day, anew):
        """Keep one activity of this type, due on this day; none without a day."""
        if not day:
            self.activity_unlink([activity])
        elif self.activity_search([activity]):
            self.activity_reschedule([activity], date_deadline=day)
            self.activity_search([activity]).note = self._review_note(activity)
        elif anew and (user := self._reviewer()):
            self.activity_schedule(
                activity, date_deadline=day, user_id=user.id, note=self._review_note(activity)
            )

    def _reviewer(self):
        """Return who reviews: the owner of the plan, the CSM, who follows the change, else a manager."""
        customer = self.partner_id
        return customer._success_in_charge(
            customer.success_plan_id.user_id, customer.success_user_id, self.user_id
        )

    def _review_note(self, activity):
        """Return what to look at, and that the change was recorded late if it was."""
        if activity == BEFORE and not self.partner_id.success_plan_id:
            said = [
                self.env._(
                    "The customer has no active success plan: make one for the time after it."
                )
            ]
        elif activity == BEFORE:
            said = [self.env._("Review the plan before it: does it say how people work after it?")]
        else:
            said = [self.env._("Does the plan still fit, and do people work as it says?")]
        if people := self._ask_people():
            said.append(people)
        # The note is written again later: what counts is the day on which the change was recorded.
        late = (self.date_recorded - self.date).days if self.date_recorded else 0
        if late > 0:
            said.append(self.env._("Recorded %s after its date.", say_days(self.env, late)))
        return " ".join(said)

    def _ask_people(self):
        """Return which people to ask for after a change of this kind: who decides, and whom it affects."""
        return {
            "leader": self.env._(
                "Ask for the stakeholders anew: sponsor, champion, and who else decides."
            ),
            "merger": self.env._(
                "Ask who decides after the merger, and whose work it changes. Update the stakeholders."
            ),
            "reorganisation": self.env._(
                "Ask who decides now, and whose team or work changes. Update the stakeholders."
            ),
            "site": self.env._(
                "Ask who decides at the new site, and who will work with the product there. Add them to the stakeholders."
            ),
        }.get(self.kind)

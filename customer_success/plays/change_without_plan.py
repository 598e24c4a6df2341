from ..scoring.ahead import WITHOUT_PLAN
from .trigger import Trigger, not_run, once, register


@register
class ChangeWithoutPlan(Trigger):
    """A trigger: a change is near and has no adoption plan.

    For a change that is recorded late, the day of the cause is the day of the record. A change that was moved to another
    time of the year, and not only corrected, starts it again.
    """

    code = "change_without_plan"
    label = "A change without a plan"
    parameters = ("days",)
    days = 60
    causes = f"""
    SELECT play.id, customer.id,
           {once("change.id", "change.date")},
           GREATEST(change.date - play.days, LEAST(change.create_date::date, %(today)s)),
           jsonb_build_object('name', change.name, 'date', change.date)
      FROM customer_success_change change
      JOIN customer ON customer.id = change.partner_id
      JOIN play ON play.trigger = 'change_without_plan' AND FITS
     WHERE change.partner_id IN_SCOPE
       AND change.active
       AND {WITHOUT_PLAN}
       AND GREATEST(change.date - play.days, LEAST(change.create_date::date, %(today)s))
           BETWEEN play.date_start AND %(today)s
       AND {not_run("change.id", "change.date")}
    """

    def explanation(self, _):
        return _(
            "Starts this number of days before a change at the customer, or later, as long as the change has no adoption plan."
        )

    def reason(self, words, facts):
        return words._(
            "The change “%(change)s” on %(date)s has no adoption plan",
            change=facts["name"],
            date=words.date(facts["date"]),
        )

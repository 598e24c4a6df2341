from .trigger import Trigger, register


@register
class ChangeWithoutPlan(Trigger):
    """A change is close by, and nobody has said how people are brought along.

    A change that is recorded late is news on the day on which it is recorded.
    """

    code = "change_without_plan"
    label = "A change without a plan"
    parameters = ("days",)
    days = 60
    causes = """
    SELECT play.id, customer.id,
           change.id::text,
           GREATEST(change.date - play.days, LEAST(change.create_date::date, %(today)s)),
           jsonb_build_object('name', change.name, 'date', change.date)
      FROM customer_success_change change
      JOIN customer ON customer.id = change.partner_id
      JOIN play ON play.trigger = 'change_without_plan' AND FITS
     WHERE change.partner_id IN_SCOPE
       AND change.active
       AND change.is_open
       AND btrim(COALESCE(change.adoption_plan, '')) = ''
       AND GREATEST(change.date - play.days, LEAST(change.create_date::date, %(today)s))
           BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "So many days before a change at the customer, or later, while nobody has said how people are brought along."
        )

    def reason(self, words, facts):
        return words._(
            "“%(change)s”, %(date)s: nobody has said how people are brought along",
            change=facts["name"],
            date=words.date(facts["date"]),
        )

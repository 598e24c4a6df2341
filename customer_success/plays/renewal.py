from ..scoring.counted import say_days
from ..scoring.renewal import decided_by
from .trigger import Trigger, not_run, once, register


@register
class Renewal(Trigger):
    """A trigger: a pending renewal is some days away.

    A renewal that was recorded late may have passed the days of several playbooks. It starts only the nearest one. It
    starts each playbook once for an end: again if the end was moved, and not only corrected.
    """

    code = "renewal"
    label = "A renewal is near"
    parameters = ("days",)
    days = 90
    causes = f"""
    SELECT play.id, customer.id,
           {once("renewal.id", "renewal.date_renewal")},
           day.due - play.days,
           jsonb_build_object('product', renewal.product_id, 'date', day.due, 'days', day.due - %(today)s,
                              'by_notice', day.due < renewal.date_renewal)
      FROM customer_success_renewal renewal
      JOIN customer ON customer.id = renewal.partner_id
CROSS JOIN LATERAL (SELECT {decided_by("renewal")} AS due) day
      JOIN play ON play.trigger = 'renewal' AND FITS
     WHERE renewal.partner_id IN_SCOPE
       AND renewal.active
       AND renewal.outcome = 'pending'
       AND day.due >= %(today)s
       AND day.due - play.days BETWEEN play.date_start AND %(today)s
       -- What renews itself month after month starts nothing, unless notice was given.
       AND (renewal.is_rolling IS NOT TRUE OR renewal.notice_given_on IS NOT NULL)
       AND (day.due - play.days >= renewal.create_date::date
            OR play.days = (SELECT min(nearer.days)
                              FROM play nearer
                             WHERE nearer.trigger = 'renewal'
                               AND NEARER_FITS
                               AND day.due - nearer.days >= nearer.date_start
                               AND nearer.days >= day.due - %(today)s))
       AND {not_run("renewal.id", "renewal.date_renewal")}
    """

    def explanation(self, _):
        return _(
            "Starts this number of days before a pending renewal; before the notice date of a contract that renews itself. A "
            "renewal that is recorded late starts only the nearest of these playbooks."
        )

    def reason(self, words, facts):
        values = {
            "date": words.date(facts["date"]),
            "days": say_days(words, facts["days"]),
        }
        if facts.get("by_notice"):
            if not facts["product"]:
                return words._(
                    "Renews itself unless notice is given until %(date)s, in %(days)s", **values
                )
            return words._(
                "%(product)s renews itself unless notice is given until %(date)s, in %(days)s",
                product=facts["product"],
                **values,
            )
        if not facts["product"]:
            return words._("Renewal on %(date)s, in %(days)s", **values)
        return words._(
            "Renewal of %(product)s on %(date)s, in %(days)s",
            product=facts["product"],
            **values,
        )

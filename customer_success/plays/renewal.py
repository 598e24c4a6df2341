from ..scoring.counted import say_days
from .trigger import Trigger, register


@register
class Renewal(Trigger):
    """A trigger: a pending renewal is some days away.

    A renewal that was recorded late may have passed the days of several playbooks. It starts only the nearest one.
    """

    code = "renewal"
    label = "A renewal is near"
    parameters = ("days",)
    days = 90
    causes = """
    SELECT play.id, customer.id,
           renewal.id::text,
           renewal.date_renewal - play.days,
           jsonb_build_object('product', renewal.product_id, 'date', renewal.date_renewal,
                              'days', renewal.date_renewal - %(today)s)
      FROM customer_success_renewal renewal
      JOIN customer ON customer.id = renewal.partner_id
      JOIN play ON play.trigger = 'renewal' AND FITS
     WHERE renewal.partner_id IN_SCOPE
       AND renewal.active
       AND renewal.outcome = 'pending'
       AND renewal.date_renewal >= %(today)s
       AND renewal.date_renewal - play.days BETWEEN play.date_start AND %(today)s
       AND (renewal.date_renewal - play.days >= renewal.create_date::date
            OR play.days = (SELECT min(nearer.days)
                              FROM play nearer
                             WHERE nearer.trigger = 'renewal'
                               AND NEARER_FITS
                               AND renewal.date_renewal - nearer.days >= nearer.date_start
                               AND nearer.days >= renewal.date_renewal - %(today)s))
    """

    def explanation(self, _):
        return _(
            "Starts this number of days before a pending renewal. A renewal that is recorded late starts only the nearest of these playbooks."
        )

    def reason(self, words, facts):
        values = {
            "date": words.date(facts["date"]),
            "days": say_days(words, facts["days"]),
        }
        if not facts["product"]:
            return words._("Renewal on %(date)s, in %(days)s", **values)
        return words._(
            "Renewal of %(product)s on %(date)s, in %(days)s",
            product=facts["product"],
            **values,
        )

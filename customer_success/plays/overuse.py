from .trigger import Trigger, register

# The cause names the product and the first month, so that a product has one run for each time above its licences.
_CAUSE = "'over:' || overuse.product_id || ':'"


@register
class Overuse(Trigger):
    """A trigger: more users are active than are licensed, for some time.

    It starts once for each time above the licences, whatever contract they are of: not again when a contract is renewed,
    when a second one goes above its seats, or when earlier months are delivered late.
    """

    code = "overuse"
    label = "Use above the licences"
    parameters = ("days",)
    days = 90
    causes = f"""
    SELECT play.id, customer.id,
           {_CAUSE} || overuse.since,
           GREATEST(overuse.found, overuse.since + play.days),
           jsonb_build_object('product', overuse.product_id, 'date', overuse.since, 'active', overuse.active,
                              'licences', overuse.licences, 'over', overuse.over)
      FROM (SELECT partner_id, product_id,
                   min(date_since) AS since,
                   min(date_found) AS found,
                   max(months) AS months,
                   sum(active_users) AS active,
                   sum(licences) AS licences,
                   sum(users_over) AS over
              FROM customer_success_overuse
             WHERE partner_id IN_SCOPE
          GROUP BY partner_id, product_id) overuse
      JOIN customer ON customer.id = overuse.partner_id
      JOIN play ON play.trigger = 'overuse' AND FITS
     WHERE overuse.months * 30 >= play.days
       AND GREATEST(overuse.found, overuse.since + play.days) BETWEEN play.date_start AND %(today)s
       AND NOT EXISTS (SELECT FROM run
                        WHERE run.play_id = play.id
                          AND run.partner_id = customer.id
                          AND run.cause LIKE {_CAUSE} || '%%'
                          AND split_part(run.cause, ':', 3) >= overuse.since::text)
    """

    def explanation(self, _):
        return _(
            "Starts when more users have been active than are licensed for this number of days, counted in whole months. Months "
            "that are above the licences every year, and seats that are being bought, do not count."
        )

    def reason(self, words, facts):
        return words._(
            "%(product)s: %(active).0f users are active and %(licences).0f are licensed, since %(date)s",
            product=facts["product"],
            active=facts["active"],
            licences=facts["licences"],
            date=words.date(facts["date"]),
        )

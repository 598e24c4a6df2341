from .trigger import Trigger, register


@register
class Silent(Trigger):
    """A trigger: a customer is live and has no recent figures of use."""

    code = "silent"
    label = "No recent figures of use"
    limits = ("usage_fresh_days",)
    causes = """
       SELECT play.id, customer.id,
              COALESCE(score.usage_date::text, 'never'),
              COALESCE(score.usage_date, customer.go_live_date) + %(usage_fresh_days)s::int,
              jsonb_build_object('date', score.usage_date)
         FROM customer
         JOIN play ON play.trigger = 'silent' AND FITS
    LEFT JOIN customer_success_score score
           ON score.partner_id = customer.id AND score.partner_id IN_SCOPE
        WHERE customer.phase <> 'before'
          AND COALESCE(score.usage_pause_until <= %(today)s, TRUE)
          AND COALESCE(score.usage_date, customer.go_live_date) + %(usage_fresh_days)s::int
              BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "Starts when a live customer has had no new figures of use for longer than use counts by the settings."
        )

    def reason(self, words, facts):
        if not facts["date"]:
            return words._("There have never been figures of use")
        return words._("There are no figures of use after %s", words.date(facts["date"]))

from .trigger import Trigger, register


@register
class Silent(Trigger):
    """A customer is live, and nothing fresh is known of its use."""

    code = "silent"
    label = "No fresh use"
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
          AND COALESCE(score.usage_date, customer.go_live_date) + %(usage_fresh_days)s::int
              BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _("Live, and nothing is known of its use for longer than the settings call fresh.")

    def reason(self, words, facts):
        if not facts["date"]:
            return words._("Nothing was ever known of its use")
        return words._("Nothing is known of its use since %s", words.date(facts["date"]))

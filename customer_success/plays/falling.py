from .trigger import Trigger, register


@register
class Falling(Trigger):
    """A trigger: there are fewer active users than in the quarter before.

    It starts once for each quarter of which the use is known.
    """

    code = "falling"
    label = "Use is falling"
    parameters = ("percent",)
    causes = """
    SELECT play.id, customer.id,
           to_char(score.usage_date, 'YYYY"Q"Q'),
           score.usage_date,
           jsonb_build_object('change', score.change_quarter)
      FROM customer_success_score score
      JOIN customer ON customer.id = score.partner_id
      JOIN play ON play.trigger = 'falling' AND FITS
     WHERE score.partner_id IN_SCOPE
       AND score.change_quarter <= -play.percent
       AND score.usage_date BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "Starts when the active users of a quarter have fallen by this percentage since the previous quarter, once for each quarter."
        )

    def reason(self, words, facts):
        return words._("Use fell by %.0f %% in a quarter", -facts["change"])

from ..scoring.counted import say_days
from .trigger import Trigger, register


@register
class NoAuthority(Trigger):
    """A trigger: a barrier has been open for some days, and nobody has the authority to remove it."""

    code = "no_authority"
    label = "A barrier without authority"
    parameters = ("days",)
    days = 14
    causes = """
    SELECT play.id, customer.id,
           barrier.id || COALESCE(':' || NULLIF(barrier.reopened, 0), ''),
           barrier.date_opened + play.days,
           jsonb_build_object('name', barrier.name, 'days', %(today)s - barrier.date_opened)
      FROM customer_success_barrier barrier
      JOIN customer ON customer.id = barrier.partner_id
      JOIN play ON play.trigger = 'no_authority' AND FITS
     WHERE barrier.partner_id IN_SCOPE
       AND barrier.active
       AND barrier.is_open
       AND barrier.authority <> 'granted'
       AND barrier.date_opened + play.days BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "Starts when a barrier has been open for this number of days and its owner does not have the authority to remove it."
        )

    def reason(self, words, facts):
        return words._(
            "The barrier “%(barrier)s” has been open for %(days)s, and nobody has the authority to remove it",
            barrier=facts["name"],
            days=say_days(words, facts["days"]),
        )

from ..scoring.counted import say_days
from .trigger import Trigger, register


@register
class Stalled(Trigger):
    """A trigger: a customer is in its stage for longer than expected; it starts on the first day after."""

    code = "stalled"
    label = "Stalled in its stage"
    causes = """
    SELECT play.id, customer.id,
           customer.stage_id || ':' || customer.stage_date,
           customer.stage_date + customer.expected_days + 1,
           jsonb_build_object('stage', customer.stage_id, 'days', %(today)s - customer.stage_date,
                              'expected', customer.expected_days)
      FROM customer
      JOIN play ON play.trigger = 'stalled' AND FITS
     WHERE customer.expected_days > 0
       AND customer.stage_date + customer.expected_days + 1 BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "Starts when a customer is in its stage for longer than the expected days of the stage, once for each stay."
        )

    def reason(self, words, facts):
        return words._(
            "Stalled: %(days)s in the stage “%(stage)s”, expected: %(expected)s",
            days=say_days(words, facts["days"]),
            stage=facts["stage"],
            expected=say_days(words, facts["expected"]),
        )

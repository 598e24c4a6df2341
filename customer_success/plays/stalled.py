from .trigger import Trigger, register


@register
class Stalled(Trigger):
    """A customer stands longer in its stage than expected, for the first time on the day after."""

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
            "A customer stands longer in its stage than the catalogue expects, once for each stay."
        )

    def reason(self, words, facts):
        return words._(
            "Stalled: day %(days)d in “%(stage)s”, which usually takes %(expected)d",
            days=facts["days"],
            stage=facts["stage"],
            expected=facts["expected"],
        )

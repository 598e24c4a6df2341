from ..scoring.rhythm import FIRST_FOLLOWED, LAST_TALK
from .trigger import Trigger, register


@register
class NoConversation(Trigger):
    """A trigger: the last conversation is longer ago than the rhythm of the segment."""

    code = "no_conversation"
    label = "No conversation in time"
    steps = (
        f"""
talk AS MATERIALIZED ({LAST_TALK}
)""",
        f"""
followed AS MATERIALIZED ({FIRST_FOLLOWED}
)""",
    )
    causes = """
       SELECT play.id, customer.id,
              COALESCE(talk.date::text, 'never'),
              COALESCE(talk.date, followed.date) + customer.rhythm_days + 1,
              jsonb_build_object('days', %(today)s - COALESCE(talk.date, followed.date),
                                 'rhythm', customer.rhythm_days,
                                 'segment', customer.segment_id)
         FROM customer
         JOIN play ON play.trigger = 'no_conversation' AND FITS
    LEFT JOIN talk ON talk.partner_id = customer.id
    LEFT JOIN followed ON followed.partner_id = customer.id
        WHERE customer.rhythm_days > 0
          AND COALESCE(talk.date, followed.date) + customer.rhythm_days + 1
              BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "Starts when the last conversation is longer ago than the rhythm of the customer's segment."
        )

    def reason(self, words, facts):
        return words._(
            "No conversation for %(days)d days, the rhythm of the segment “%(segment)s” is %(rhythm)d days",
            days=facts["days"],
            segment=facts["segment"],
            rhythm=facts["rhythm"],
        )

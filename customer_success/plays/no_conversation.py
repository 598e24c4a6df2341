from ..scoring.counted import say_days
from ..scoring.rhythm import FIRST_FOLLOWED
from .trigger import Trigger, register


@register
class NoConversation(Trigger):
    """A trigger: the last conversation is longer ago than the rhythm of the customer, or than a number of days."""

    code = "no_conversation"
    label = "No conversation in time"
    parameters = ("days",)
    steps = (
        f"""
followed AS MATERIALIZED ({FIRST_FOLLOWED}
)""",
        """
silent AS MATERIALIZED (
    SELECT customer.id,
           COALESCE(customer.last_talk_date, followed.date) AS since,
           play.id AS play_id,
           COALESCE(NULLIF(play.days, 0), customer.rhythm_days) AS rhythm_days,
           CASE WHEN play.days > 0 THEN 'play' ELSE customer.rhythm_source END AS source
      FROM customer
      JOIN play ON play.trigger = 'no_conversation' AND FITS
 LEFT JOIN followed ON followed.partner_id = customer.id
)""",
    )
    causes = """
       SELECT silent.play_id, customer.id,
              COALESCE(customer.last_talk_date::text, 'never'),
              GREATEST(silent.since + silent.rhythm_days, customer.quiet_until) + 1,
              jsonb_build_object('days', %(today)s - silent.since,
                                 'rhythm', silent.rhythm_days,
                                 'source', silent.source,
                                 'stage', customer.stage_id,
                                 'segment', customer.segment_id)
         FROM silent
         JOIN customer ON customer.id = silent.id
         JOIN play ON play.id = silent.play_id
        WHERE GREATEST(silent.since + silent.rhythm_days, customer.quiet_until) + 1
              BETWEEN play.date_start AND %(today)s
          AND silent.rhythm_days > 0
          AND silent.since IS NOT NULL
    """

    def explanation(self, _):
        return _(
            "Starts when the last conversation is longer ago than this number of days; with 0 days, than the rhythm of "
            "the customer, else of its segment, else of its stage. It waits while a customer asked for quiet."
        )

    def reason(self, words, facts):
        said = {name: say_days(words, facts[name]) for name in ("days", "rhythm")}
        source = facts.get("source", "segment")
        if source == "play":
            return words._("No conversation for %(days)s, the limit is %(rhythm)s", **said)
        if source == "customer":
            return words._(
                "No conversation for %(days)s, the rhythm of this customer is %(rhythm)s",
                **said,
            )
        if source == "stage":
            return words._(
                "No conversation for %(days)s, the rhythm of the stage “%(stage)s” is %(rhythm)s",
                stage=facts["stage"],
                **said,
            )
        return words._(
            "No conversation for %(days)s, the rhythm of the segment “%(segment)s” is %(rhythm)s",
            segment=facts["segment"],
            **said,
        )

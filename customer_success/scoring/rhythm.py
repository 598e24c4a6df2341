"""The last conversation with a customer, its rhythm, and since when a conversation is missing, in SQL."""

# Only conversations on advice that left something behind count; the records decide which.
LAST_TALK = """
    SELECT talk.partner_id, max(talk.date) AS date
      FROM customer_success_interaction talk
     WHERE talk.partner_id IN_SCOPE
       AND talk.has_content
  GROUP BY talk.partner_id"""
# The first day on which a customer was followed, whatever happened since; stopping does not begin a new count.
FIRST_FOLLOWED = """
    SELECT move.partner_id, min(move.date) AS date
      FROM customer_success_stage_move move
     WHERE move.partner_id IN_SCOPE
       AND move.stage_id IS NOT NULL
  GROUP BY move.partner_id"""
# The rhythm of the customer ``p`` and who sets it: the customer itself, else its segment, else its stage.
RHYTHM_DAYS = """COALESCE(NULLIF(p.success_own_rhythm_days, 0), NULLIF(segment.rhythm_days, 0),
                    NULLIF(stage.rhythm_days, 0))"""
RHYTHM_SOURCE = """CASE WHEN p.success_own_rhythm_days > 0 THEN 'customer'
                WHEN segment.rhythm_days > 0 THEN 'segment'
                WHEN stage.rhythm_days > 0 THEN 'stage' END"""


def rhythm(own, segment, stage):
    """Return the days and who sets them; this is :data:`RHYTHM_DAYS` and :data:`RHYTHM_SOURCE` in Python.

    >>> rhythm(0, 30, 90), rhythm(7, 30, 90), rhythm(0, 0, 90), rhythm(0, 0, 0)
    ((30, 'segment'), (7, 'customer'), (90, 'stage'), (0, False))
    """
    for days, source in ((own, "customer"), (segment, "segment"), (stage, "stage")):
        if days:
            return days, source
    return 0, False

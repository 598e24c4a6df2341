"""The last conversation with a customer, and since when one is missing, in SQL."""

# Only conversations on advice count, and only those that left something behind: a summary or an answer.
LAST_TALK = """
    SELECT talk.partner_id, max(talk.date) AS date
      FROM customer_success_interaction talk
     WHERE talk.partner_id IN_SCOPE
       AND talk.state = 'held'
       AND talk.is_advice
       AND (btrim(talk.summary, E' \\n\\t') <> ''
            OR EXISTS (SELECT
                         FROM customer_success_answer answer
                        WHERE answer.interaction_id = talk.id))
  GROUP BY talk.partner_id"""
# The first day on which a customer was followed, whatever happened since; stopping does not begin a new count.
FIRST_FOLLOWED = """
    SELECT move.partner_id, min(move.date) AS date
      FROM customer_success_stage_move move
     WHERE move.partner_id IN_SCOPE
       AND move.stage_id IS NOT NULL
  GROUP BY move.partner_id"""

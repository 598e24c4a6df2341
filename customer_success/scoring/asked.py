"""The stage whose questions count for a customer: that in which it stood a while ago, in SQL.

Each stage has questions of its own. They count only after a time in which to ask them, so that entering a stage by itself
neither earns nor costs anything: until then the questions of the stage before count.
"""

# Days from entering a stage until its questions count.
GRACE_DAYS = 30

# One row for each customer: the latest stage that it had entered this many days ago, else the first that it entered.
# The maximum of [day, id, stage] holds the stage of the latest move. Parameter: today.
ASKED_STAGE = f"""
    SELECT move.partner_id,
           COALESCE((max(ARRAY[move.date - DATE '2000-01-01', move.id, move.stage_id])
                     FILTER (WHERE move.date <= %(today)s - {GRACE_DAYS}))[3],
                    (min(ARRAY[move.date - DATE '2000-01-01', move.id, move.stage_id]))[3]) AS stage_id
      FROM customer_success_stage_move move
     WHERE move.partner_id IN_SCOPE
       AND move.stage_id IS NOT NULL
  GROUP BY move.partner_id
"""

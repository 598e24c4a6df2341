"""The people of customers in SQL: who is still there, the last sign of each, and who has become silent."""

# The contact is there and still works at the customer. Reads contact and the row that names it.
_IS_HERE = "contact.active AND contact.commercial_partner_id = {}.partner_id"
IS_HERE = _IS_HERE.format("stakeholder")
# The one who gave an answer has left, so that the answer is history. An answer that names nobody has no contact.
HAS_LEFT = f"contact.id IS NOT NULL AND ({_IS_HERE.format('answer')}) IS NOT TRUE"

# The last conversation that a stakeholder took part in and that left something behind, or the last answer of theirs.
LAST_SIGN = """GREATEST(
    (SELECT max(talk.date)
       FROM customer_success_interaction_contact_rel rel
       JOIN customer_success_interaction talk ON talk.id = rel.interaction_id
      WHERE rel.contact_id = stakeholder.contact_id
        AND talk.partner_id = stakeholder.partner_id
        AND talk.state = 'held'
        AND (btrim(talk.summary, E' \\n\\t') <> ''
             OR EXISTS (SELECT
                          FROM customer_success_answer answer
                         WHERE answer.interaction_id = talk.id))),
    (SELECT max(answer.date)
       FROM customer_success_answer answer
      WHERE answer.contact_id = stakeholder.contact_id
        AND answer.partner_id = stakeholder.partner_id
        AND answer.not_asked_reason IS NULL))"""

# The day from which the silence of a stakeholder is counted: the last sign, the day on which it was named, or the
# last day of an absence.
QUIET_SINCE = f"""GREATEST({LAST_SIGN},
    COALESCE(stakeholder.date, stakeholder.create_date::date), stakeholder.away_until)"""

# The days without a sign after which a stakeholder is silent. Reads segment.
QUIET_DAYS = "GREATEST(%(person_silent_days)s::int, COALESCE(segment.rhythm_days, 0))"

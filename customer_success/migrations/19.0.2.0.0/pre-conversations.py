from odoo.tools import sql


def migrate(cr, version):
    """Derive which conversations were proactive, and add the column of the last one, which the post script fills.

    Before, *Proactive* was on by default, so only switching it off said something: that is kept as set by hand. All
    others are proactive if they were planned.
    """
    if not sql.column_exists(cr, "customer_success_interaction", "proactive"):
        return  # an early version without conversations
    cr.execute("ALTER TABLE res_partner ADD COLUMN IF NOT EXISTS success_last_talk_date date")
    if sql.column_exists(cr, "customer_success_interaction", "proactive_by_hand"):
        return
    cr.execute("ALTER TABLE customer_success_interaction ADD COLUMN proactive_by_hand varchar")
    cr.execute(
        """
        UPDATE customer_success_interaction talk
           SET proactive_by_hand = CASE WHEN talk.proactive IS NOT TRUE THEN 'no' END,
               proactive = talk.proactive IS TRUE
                           AND (talk.create_date::date < talk.date
                                OR EXISTS (SELECT FROM mail_activity activity
                                            WHERE activity.id = talk.activity_id
                                              AND activity.create_date::date < talk.date)
                                OR EXISTS (SELECT FROM calendar_event event
                                            WHERE event.id = talk.event_id
                                              AND event.create_date < event.start))
        """
    )

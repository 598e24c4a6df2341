from odoo.addons.customer_success.scoring.rhythm import LAST_TALK


def migrate(cr, version):
    """Keep the day of the last conversation of each customer, with one statement."""
    cr.execute(
        f"""
        UPDATE res_partner customer
           SET success_last_talk_date = talk.date
          FROM ({LAST_TALK.replace("IN_SCOPE", "IS NOT NULL")}) talk
         WHERE talk.partner_id = customer.id
           AND customer.success_last_talk_date IS DISTINCT FROM talk.date
        """
    )

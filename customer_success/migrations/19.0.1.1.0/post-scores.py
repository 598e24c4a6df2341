from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Treat customers with known usage as not silent until the next scoring, and request that scoring soon."""
    cr.execute(
        """
        UPDATE customer_success_score score
           SET usage_date = used.date
          FROM (SELECT partner_id, max(date) AS date
                  FROM customer_success_usage
              GROUP BY partner_id) used
         WHERE used.partner_id = score.partner_id
        """
    )
    # Readiness used to go from 0 to 100 and now goes from 1 to 5.
    cr.execute(
        """
        UPDATE customer_success_score
           SET ready = round(1 + ready / 25, 1),
               willing = round(1 + willing / 25, 1),
               able = round(1 + able / 25, 1)
        """
    )
    api.Environment(cr, SUPERUSER_ID, {})["customer.success.score"]._rules_changed()

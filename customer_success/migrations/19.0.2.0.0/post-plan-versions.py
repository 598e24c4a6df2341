def migrate(cr, version):
    """Number the plans of each customer: those that were replaced by day, then the one in force; drafts have no number.

    The day and the person of the activation are not known of these plans, and stay empty.
    """
    cr.execute(
        """
        UPDATE customer_success_plan plan
           SET version = numbered.number
          FROM (SELECT id,
                       row_number() OVER (PARTITION BY partner_id
                                              ORDER BY state = 'active', date, id) AS number
                  FROM customer_success_plan
                 WHERE state <> 'draft') numbered
         WHERE numbered.id = plan.id
        """
    )

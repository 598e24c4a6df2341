from odoo.tools import sql


def migrate(cr, version):
    """Let old objectives start on the day of their first measurement or record, not on the day of the upgrade.

    An amount of 0 was an empty amount; from now on it is empty.
    """
    if not sql.table_exists(cr, "customer_success_objective"):
        return
    cr.execute("ALTER TABLE customer_success_objective ADD COLUMN IF NOT EXISTS date_start date")
    cr.execute(
        """
        UPDATE customer_success_objective
           SET date_start = create_date::date
         WHERE date_start IS NULL
        """
    )
    cr.execute(
        """
        UPDATE customer_success_objective
           SET expected_value = NULLIF(expected_value, 0), realised_value = NULLIF(realised_value, 0)
         WHERE expected_value = 0 OR realised_value = 0
        """
    )
    if sql.table_exists(cr, "customer_success_objective_measure"):
        cr.execute(
            """
            UPDATE customer_success_objective objective
               SET date_start = first.date
              FROM (SELECT objective_id, min(date) AS date
                      FROM customer_success_objective_measure
                  GROUP BY objective_id) first
             WHERE first.objective_id = objective.id
               AND first.date < objective.date_start
            """
        )

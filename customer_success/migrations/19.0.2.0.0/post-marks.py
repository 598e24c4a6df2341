def migrate(cr, version):
    """Add the end of the renewal, or the day of the change, to the causes of playbooks that run once for each of them."""
    cr.execute(
        """
        UPDATE customer_success_play_run run
           SET cause = run.cause || ':' || CASE WHEN COALESCE((run.facts->>'by_notice')::bool, FALSE)
                                                THEN COALESCE(renewal.date_renewal, (run.facts->>'date')::date)
                                                ELSE (run.facts->>'date')::date END
          FROM customer_success_play_run old
     LEFT JOIN customer_success_renewal renewal ON renewal.id::text = old.cause
         WHERE old.id = run.id
           AND run.facts->>'trigger' = 'renewal'
           AND run.facts->>'date' IS NOT NULL
           AND run.cause ~ '^[0-9]+$'
        """
    )
    cr.execute(
        """
        UPDATE customer_success_play_run
           SET cause = cause || ':' || (facts->>'date')::date
         WHERE facts->>'trigger' = 'change_without_plan'
           AND facts->>'date' IS NOT NULL
           AND cause ~ '^[0-9]+$'
        """
    )

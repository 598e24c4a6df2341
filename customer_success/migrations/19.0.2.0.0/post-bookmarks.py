def migrate(cr, version):
    """Move the positions of interrupted jobs from system parameters to the table of bookmarks."""
    cr.execute(
        """
        INSERT INTO customer_success_job_bookmark (name, last_id, moved_at)
        SELECT 'plays', value::int, now() AT TIME ZONE 'UTC'
          FROM ir_config_parameter
         WHERE key = 'customer_success.plays_place'
           AND value ~ '^[0-9]{1,9}$'
         UNION ALL
        SELECT replace(key, 'customer_success.', ''), split_part(value, ' ', 2)::int,
               split_part(value, ' ', 1)::date
          FROM ir_config_parameter
         WHERE key LIKE 'customer_success.reconciled.%'
           AND value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{1,9}$'
            ON CONFLICT (name) DO NOTHING
        """
    )
    cr.execute(
        """
        DELETE FROM ir_config_parameter
         WHERE key = 'customer_success.plays_place'
            OR key LIKE 'customer_success.reconciled.%'
        """
    )

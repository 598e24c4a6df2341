def migrate(cr, version):
    """Replace the description of the factor progress, as long as nobody has written another one."""
    cr.execute(
        """
        UPDATE customer_success_factor
           SET description = jsonb_build_object('en_US',
               'What is there of the things that the stages so far are for: requirements, use, an active plan, '
               'a sponsor and a champion. Days over the expected time and a missing plan for the time after '
               'go-live cost points.')
         WHERE code = 'progress'
           AND description ->> 'en_US' LIKE 'The time in the adoption stage compared with %'
        """
    )

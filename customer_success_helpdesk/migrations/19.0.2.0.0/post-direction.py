def migrate(cr, version):
    """Say of the factor which way it works, unless a manager set its coefficient to work the other way.

    What was learned against the direction does not count from now on; the next lesson respects it.
    """
    cr.execute(
        """
        UPDATE customer_success_factor
           SET direction = 'lowers', learned = CASE WHEN learned > 0 THEN 0 ELSE learned END
         WHERE code = 'tickets'
           AND direction = 'free'
           AND prior <= 0
        """
    )

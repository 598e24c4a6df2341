def migrate(cr, version):
    """Set the direction of the factor, unless a manager gave it a coefficient of the other direction.

    A coefficient that was learned against the direction no longer counts; the next learning respects it.
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

def migrate(cr, version):
    """Say of our own factors which way they work, unless a manager set them to work the other way."""
    cr.execute(
        """
        UPDATE customer_success_factor
           SET direction = CASE WHEN code IN ('idle', 'overdue') THEN 'raises' ELSE 'lowers' END
         WHERE (code IN ('idle', 'overdue') AND prior >= 0)
            OR (code IN ('use', 'trend', 'barriers', 'advisor', 'progress', 'value', 'plan')
                AND prior <= 0)
        """
    )

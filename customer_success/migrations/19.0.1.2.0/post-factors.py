def migrate(cr, version):
    """Set the direction of our own factors, unless a manager has set the opposite direction."""
    cr.execute(
        """
        UPDATE customer_success_factor
           SET direction = CASE WHEN code IN ('idle', 'overdue') THEN 'raises' ELSE 'lowers' END
         WHERE (code IN ('idle', 'overdue') AND prior >= 0)
            OR (code IN ('use', 'trend', 'barriers', 'advisor', 'progress', 'value', 'plan')
                AND prior <= 0)
        """
    )

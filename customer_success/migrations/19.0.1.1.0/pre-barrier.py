def migrate(cr, version):
    """What was the cause in words is the diagnosis; the cause is organisational or individual now."""
    cr.execute("ALTER TABLE customer_success_barrier RENAME COLUMN cause TO diagnosis")
    # Nothing that was open may stand where it could not go.
    cr.execute(
        """
        UPDATE customer_success_barrier
           SET state = 'confirmed'
         WHERE state IN ('empowered', 'removing')
           AND (owner_contact_id IS NULL OR authority <> 'granted')
        """
    )

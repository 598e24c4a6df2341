def migrate(cr, version):
    """Rename the cause of barriers, a text, to diagnosis; the new cause is organisational or individual."""
    cr.execute("ALTER TABLE customer_success_barrier RENAME COLUMN cause TO diagnosis")
    # Move open barriers out of states that the new rules do not allow.
    cr.execute(
        """
        UPDATE customer_success_barrier
           SET state = 'confirmed'
         WHERE state IN ('empowered', 'removing')
           AND (owner_contact_id IS NULL OR authority <> 'granted')
        """
    )

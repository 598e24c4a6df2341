def migrate(cr, version):
    """A question of one's own may have no code of a topic."""
    cr.execute("ALTER TABLE customer_success_question ALTER COLUMN topic DROP NOT NULL")

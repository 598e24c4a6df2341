def migrate(cr, version):
    """Fill ``is_over_licensed`` with one statement, before the ORM would compute it for each usage record."""
    cr.execute("ALTER TABLE customer_success_usage ADD COLUMN is_over_licensed bool DEFAULT FALSE")
    cr.execute(
        "UPDATE customer_success_usage SET is_over_licensed = TRUE WHERE active_users > licensed_users"
    )
    cr.execute("ALTER TABLE customer_success_usage ALTER COLUMN is_over_licensed DROP DEFAULT")

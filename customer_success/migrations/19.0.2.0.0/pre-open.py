from odoo.tools import SQL, sql

OPEN_STATES = {
    "customer_success_barrier": ("potential", "confirmed", "empowered", "removing"),
    "customer_success_change": ("planned", "running"),
    "customer_success_objective": ("open", "reached"),
    "customer_success_workbook_copy": ("waiting", "running"),
}


def migrate(cr, version):
    """Fill ``is_open`` with one statement for each table, before Odoo would compute it record by record."""
    for name, states in OPEN_STATES.items():
        # In an upgrade from an early version, some tables do not exist yet.
        if sql.table_exists(cr, name) and sql.column_exists(cr, name, "state"):
            table = SQL.identifier(name)
            cr.execute(SQL("ALTER TABLE %s ADD COLUMN IF NOT EXISTS is_open boolean", table))
            cr.execute(SQL("UPDATE %s SET is_open = state IN %s", table, states))

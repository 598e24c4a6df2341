from odoo.tools import SQL

OPEN_STATES = {
    "customer_success_barrier": ("potential", "confirmed", "empowered", "removing"),
    "customer_success_change": ("planned", "running"),
    "customer_success_objective": ("open", "reached"),
}


def migrate(cr, version):
    """Fill ``is_open`` with one statement a table, before Odoo would compute it record by record."""
    for name, states in OPEN_STATES.items():
        table = SQL.identifier(name)
        cr.execute(SQL("ALTER TABLE %s ADD COLUMN IF NOT EXISTS is_open boolean", table))
        cr.execute(SQL("UPDATE %s SET is_open = state IN %s", table, states))

from odoo.tools import sql


def migrate(cr, version):
    """Let the annual value of each term count, in one statement instead of term by term."""
    if not sql.table_exists(cr, "customer_success_renewal"):
        return
    if sql.column_exists(cr, "customer_success_renewal", "counted_value"):
        return
    cr.execute("ALTER TABLE customer_success_renewal ADD COLUMN counted_value numeric")
    cr.execute("UPDATE customer_success_renewal SET counted_value = annual_value")

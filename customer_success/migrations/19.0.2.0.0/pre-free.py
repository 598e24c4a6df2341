from odoo.tools import sql


def migrate(cr, version):
    """Let no term that has ended go on for free: its renewed value may only be missing."""
    if not sql.table_exists(cr, "customer_success_renewal"):
        return
    if not sql.column_exists(cr, "customer_success_renewal", "renewed_free"):
        cr.execute("ALTER TABLE customer_success_renewal ADD COLUMN renewed_free boolean")

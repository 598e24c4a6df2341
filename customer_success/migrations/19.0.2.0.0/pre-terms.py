from odoo.tools import sql

COLUMNS = {
    "end_is_last_day": "boolean",
    "anchor_start": "date",
    "anchor_end": "date",
    "notice_period": "int4",
    "notice_is_by_hand": "boolean",
    "is_rolling": "boolean",
    "notice_is_late": "boolean",
    "date_decision": "date",
    "term_value": "numeric",
}


def migrate(cr, version):
    """Add the columns of chains of terms empty, so that Odoo does not compute them record by record."""
    if sql.table_exists(cr, "customer_success_renewal"):
        for name, kind in COLUMNS.items():
            if not sql.column_exists(cr, "customer_success_renewal", name):
                sql.create_column(cr, "customer_success_renewal", name, kind)
        # No term renewed itself before.
        cr.execute(
            "UPDATE customer_success_renewal SET date_decision = date_renewal WHERE date_decision IS NULL"
        )

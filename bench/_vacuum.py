"""The step that every bench runs before it reads the clock. This module is not a bench itself."""

from odoo.tools import SQL


def vacuum(env, tables):
    """Commit and vacuum ``tables``, so that neither side meets dead rows or old statistics."""
    env.cr.commit()
    connection = env.cr._cnx
    connection.autocommit = True
    try:
        for table in tables:
            env.cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))
    finally:
        connection.autocommit = False
    env.invalidate_all()

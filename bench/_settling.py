"""What every bench does before it looks at the clock. Not a bench itself."""

from odoo.tools import SQL


def settle(env, tables):
    """Commit, and leave no dead rows and no old statistics to either side."""
    env.cr.commit()
    connection = env.cr._cnx
    connection.autocommit = True
    try:
        for table in tables:
            env.cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))
    finally:
        connection.autocommit = False
    env.invalidate_all()

"""Work on a batch in which one record may be bad: the others must not pay for it."""

import psycopg2
from psycopg2 import errors

from odoo.exceptions import UserError

# What one record may cause; that another transaction was faster is none of them.
BAD = (
    UserError,
    ValueError,
    psycopg2.DataError,
    psycopg2.IntegrityError,
    psycopg2.InternalError,
    errors.QueryCanceled,
)


def by_halves(env, work, items, failed):
    """Call ``work`` with ``items``, all at once if that is possible, in a savepoint.

    What breaks it is found by halving, and ``failed`` called with each single item and its error.
    """
    try:
        with env.cr.savepoint():
            work(items)
    except BAD as error:
        env.invalidate_all(flush=False)
        if len(items) == 1:
            failed(items[0], error)
            return
        half = len(items) // 2
        by_halves(env, work, items[:half], failed)
        by_halves(env, work, items[half:], failed)

"""The rows of the sheets, streamed from SQL that the ORM builds, so that record and field access rights apply."""

import itertools

from odoo.tools import SQL

from ...models.common.excel_text import clean

# The number of rows in memory at a time, and the number of names that are cached.
CHUNK = 5_000
REMEMBERED = 50_000
_numbers = itertools.count(1)


def stream(env, query):
    """Yield all rows of ``query`` in lists of at most :data:`CHUNK` rows."""
    cr = env.cr
    # All rows are read, so a plan that returns the first ones early is not better.
    cr.execute("SET LOCAL cursor_tuple_fraction = 1")
    cursor = SQL.identifier(f"customer_success_workbook_{next(_numbers)}")
    cr.execute(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", cursor, query))
    while True:
        cr.execute(SQL("FETCH %s FROM %s", CHUNK, cursor))
        rows = cr.fetchall()
        if rows:
            yield rows
        if len(rows) < CHUNK:
            break
    cr.execute(SQL("CLOSE %s", cursor))


class Labels(dict):
    """The labels of a selection in the reader's language; a value that no longer exists is shown as it is."""

    def __init__(self, model, name):
        super().__init__(model._fields[name]._description_selection(model.env))
        self[None] = None

    def __missing__(self, value):
        return value


class Names(dict):
    """The names of records by id, read in chunks, and shown in rows that the reader may see."""

    def __init__(self, model, name="display_name"):
        super().__init__({None: None})
        self.model = model.sudo().with_context(active_test=False)
        self.name = name

    def learn(self, ids):
        """Read the names of these records together, unless they are cached."""
        unknown = [id_ for id_ in ids if id_ not in self]
        if len(self) + len(unknown) > REMEMBERED:
            self.clear()
            self[None] = None
            unknown = [id_ for id_ in ids if id_]
        records = self.model.browse(unknown).exists()
        for record in records:
            self[record.id] = clean(record[self.name]) if record[self.name] else None
        records.invalidate_recordset(flush=False)

    def __missing__(self, id_):
        self.learn([id_])
        return self.setdefault(id_)

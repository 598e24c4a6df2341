"""Read rows for the sheets by SQL that the ORM builds, so that rules and field rights hold."""

from odoo.fields import Domain

CHUNK = 5000


def chunks(ids):
    """Cut ids into slices that fit in memory and into one query."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def read(model, ids, names):
    """Return a tuple of the stored or related values of ``names`` for each id, in the order of ``ids``.

    The record rules of the model were applied when the ids were searched; the fields are checked
    here. Many2one values come as ids, the unknown as ``None``.
    """
    query = model.with_context(active_test=False)._search([("id", "in", ids)], bypass_access=True)
    columns = [model._field_to_sql(query.table, name, query) for name in ("id", *names)]
    rows = {row[0]: row[1:] for row in model.env.execute_query(query.select(*columns))}
    return [rows[id_] for id_ in ids if id_ in rows]


def labels(model, name):
    """The labels of a selection, in the reader's language; the unknown has none."""
    field = model._fields[name]
    return {None: None, **dict(field._description_selection(model.env))}


class Names(dict):
    """Display names by id, looked up a thousand at a time when first asked for.

    ``prefetch_ids`` are those that may be asked for; all of the model by default.
    """

    def __init__(self, model, name="display_name", prefetch_ids=None):
        super().__init__({None: None})
        self.model = model.sudo().with_context(active_test=False)
        self.name = name
        self.prefetch_ids = prefetch_ids or self.model.search(Domain.TRUE).ids

    def __missing__(self, id_):
        self[id_] = self.model.browse(id_).with_prefetch(self.prefetch_ids)[self.name] or None
        return self[id_]

"""The creation of many records that differ in a few values: the ORM creates two of them, the others are copied from these.

What the ORM left of the two in the database is compared column by column. What is equal in both is copied, what differs must
be explained by the values that were given, or by the numbers of the records. Nothing is assumed of what a model does when it
creates a record: if a table, a row or a column is not explained, or a module that is not known here takes part, the ORM
creates all of them.
"""

from io import StringIO

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tools import SQL, split_every

from .stamp_explained import Column, Explanation, Group, NotExplained

# Fewer records of one shape are left to the ORM.
LEAST = 16
CREATE_BATCH = 500
# The modules whose part in the creation of a record depends on nothing but its values, and acts on nothing but the database.
KNOWN = {"base", "mail", "account", "base_vat"}
OURS = "customer_success"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

COUNTS = """
SELECT relname, n_tup_ins, n_tup_upd, n_tup_del
  FROM pg_stat_xact_user_tables
 WHERE schemaname = current_schema AND n_tup_ins + n_tup_upd + n_tup_del > 0
"""
COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod),
       (SELECT c.confrelid::regclass::text
          FROM pg_constraint c
         WHERE c.conrelid = a.attrelid AND c.contype = 'f' AND c.conkey = ARRAY[a.attnum]
         LIMIT 1)
  FROM pg_attribute a
 WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""


class Stamp:
    """The creation of records of one model.

    ``varying`` are the fields in which the records may differ, ``settled`` those computed fields that do not follow from
    these, ``innocent`` our constraints that hold for each record if they hold for the two, and ``blank`` the columns that the
    caller fills afterwards. ``create`` is called with lists of values, and returns the records that it creates.
    """

    def __init__(self, model, create, varying, *, settled=(), innocent=(), blank=()):
        self.model = model
        self.env = model.env
        self.cr = model.env.cr
        self._create = create
        self.varying = frozenset(varying)
        self.settled = frozenset(settled)
        self.innocent = frozenset(innocent)
        self.blank = frozenset(blank)
        self.columns = {}
        self.copied = []  # the ids of the copies

    def make(self, vals_list, said=None):
        """Create records; return their ids in the order of ``vals_list``.

        ``said`` are further values of each record that its texts may contain, such as the name of its customer.
        """
        said = said or [{}] * len(vals_list)
        ids = [None] * len(vals_list)
        groups = self._groups(vals_list, said)
        if groups and self._is_known():
            self._copy(groups, vals_list, ids)
        rest = [place for place, id_ in enumerate(ids) if id_ is None]
        for part in split_every(CREATE_BATCH, rest, list):
            for place, record in zip(part, self._create([vals_list[place] for place in part])):
                ids[place] = record.id
        return ids

    # ------------------------------------------------------------------------------------------
    # What is alike
    # ------------------------------------------------------------------------------------------

    def _is_known(self):
        """Return whether only known modules take part in the creation of these records."""
        for cls in type(self.model).mro():
            create = vars(cls).get("create")
            if create is None or create.__module__ == "odoo.orm.models":
                continue
            module = [*create.__module__.split("."), "", ""][2]
            # An automation rule replaces the method of the registry, and keeps what it replaced.
            if hasattr(create, "origin") or not (module in KNOWN or module.startswith(OURS)):
                return False
        self.cr.execute("SELECT current_setting('track_counts')::bool")
        return self.cr.fetchone()[0]

    def _groups(self, vals_list, said):
        """Return the groups of records that have the same values but for those that vary."""
        shapes = {}
        known = [{**vals, **more} for vals, more in zip(vals_list, said)]
        for place, vals in enumerate(known):
            shape = frozenset(
                (name, bool(value) if name in self.varying else value)
                for name, value in vals.items()
            )
            shapes.setdefault(shape, []).append(place)
        groups = []
        for places in shapes.values():
            if len(places) < LEAST:
                continue
            group = Group(places, [known[place] for place in places], self.varying)
            # What follows from the writing of such a field is done by nobody for a copy.
            inverse = any(self._has_inverse(name) for name in group.varied)
            if group.pair and not inverse:
                groups.append(group)
        return groups

    def _has_inverse(self, name):
        field = self.model._fields.get(name)
        return field is not None and bool(field.inverse)

    # ------------------------------------------------------------------------------------------
    # Copying
    # ------------------------------------------------------------------------------------------

    def _copy(self, groups, vals_list, ids):
        """Create two of each group, copy the others as far as they are explained, and enter the ids of both."""
        self.env.flush_all()
        before, waiting = self._counts(), self._waiting()
        pairs = [place for group in groups for place in group.pair]
        made = self._create([vals_list[place] for place in pairs])
        for place, record in zip(pairs, made):
            ids[place] = record.id
        self.env.flush_all()
        tracked = self.cr.precommit.data.get(f"mail.tracking.{self.model._name}", {})
        if waiting != self._waiting() or any(tracked.get(id_) for id_ in made.ids):
            return
        try:
            found = self._left_by(made.ids, before)
        except NotExplained:
            return
        for group in groups:
            group.ids = [ids[place] for place in group.pair]
        for layout, alike in self._explained(groups, found).items():
            copies = self._stamp(layout, alike)
            for place, id_ in copies.items():
                ids[place] = id_
            self.copied += copies.values()
        if self.copied:
            self._settle(self.copied, groups)

    def _waiting(self):
        """Return the number of calls that wait for the commit, without those for tracked values, of which there are none."""
        waiting = [*self.cr.precommit._funcs, *self.cr.postcommit._funcs]
        return sum(getattr(call, "__name__", "") != "_track_finalize" for call in waiting)

    def _counts(self):
        self.cr.execute(COUNTS)
        return {table: counts for table, *counts in self.cr.fetchall()}

    def _columns_of(self, table):
        if table not in self.columns:
            self.cr.execute(COLUMNS, [table])
            self.columns[table] = [Column(*line) for line in self.cr.fetchall()]
        return self.columns[table]

    def _left_by(self, ids, before):
        """Return ``{id: {table: rows}}`` of all that was inserted for these records; raise if there is anything else."""
        found = {id_: {} for id_ in ids}
        for table, (created, updated, deleted) in sorted(self._counts().items()):
            was = before.get(table, (0, 0, 0))
            created, updated, deleted = created - was[0], updated - was[1], deleted - was[2]
            if not (created or updated or deleted):
                continue
            if deleted or not created or "id" not in {c.name for c in self._columns_of(table)}:
                raise NotExplained
            owner, condition = self._belongs(table, ids)
            rows = self.env.execute_query_dict(
                SQL(
                    "SELECT t.*, %s AS _owner FROM %s t WHERE %s ORDER BY t.id",
                    owner,
                    SQL.identifier(table),
                    condition,
                )
            )
            if len(rows) != created:
                raise NotExplained
            for row in rows:
                found[row.pop("_owner")].setdefault(table, []).append(row)
        return found

    def _belongs(self, table, ids):
        """Return the column that says to which record a row belongs, with its condition; raise if there is none."""
        columns = self._columns_of(table)
        names = {column.name for column in columns}
        links = [column.name for column in columns if column.refers == self.model._table]
        if table == self.model._table:
            links = ["id"]
        if links:
            link = SQL.identifier("t", links[0])
            return link, SQL("%s = ANY(%s)", link, ids)
        if {"id", "res_model", "res_id"} <= names:
            return SQL("t.res_id"), SQL(
                "t.res_model = %s AND t.res_id = ANY(%s)", self.model._name, ids
            )
        raise NotExplained

    def _explained(self, groups, found):
        """Return the groups by how their rows are to be copied."""
        layouts = {}
        for group in groups:
            one, other = (found[id_] for id_ in group.ids)
            if {t: len(rows) for t, rows in one.items()} != {t: len(r) for t, r in other.items()}:
                continue
            try:
                layout = Explanation(self, group, one, other).layout()
            except NotExplained:
                continue
            layouts.setdefault(layout, []).append(group)
        return layouts

    def _stamp(self, layout, groups):
        """Copy the rows of the groups of one layout; return the new ids by place."""
        places = [(group, place) for group in groups for place in group.places]
        places = [(group, place) for group, place in places if place not in group.pair]
        if not places:
            return {}
        cr = self.cr
        numbers = []
        for table, _rules in layout:
            cr.execute(
                "WITH ids AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS ids)"
                " SELECT nextval(ids) FROM ids, generate_series(1, %s)",
                [table, len(places)],
            )
            numbers.append([number for (number,) in cr.fetchall()])
        names, types = self._columns_of_stamp(layout)
        lines = []
        for nth, (group, place) in enumerate(places):
            values = [str(column[nth]) for column in numbers]
            values += map(str, group.rows_ids)
            vals = group.vals[place]
            values += [_copied(vals.get(name)) for name in names]
            for text in group.texts:
                values.append(
                    "".join([p if n % 2 == 0 else vals[p] for n, p in enumerate(text)]).translate(
                        _ESCAPES
                    )
                )
            lines.append("\t".join(values))
        cr.execute(
            SQL(
                "CREATE TEMP TABLE success_stamp (%s) ON COMMIT DROP",
                SQL(", ").join(
                    SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in types
                ),
            )
        )
        cr.copy_expert("COPY success_stamp FROM STDIN", StringIO("\n".join(lines) + "\n"))
        cr.execute("ANALYZE success_stamp")
        cr.execute(self._insert(layout, groups))
        cr.execute("DROP TABLE success_stamp")
        main = next(n for n, (table, _rules) in enumerate(layout) if table == self.model._table)
        return {place: numbers[main][nth] for nth, (_group, place) in enumerate(places)}

    def _columns_of_stamp(self, layout):
        """Return the names of the given values that are copied, and the columns of the temporary table."""
        given = {}
        texts = 0
        for table, rules in layout:
            kinds = {column.name: column.type for column in self._columns_of(table)}
            for name, rule in rules:
                for key, (kind, what) in rule[1] if rule[0] == "json" else [(name, rule)]:
                    if kind == "given" and (what not in given or key == what):
                        given[what] = "numeric" if rule[0] == "json" else kinds[name]
                    elif kind == "text":
                        texts += 1
        own = {column.name: column.type for column in self._columns_of(self.model._table)}
        given = {name: own.get(name, "text") for name in sorted(given)}
        types = [(f"id{n}", "int") for n in range(len(layout))]
        types += [(f"from{n}", "int") for n in range(len(layout))]
        types += [(f"given_{name}", kind) for name, kind in given.items()]
        types += [(f"text{n}", "text") for n in range(texts)]
        return list(given), types

    def _insert(self, layout, groups):
        """Return the one statement that inserts all rows, as they may refer to each other in a circle."""
        sources, inserts = [], []
        text = 0
        for n, (table, rules) in enumerate(layout):
            rules = dict(rules)
            sources.append(
                SQL(
                    "%s AS MATERIALIZED (SELECT * FROM %s WHERE id = ANY(%s))",
                    SQL.identifier(f"source{n}"),
                    SQL.identifier(table),
                    [group.rows_ids[n] for group in groups],
                )
            )
            columns = self._columns_of(table)
            values = []
            for column in columns:
                rule = rules.get(column.name, ("same", None))
                if column.name in self.blank and table == self.model._table:
                    values.append(SQL("NULL"))
                    continue
                if rule[0] == "json":
                    pairs = []
                    for key, part in rule[1]:
                        pairs += [SQL("%s", key), _value(part, text)]
                        text += part[0] == "text"
                    values.append(
                        SQL(
                            "%s || jsonb_build_object(%s)",
                            SQL.identifier("e", column.name),
                            SQL(", ").join(pairs),
                        )
                    )
                elif rule[0] in ("same", "compute"):
                    values.append(SQL.identifier("e", column.name))
                else:
                    values.append(SQL("%s::%s", _value(rule, text), SQL(column.type)))
                    text += rule[0] == "text"
            inserts.append(
                SQL(
                    "%s AS (INSERT INTO %s (%s) SELECT %s FROM success_stamp v JOIN %s e ON e.id = %s ORDER BY v.%s)",
                    SQL.identifier(f"insert{n}"),
                    SQL.identifier(table),
                    SQL(", ").join(SQL.identifier(column.name) for column in columns),
                    SQL(", ").join(values),
                    SQL.identifier(f"source{n}"),
                    SQL.identifier("v", f"from{n}"),
                    SQL.identifier(f"id{n}"),
                )
            )
        return SQL("WITH %s SELECT 1", SQL(", ").join([*sources, *inserts]))

    def _settle(self, ids, groups):
        """Compute what was not copied, and check what could be wrong with the copies only."""
        self.env.invalidate_all(flush=False)
        records = self.model.browse(ids)
        for name in sorted({name for group in groups for name in group.computed}):
            self.env.add_to_compute(self.model._fields[name], records)
        if hasattr(records, "_track_discard"):
            records._track_discard()
        varied = {name for group in groups for name in group.varied}
        for check in self.model._constraint_methods:
            is_innocent = check.__name__ in self.innocent and OURS in check.__module__
            if not is_innocent and not varied.isdisjoint(check._constrains):
                check(records.sudo())
        if not self.env.su:
            domain = self.env["ir.rule"]._compute_domain(self.model._name, "create")
            within = fields.Domain("id", "in", ids) & domain
            if self.model.sudo().with_context(active_test=False).search_count(within) != len(ids):
                records.check_access("create")
                raise AccessError(self.env._("You may not create these records."))
        self.env.flush_all()
        self.env.invalidate_all(flush=False)


def _value(rule, text):
    kind, what = rule
    if kind == "id":
        return SQL.identifier("v", f"id{what}")
    if kind == "given":
        return SQL.identifier("v", f"given_{what}")
    return SQL.identifier("v", f"text{text}")


def _copied(value):
    if value is None or value is False:
        return "\\N"
    if value is True:
        return "t"
    return value.translate(_ESCAPES) if type(value) is str else str(value)

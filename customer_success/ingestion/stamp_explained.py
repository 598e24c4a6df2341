"""The explanation of the rows that two records have left: what is the same in both, and what follows from the values given."""

from typing import NamedTuple


class Column(NamedTuple):
    """A column of a table: its type, and the table that it refers to."""

    name: str
    type: str
    refers: str


class NotExplained(Exception):
    """The records have left something that cannot be copied."""


class Group:
    """Records that are alike but for some of their values."""

    def __init__(self, places, vals_list, varying):
        self.places = places
        self.vals = dict(zip(places, vals_list))
        names = [name for name in vals_list[0] if name in varying]
        self.varied = [
            name for name in names if any(vals[name] != vals_list[0][name] for vals in vals_list)
        ]
        self.pair = self._pair()
        self.ids = []
        self.rows_ids = []  # the rows of the first of the pair, in the order of the layout
        self.texts = []  # parts that are constant, and names of values, by turns
        self.computed = set()

    def _pair(self):
        """Return the places of two records that differ in all that varies, as far apart as they can be; ``[]`` if there are none.

        What depends on a limit then shows.
        """

        def amounts(place):
            vals = self.vals[place]
            return [
                vals[name] or 0
                for name in self.varied
                if isinstance(vals[name], (int, float)) and not name.endswith("_id")
            ]

        ordered = sorted(self.places, key=amounts)
        first = self.vals[ordered[0]]
        for place in reversed(ordered):
            if all(self.vals[place][name] != first[name] for name in self.varied):
                return [ordered[0], place] if place != ordered[0] else []
        return []


class Explanation:
    """The differences between the rows that two records have left."""

    def __init__(self, stamp, group, one, other):
        self.stamp = stamp
        self.group = group
        self.rows = [
            (table, mine, theirs)
            for table in sorted(one)
            for mine, theirs in zip(one[table], other[table])
        ]
        self.given = [group.vals[place] for place in group.pair]

    def layout(self):
        """Return ``((table, rules of its columns), …)``, an entry for each row; note what belongs to the group alone."""
        found = []
        for table, mine, theirs in self.rows:
            rules = []
            for column in self.stamp._columns_of(table):
                rule = self._rule(table, column, mine[column.name], theirs[column.name])
                if rule[0] != "same":
                    rules.append((column.name, rule))
            found.append((table, tuple(rules)))
        self.group.rows_ids = [mine["id"] for _table, mine, _theirs in self.rows]
        return tuple(found)

    def _rule(self, table, column, mine, theirs):
        stamp = self.stamp
        field = stamp.model._fields.get(column.name) if table == stamp.model._table else None
        computed = field is not None and field.compute and field.store
        if mine == theirs:
            if computed and field.name not in stamp.settled and self._follows(field):
                self.group.computed.add(field.name)
                return "compute", None
            return "same", None
        try:
            if column.type == "jsonb":
                return self._json(mine, theirs)
            return self._differs(
                column.name, column.refers, mine, theirs, column.name == "id" and table
            )
        except NotExplained:
            if not computed:
                raise
        self.group.computed.add(field.name)
        return "compute", None

    def _follows(self, field):
        """Return whether a computed field follows from a value in which the records differ."""
        paths = self.stamp.env.registry.field_depends[field]
        return any(path.split(".")[0] in self.group.varied for path in paths)

    def _json(self, mine, theirs):
        if not (isinstance(mine, dict) and isinstance(theirs, dict) and list(mine) == list(theirs)):
            raise NotExplained
        rules = []
        for key in mine:
            if mine[key] != theirs[key]:
                is_link = key == "id" or key.endswith("_id")
                rules.append((key, self._differs(key, is_link, mine[key], theirs[key])))
        return "json", tuple(rules)

    def _differs(self, name, refers, mine, theirs, own=False):
        """Return the rule by which two values differ. A link is explained by records, any other value by given ones."""
        if own or refers or name in ("res_id", "id"):
            for nth, (table, one, other) in enumerate(self.rows):
                fits = own in (False, table) and refers in (True, False, None, table)
                if fits and (mine, theirs) == (one["id"], other["id"]):
                    return "id", nth
        names = [
            known
            for known in self.group.varied
            if (self.given[0][known], self.given[1][known]) == (mine, theirs)
            and bool(refers) == self._is_link(known)
        ]
        if name in names:
            return "given", name
        if len(names) == 1:
            return "given", names[0]
        if not names and isinstance(mine, str) and isinstance(theirs, str):
            parts = [self._parts(text, given) for text, given in zip((mine, theirs), self.given)]
            if len(parts[0]) > 1 and parts[0] == parts[1]:
                self.group.texts.append(parts[0])
                return "text", None
        raise NotExplained

    def _is_link(self, name):
        field = self.stamp.model._fields.get(name)
        return field is not None and field.type == "many2one"

    def _parts(self, text, given):
        """Return a text as parts that are constant and names of given texts, by turns."""
        parts = [text]
        texts = [n for n in self.group.varied if isinstance(given[n], str)]
        for name in sorted(texts, key=lambda name: -len(given[name])):
            cut = []
            for nth, part in enumerate(parts):
                if nth % 2:
                    cut.append(part)
                    continue
                before, found, after = part.partition(given[name])
                cut += [before, name, after] if found else [part]
            parts = cut
        return tuple(parts)

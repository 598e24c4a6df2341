"""A factor of the scores as one object: its SQL, its value, its words, and what would help.

Each factor is one file that builds a :class:`Factor` and registers it: those of this addon are in
:mod:`.factors`, those of a bridge in the bridge. ``docs/extending.md`` shows how to add one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

# What a factor returns of which nothing is known: neither a value nor evidence.
UNKNOWN = (None, None)
# The sign that the coefficient of a factor keeps, by the direction of the factor.
SIGN = {"lowers": -1, "raises": 1, "free": 0}

# Every factor that was imported, by its code.
FACTORS = {}


class Step(NamedTuple):
    """One step of the query that gathers facts: ``name AS MATERIALIZED (sql)``.

    The SQL says ``partner_id IN_SCOPE`` of each large table that it reads, and may read any step named
    before it. ``on`` joins the step, one row a customer at most, to ``customer``; ``None`` leaves it to
    later steps.
    """

    name: str
    sql: str
    on: str | None = "{name}.partner_id = customer.id"

    def text(self):
        """Return the step as it stands in a WITH clause."""
        return f"{self.name} AS MATERIALIZED (\n{self.sql.strip(chr(10))}\n),"

    def join(self):
        """Return the join to ``customer``, or an empty text."""
        return f" LEFT JOIN {self.name} ON {self.on.format(name=self.name)}" if self.on else ""


class Lever(NamedTuple):
    """A kind of thing that somebody could do next.

    ``find(facts, rules)`` yields ``(subject, facts as they would be then)``, one pair a thing; the subject
    is the id of a record, or a number. ``words(env, subject)`` says it.
    """

    kind: str
    find: Callable
    words: Callable


@dataclass(frozen=True, eq=False)
class Factor:
    """What makes one factor of health and risk.

    ``value(facts, rules)`` returns the value, 0 (bad) to 100 (good), and the evidence, a dict of the plain
    values behind it; or ``UNKNOWN``. ``words(env, evidence)`` says the evidence in one line.
    """

    code: str
    value: Callable
    words: Callable
    columns: Mapping  # name of a fact -> its SQL, over `customer` and the steps
    steps: tuple = ()
    direction: str = "lowers"  # what more of it does to the risk: lowers, raises, or free
    levers: tuple = ()
    formula: int = 1  # raised when the same facts give another value
    addon: str = field(init=False)  # the Odoo addon that brings it; empty outside of Odoo

    def __post_init__(self):
        if self.direction not in SIGN:
            raise ValueError(f"factor {self.code}: {self.direction} is no direction")
        package, _dot, rest = self.value.__module__.partition("odoo.addons.")
        object.__setattr__(self, "addon", "" if package else rest.split(".")[0])


class Evidence(dict):
    """The evidence of a factor as it was stored, perhaps by an earlier formula.

    What is missing or of another kind than expected is left unsaid, so that no form depends on it.

    >>> evidence = Evidence({"fresh": 6, "open": [{"id": 7}, [8, 56.2]]})
    >>> evidence.has("fresh"), evidence.has("fresh", "due"), evidence.has("open")
    (True, False, False)
    >>> evidence.lines("open"), evidence.lines("fresh")
    ([{'id': 7}], [])
    """

    def number(self, name):
        """Return a number, ``None`` where it is not known."""
        known = self.get(name)
        return known if isinstance(known, int | float) else None

    def has(self, *names):
        """Return whether all of these are known numbers."""
        return None not in map(self.number, names)

    def lines(self, name):
        """Return the lines of a list, each as evidence of its own."""
        found = self.get(name)
        if not isinstance(found, list):
            return []
        return [Evidence(line) for line in found if isinstance(line, dict)]


def register(factor):
    """Add a factor to those that a record of its code switches on; return it.

    >>> register(Factor("mood", value=register, words=str, columns={})) is FACTORS.pop("mood")
    True
    """
    if factor.code in FACTORS:
        raise ValueError(f"there is a factor {factor.code} already")
    FACTORS[factor.code] = factor
    return factor


def packed(record, columns):
    """Return the SQL of an array with one value for each field of a named tuple.

    Rows are read back by ``record._make``: names and places come from the same definition.

    >>> Line = NamedTuple("Line", [("id", int), ("age", int)])
    >>> packed(Line, {"age": "today - day", "id": "id"})
    'ARRAY[id, today - day]'
    >>> packed(Line, {"id": "id"})
    Traceback (most recent call last):
    ValueError: Line has the fields ('id', 'age')
    """
    if columns.keys() != set(record._fields):
        raise ValueError(f"{record.__name__} has the fields {record._fields}")
    return f"ARRAY[{', '.join(columns[name] for name in record._fields)}]"

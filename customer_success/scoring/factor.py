"""A factor of the scores as one object: its SQL, its value, its words and its levers.

Each factor is one file that builds a :class:`Factor` and registers it: those of this addon are in
:mod:`.factors`, those of a bridge in the bridge. ``docs/extending.md`` shows how to add one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

# The result of a factor that knows nothing about a customer: neither a value nor evidence.
UNKNOWN = (None, None)
# The sign that the coefficient of a factor keeps, by the direction of the factor.
SIGN = {"lowers": -1, "raises": 1, "free": 0}

# All factors that were imported, by code.
FACTORS = {}


class Step(NamedTuple):
    """One step of the query that gathers facts: ``name AS MATERIALIZED (sql)``.

    The SQL says ``partner_id IN_SCOPE`` for each large table that it reads, and may read any step before it.
    ``on`` is the condition that joins the step, with at most one row per customer, to ``customer``. A step
    whose ``on`` is ``None`` is not joined; later steps read it.
    """

    name: str
    sql: str
    on: str | None = "{name}.partner_id = customer.id"

    def text(self):
        """Return the step as SQL for a WITH clause."""
        return f"{self.name} AS MATERIALIZED (\n{self.sql.strip(chr(10))}\n),"

    def join(self):
        """Return the SQL that joins the step to ``customer``, or an empty text."""
        return f" LEFT JOIN {self.name} ON {self.on.format(name=self.name)}" if self.on else ""


# The people who do what would help, and how much it takes of them.
OURS, THEIRS, BOTH = "ours", "theirs", "both"
SMALL, MEDIUM, LARGE = "small", "medium", "large"


class Lever(NamedTuple):
    """A kind of action that would improve the scores.

    ``find(facts, rules)`` yields one pair ``(subject, facts after the action)`` per possible action. The
    subject is the id of a record, a number or ``None``. The facts are all that changes when it is done, with what must
    follow, so that the scores become what is promised. ``words(env, subject)`` returns the action as text. ``by`` says who
    does it, ``effort`` how much it takes; both may be functions of the facts and the subject.
    """

    kind: str
    find: Callable
    words: Callable
    by: str | Callable = OURS
    effort: str | Callable = MEDIUM


@dataclass(frozen=True, eq=False)
class Factor:
    """One factor of health and risk.

    ``value(facts, rules)`` returns the value, 0 (bad) to 100 (good), and the evidence, a dict of the plain
    values behind it; or ``UNKNOWN``. ``words(env, evidence)`` returns the evidence as one line of text.
    ``reach(facts, rules, value)`` returns how much of its weight the value deserves, 0 to 1: a little that is known
    moves the scores a little. It scales the weight in the health, the share of what is known and the
    deviation in the risk, never the value. Without it, a known factor has its full weight.
    ``narrow(facts, product)`` returns the facts of the factor for one product alone, as a dict of changes, for a
    customer with several; ``product`` is a :class:`~.products.Product`. Without it, the factor concerns the whole
    customer and counts alike for all its products.
    """

    code: str
    value: Callable
    words: Callable
    columns: Mapping  # name of a fact -> its SQL, which reads `customer` and the steps
    steps: tuple = ()
    direction: str = "lowers"  # the effect of a higher value on the risk: lowers, raises, or free
    levers: tuple = ()
    reach: Callable | None = None
    narrow: Callable | None = None
    formula: int = 1  # raise it when the same facts give another value
    addon: str = field(init=False)  # the Odoo addon that defines the factor; empty outside Odoo

    def __post_init__(self):
        if self.direction not in SIGN:
            raise ValueError(f"factor {self.code}: {self.direction} is not a direction")
        package, _dot, rest = self.value.__module__.partition("odoo.addons.")
        object.__setattr__(self, "addon", "" if package else rest.split(".")[0])


class Evidence(dict):
    """The stored evidence of a factor, which an earlier formula may have written.

    Values that are missing or have another type than expected are left out of the text, so that an old
    record never keeps a form from opening.

    >>> evidence = Evidence({"fresh": 6, "open": [{"id": 7}, [8, 56.2]]})
    >>> evidence.has("fresh"), evidence.has("fresh", "due"), evidence.has("open")
    (True, False, False)
    >>> evidence.lines("open"), evidence.lines("fresh")
    ([{'id': 7}], [])
    """

    def number(self, name):
        """Return a number, or ``None`` if it is unknown."""
        known = self.get(name)
        return known if isinstance(known, int | float) else None

    def has(self, *names):
        """Return whether all these names hold known numbers."""
        return None not in map(self.number, names)

    def lines(self, name):
        """Return the entries of a list, each as :class:`Evidence`; an empty list if it is unknown."""
        found = self.get(name)
        if not isinstance(found, list):
            return []
        return [Evidence(line) for line in found if isinstance(line, dict)]


def register(factor):
    """Add a factor to the known ones and return it; it counts once a record with its code has a weight.

    Raise ``ValueError`` if the code is taken.

    >>> register(Factor("mood", value=register, words=str, columns={})) is FACTORS.pop("mood")
    True
    """
    if factor.code in FACTORS:
        raise ValueError(f"a factor with the code {factor.code} exists already")
    FACTORS[factor.code] = factor
    return factor


def packed(record, columns):
    """Return the SQL of an array with one value for each field of a named tuple.

    Read the rows back with ``record._make``, so that names and positions come from the same definition.
    Raise ``ValueError`` if ``columns`` has other names than the tuple.

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

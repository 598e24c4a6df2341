"""The base of a symptom of misuse: one class for each symptom, which registers itself."""

from typing import NamedTuple

SYMPTOMS = {}  # by code


# The share of the licences of a product whose use is expected: new ones are later.
EXPECTED = "(1 - COALESCE(product.coming_licences / NULLIF(product.licensed_users, 0), 0))"


class Rule(NamedTuple):
    """One figure that shows a symptom, as SQL that reads the latest use of a product.

    The SQL may read ``product`` (`LATEST_USE` in `use.py`: the adoption rate, its target and the degrees, in percent,
    NULL if unknown; see `usual.py` for its season), ``customer.days_live`` and ``customer.ramp`` (`check.py`), and settings as %(name)s.
    """

    figure: str  # the name of the figure: a degree or "adoption"
    value: str
    bound: str  # the limit that the figure is compared with
    shows: str  # NULL if the figure is unknown: then the symptom is neither flagged nor cleared


class Symptom:
    """A symptom of misuse. The record with the same code has its name and advice."""

    code = ""
    limit = 0.0  # in %; the default of its setting
    rules = ()  # the symptom shows if one of its rules says so

    @property
    def setting(self):
        """The name of its limit in the settings and in the SQL of all rules."""
        return f"symptom_{self.code}"


def register(symptom):
    """Register a symptom, so that it is checked every night; a decorator of its class.

    >>> @register
    ... class Lost(Symptom):
    ...     code = "lost"
    >>> SYMPTOMS.pop("lost").setting
    'symptom_lost'
    """
    SYMPTOMS[symptom.code] = symptom()
    return symptom

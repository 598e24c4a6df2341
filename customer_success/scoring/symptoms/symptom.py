"""What a symptom of misuse is: one object, which registers itself."""

from typing import NamedTuple

SYMPTOMS = {}  # by code


class Rule(NamedTuple):
    """One figure in which a symptom shows, as SQL over the latest use of a product.

    It may read ``product`` (`LATEST_USE` in `use.py`: the adoption rate, its target and the degrees, in percent,
    NULL if unknown), ``customer.days_live`` and ``customer.ramp`` (`check.py`), and settings as %(name)s.
    """

    figure: str  # the name of what is measured: a degree or "adoption"
    value: str
    bound: str  # what the figure is held against
    shows: str  # NULL where the figure is unknown: then the symptom neither shows nor is gone


class Symptom:
    """A way in which a system is misused. Its record, with its name and advice, has the same code."""

    code = ""
    limit = 0.0  # in %; in force where the settings say nothing else
    rules = ()  # it shows if one of them says so

    @property
    def setting(self):
        """The name of the limit, in the settings and in the rules of all symptoms."""
        return f"symptom_{self.code}"


def register(symptom):
    """Have a symptom looked for every night: for use as a decorator of its class.

    >>> @register
    ... class Lost(Symptom):
    ...     code = "lost"
    >>> SYMPTOMS.pop("lost").setting
    'symptom_lost'
    """
    SYMPTOMS[symptom.code] = symptom()
    return symptom

"""The areas of barriers: one object for each, defined in the addon that adds the area.

The choices of the field ``area`` of barriers are the areas of a database. Everything else that differs between areas
(texts, rule, suggestions of the search for barriers) belongs to the area's object, which is looked up here by its code.
"""

from odoo import fields
from odoo.tools.translate import LazyTranslate

from ..plans.customer_success_change import AREAS_OF_CHANGE

_lt = LazyTranslate(__name__)
USUAL_QUESTION = _lt("What here keeps people from using it?")
_registered = {}


class BarrierArea:
    """An area with texts only; a subclass adds a rule or suggestions from the data.

    :param code: unique among all addons of a server, so an addon's own codes start with its name.
    :param label: its name in English, translated like the choices of a field.
    :param question: the question that the search for barriers asks about it.
    """

    # Fields of the barrier that ``refusal`` reads besides the area; it is called when one of them is written.
    rule_fields = ()

    def __init__(self, code, label, question=USUAL_QUESTION):
        self.code = code
        self.label = label
        self.question = question

    def refusal(self, barrier):
        """Return the reason why ``barrier`` cannot be saved as it is, as a text; nothing if it can be saved."""

    def hints(self, customer):
        """Return the facts about ``customer`` that suggest a barrier in this area, as a list of sentences."""
        return []

    def field(self):
        """Return an extension of the barrier's field ``area`` by this area, for the addon that adds it."""
        return fields.Selection(
            selection_add=[(self.code, self.label)], ondelete={self.code: self._uninstall}
        )

    def _uninstall(self, barriers):
        """Move the barriers of this area to the first area when its addon is uninstalled."""
        env = barriers.env
        first = CORE_AREAS[0].code
        barriers.write({"area": first})
        for model in ("customer.success.recommendation", "customer.success.symptom"):
            records = env[model].with_context(active_test=False)
            records.search([("barrier_area", "=", self.code)]).write({"barrier_area": first})


def register(area):
    """Register the object under its code and return it."""
    if area.code in _registered:
        raise ValueError(f"There are two barrier areas with the code {area.code!r}")
    _registered[area.code] = area
    return area


def area_of(code, label):
    """Return the object of an area.

    An area that an addon added only to the field gets an object without a rule and with the default question.
    """
    return _registered.get(code) or BarrierArea(code, label)


_change = dict(AREAS_OF_CHANGE)
CORE_AREAS = [
    register(
        BarrierArea(
            "process",
            _change["process"],
            _lt("Which step of the work is still done the old way, and which rule demands it?"),
        )
    ),
    register(
        BarrierArea(
            "role",
            _change["role"],
            _lt("Who should do this now, and does their job description say so?"),
        )
    ),
    register(
        BarrierArea(
            "routine",
            _change["routine"],
            _lt("At which moment of the day should it be used, and what fills that moment?"),
        )
    ),
    register(
        BarrierArea(
            "expectation",
            _change["expectation"],
            _lt("What are people judged by, and does the system count in it?"),
        )
    ),
    register(
        BarrierArea(
            "leadership",
            "Leadership",
            _lt("When did a leader last ask for something from the system?"),
        )
    ),
    register(
        BarrierArea(
            "incentive",
            "Incentives",
            _lt("Who gains from using it, and who pays for it with time or money?"),
        )
    ),
    register(
        BarrierArea(
            "skill", "Skills", _lt("What did people try and give up, because nobody could help?")
        )
    ),
    register(
        BarrierArea(
            "capacity",
            "Time and capacity",
            _lt("Which hour was taken from other work to make room for it?"),
        )
    ),
    register(
        BarrierArea(
            "technology",
            "Technology",
            _lt("Where does it fail them: devices, access, speed, other systems?"),
        )
    ),
    register(
        BarrierArea("data", "Data", _lt("Which figures in it do people not believe, and why?"))
    ),
]

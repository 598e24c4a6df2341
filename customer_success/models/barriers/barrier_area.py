"""The areas in which barriers lie: one object for each, in a file of the addon that brings it.

The field ``area`` of barriers says which areas there are in a database. What else differs from area to area, its words,
its rule and what the search for barriers suggests, is asked of the area's object, which is looked up here by its code.
"""

from odoo import fields
from odoo.tools.translate import LazyTranslate

from ..plans.customer_success_change import AREAS_OF_CHANGE

_lt = LazyTranslate(__name__)
USUAL_QUESTION = _lt("What here keeps people from using it?")
_registered = {}


class BarrierArea:
    """An area that has words only; a subclass adds a rule, or what the data suggests.

    :param code: unique among all addons of a server, so an addon's own codes start with its name.
    :param label: its name in English, translated as the choice of a field is.
    :param question: what to ask people about it when somebody looks for barriers.
    """

    # Fields of the barrier that ``refusal`` reads beside the area: it is asked when one of them is written.
    rule_fields = ()

    def __init__(self, code, label, question=USUAL_QUESTION):
        self.code = code
        self.label = label
        self.question = question

    def refusal(self, barrier):
        """Return why ``barrier`` cannot be saved as it is, in words, or nothing."""

    def hints(self, customer):
        """Return what is known of ``customer`` that suggests a barrier here, as a list of sentences."""
        return []

    def field(self):
        """Return the extension of the barrier's field ``area`` by this area, for the addon that brings it."""
        return fields.Selection(
            selection_add=[(self.code, self.label)], ondelete={self.code: self._uninstall}
        )

    def _uninstall(self, barriers):
        """Move what lies in this area to the first one, as its addon goes."""
        env = barriers.env
        first = CORE_AREAS[0].code
        barriers.write({"area": first})
        for model in ("customer.success.recommendation", "customer.success.symptom"):
            records = env[model].with_context(active_test=False)
            records.search([("barrier_area", "=", self.code)]).write({"barrier_area": first})


def register(area):
    """Make the object known by its code, and return it."""
    if area.code in _registered:
        raise ValueError(f"There are two barrier areas with the code {area.code!r}")
    _registered[area.code] = area
    return area


def area_of(code, label):
    """Return the object of an area; one that an addon only added to the field has no rule and the usual question."""
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

"""The description of a kind of record that the portal shows, in one object."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class PortalAction:
    """An action of the customer's people on a record, available if the record's ``_portal_offers`` names it.

    The record's method ``_portal_do_<name>(contact, **values)`` performs it.
    """

    name: str
    # The message after the action.
    done: str
    # The inputs posted with it: {name of the input: reader}, readers as in portal_input.py. Any other input is refused.
    takes: dict = field(default_factory=dict)
    # The input with a number. Its reader returns what the text may mean, and the person confirms what was understood.
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class PortalKind:
    """The description of a kind of record for the portal, in addition to the record's own methods.

    A model that inherits ``customer.success.shared`` has it as its attribute ``_portal_kind``. Nothing else is needed for
    the card on the portal's home page, the list, the pages, the actions, and the sharing buttons on the form.
    """

    # Its part of addresses: /my/success/<path>s is the list, /my/success/<path>/<id> the page of a record.
    path: str
    title: str
    text: str
    # XML ids of templates. They get records in sudo, so they must name each field that the customer may see.
    list_template: str
    page_template: str
    # {key: (label, order)}; the first one is the default.
    sortings: dict
    actions: tuple = ()
    # {state: Bootstrap's name of the colour of its badge}; other states have a light badge.
    colours: dict = field(default_factory=dict)
    icon: str = "/customer_success/static/img/portal_objective.svg"
    # The position of its card among the others.
    sequence: int = 100

    @property
    def url(self):
        return f"/my/success/{self.path}s"

    @property
    def counter(self):
        """Return the name of the counter of open records on the portal's home page."""
        return f"success_{self.path}_count"

    def action(self, name):
        """Return the action with this name, or ``None``."""
        return next((action for action in self.actions if action.name == name), None)

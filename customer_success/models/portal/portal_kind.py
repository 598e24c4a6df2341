"""A kind of record that is shown in the portal, described in one object."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class PortalAction:
    """Something that the customer's people may do with a record, as far as its ``_portal_offers`` names it.

    The record's method ``_portal_do_<name>(contact, **values)`` does it.
    """

    name: str
    # What is said once it is done.
    done: str
    # What is posted with it: {name of the input: reader}, readers as in portal_input.py. Anything else is refused.
    takes: dict = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PortalKind:
    """What the portal knows of a kind of record, beside the record's own methods.

    It is the attribute ``_portal_kind`` of a model that inherits ``customer.success.shared``. That is all that is needed for
    its card on the portal's home, its list, its pages, its actions and the buttons on its form that share it.
    """

    # Its place in addresses: /my/success/<path>s is the list, /my/success/<path>/<id> the page of a record.
    path: str
    title: str
    text: str
    # XML ids of templates. They are handed records in sudo, so they name each field that the customer sees.
    list_template: str
    page_template: str
    # {key: (label, order)}; the first one is used until another is chosen.
    sortings: dict
    actions: tuple = ()
    # {state: Bootstrap's name of the colour of its badge}; others are light.
    colours: dict = field(default_factory=dict)
    icon: str = "/customer_success/static/img/portal_objective.svg"
    # Where its card stands among the others.
    sequence: int = 100

    @property
    def url(self):
        return f"/my/success/{self.path}s"

    @property
    def counter(self):
        """The name by which the portal's home asks how many are open."""
        return f"success_{self.path}_count"

    def action(self, name):
        """Return the action with this name, or nothing."""
        return next((action for action in self.actions if action.name == name), None)

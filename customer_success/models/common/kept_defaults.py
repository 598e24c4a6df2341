"""Default values that are the same for many records, asked once."""

# The key of the context with the defaults that were asked so far.
KEPT_DEFAULTS = "success_kept_defaults"


class KeptDefaults(dict):
    """The answers of ``default_get``, by model and fields, for the records of one user that are created together.

    It is an object of the server, so no remote caller can send one.
    """

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    def of(self, model, names, ask):
        """Return the defaults of these fields, from ``ask`` the first time."""
        key = (model._name, model.env.uid, model.env.company.id, tuple(names))
        if key not in self:
            self[key] = ask(names)
        return dict(self[key])

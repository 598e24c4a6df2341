"""The fields of dialogs that propose a value, which the person may change."""

# Computed as the dialog opens, with the rights of the user, and again whenever what they follow from changes.
PROPOSED = {"store": True, "precompute": True, "readonly": False, "compute_sudo": False}

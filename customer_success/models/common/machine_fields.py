"""The protection of fields that only the system may write."""


def without_defaults(records, names):
    """Return ``records`` with a context that has no defaults for these fields.

    Otherwise a value that was removed from a create could come back through ``default_<field>``.
    """
    keys = {f"default_{name}" for name in names} & records.env.context.keys()
    if records.env.su or not keys:
        return records
    context = {key: value for key, value in records.env.context.items() if key not in keys}
    return records.with_context(context)  # pylint: disable=context-overridden

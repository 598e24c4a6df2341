"""Fields that only the system writes, kept from whoever else sends them."""


def without_defaults(records, names):
    """``records`` whose context gives no default to these fields.

    What is dropped from the values of a create would otherwise come back as ``default_<field>``.
    """
    keys = {f"default_{name}" for name in names} & records.env.context.keys()
    if records.env.su or not keys:
        return records
    context = {key: value for key, value in records.env.context.items() if key not in keys}
    return records.with_context(context)  # pylint: disable=context-overridden

from .money import Money


class KnownMonetary(Money):
    """An amount of money that may be unknown; unknown is not zero.

    Odoo's own monetary field reads and writes an empty amount as 0.0. This one keeps it empty (``False``) in the column,
    the client and exports, and sums leave it out. Its widget is ``known_monetary``.
    """

    falsy_value = None

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_column_insert(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_read(self, value, record, use_display_name=True):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if value is None or value is False else value

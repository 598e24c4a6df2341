from math import isfinite

from odoo import fields
from odoo.exceptions import ValidationError


class KnownFloat(fields.Float):
    """A float that may be unknown; unknown is not zero.

    Odoo's own float reads and writes an empty value as 0.0. This one keeps it empty (``False``) in the
    column, the client, exports and averages. It raises ``ValidationError`` for values such as NaN, which are
    neither a number nor empty. The default aggregator is the average.
    """

    falsy_value = None
    aggregator = "avg"

    def convert_to_column(self, value, record, values=None, validate=True):
        if value is None or value is False:
            return None
        self._check_finite(value, record)
        return super().convert_to_column(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        if value is None or value is False:
            return None
        self._check_finite(value, record)
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if value is None or value is False else value

    def _check_finite(self, value, record):
        if not isfinite(float(value)):
            raise ValidationError(
                record.env._(
                    "%(field)s: “%(value)s” is not a number. Leave it empty when it is not known.",
                    field=self._description_string(record.env),
                    value=value,
                )
            )

from odoo import api, fields, models

from ...scoring.limits import is_likely_day


class IrFieldsConverter(models.AbstractModel):
    """The limits of dates in Odoo's import, which could not write a year before 1000."""

    _inherit = "ir.fields.converter"

    @api.model
    def _str_to_date(self, model, field, value, savepoint):
        if field.name in model._success_limited():
            try:
                day = fields.Date.to_date(value)
            except ValueError:
                day = None  # Odoo says it
            if day and not is_likely_day(day):
                raise self._format_import_error(
                    ValueError,
                    self.env._(
                        "'%s' is too far in the past or in the future for field '%%(field)s'. Check the year."
                    ),
                    value,
                )
        return super()._str_to_date(model, field, value, savepoint)

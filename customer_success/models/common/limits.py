from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...scoring.limits import (
    EARLIEST,
    LATEST,
    MOST_MONEY,
    MOST_WHOLE,
    is_likely_day,
    is_likely_number,
)

OURS = "customer.success."
FIELDS_OF_OURS = "success_"
LIMITED = ("date", "integer", "float", "monetary")


class Base(models.AbstractModel):
    """The limits of the dates and numbers in our fields: whatever door a value comes through, it is refused in words.

    Only values that change are checked, so that a record with an old value can still be edited.
    """

    _inherit = "base"

    @api.model
    def _success_limited(self):
        """Return the names of our fields with a date or number that people or programs may enter; found once for each model."""
        cls = self.env.registry[self._name]
        if "_success_limits" not in cls.__dict__:
            cls._success_limits = frozenset(
                name
                for name, field in cls._fields.items()
                if field.type in LIMITED
                and field.store
                and not (field.compute and field.readonly)
                and (self._name.startswith(OURS) or name.startswith(FIELDS_OF_OURS))
            )
        return cls._success_limits

    def _prepare_create_values(self, vals_list):
        for vals in vals_list:
            self._check_success_numbers(vals)
        return super()._prepare_create_values(vals_list)

    def write(self, vals):
        self._check_success_numbers(vals)
        return super().write(vals)

    @api.model
    def _check_success_numbers(self, vals):
        """Refuse numbers that Odoo cannot round and PostgreSQL cannot keep before they get there, where nobody puts it in words."""
        for name in self._success_limited() & vals.keys():
            if type(vals[name]) in (int, float):
                self._check_success_value(name, vals[name])

    def _validate_fields(self, field_names, excluded_names=()):
        field_names = set(field_names)
        for name in self._success_limited() & field_names:
            for record in self.sudo():
                self._check_success_value(name, record[name])
        return super()._validate_fields(field_names, excluded_names)

    def _check_success_value(self, name, value):
        """Raise an error in words if a value is out of the limits."""
        field = self._fields[name]
        if value is False or value is None:
            return
        is_number = field.type != "date"
        if is_number and is_likely_number(value, self._success_most(field)):
            return
        if not is_number and is_likely_day(value):
            return
        label = field._description_string(self.env)
        if is_number:
            raise ValidationError(
                self.env._(
                    "%(field)s: %(value)s is not a number that can be recorded.",
                    field=label,
                    value=str(value)[:40],
                )
            )
        raise ValidationError(
            self.env._(
                "%(field)s: %(value)s is too far in the past or in the future. Check the year: it is a day "
                "from %(first)s to %(last)s.",
                field=label,
                value=value.isoformat(),
                first=format_date(self.env, EARLIEST),
                last=format_date(self.env, LATEST),
            )
        )

    @staticmethod
    def _success_most(field):
        return MOST_WHOLE if field.type == "integer" else MOST_MONEY

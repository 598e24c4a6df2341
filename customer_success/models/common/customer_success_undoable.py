from odoo import api, models

from .kept_defaults import KEPT_DEFAULTS, KeptDefaults

# Fields that follow by themselves, or belong to nobody.
BESIDES = {"id", "write_date", "write_uid", "create_date", "create_uid", "access_token"}


class CustomerSuccessUndoable(models.AbstractModel):
    """A model whose lists change several records at once: each such change is kept, and can be taken back as one."""

    _name = "customer.success.undoable"
    _description = "Changed in Lists"

    @api.model
    def default_get(self, fields):
        """Return the defaults, asked once for the many records of a file."""
        kept = self.env.context.get(KEPT_DEFAULTS)
        if not isinstance(kept, KeptDefaults):
            return super().default_get(fields)
        return kept.of(self, fields, super().default_get)

    def web_save(self, vals, specification, next_id=None):
        """Keep what a list changes on several records."""
        records, change, before = self._begin_mass_edit(vals)
        result = super(CustomerSuccessUndoable, records).web_save(vals, specification, next_id)
        self._end_mass_edit(change, before)
        return result

    def web_save_multi(self, vals_list, specification):
        """Keep what a list changes on several records, each with values of its own."""
        names = {name for vals in vals_list for name in vals}
        records, change, before = self._begin_mass_edit(names)
        result = super(CustomerSuccessUndoable, records).web_save_multi(vals_list, specification)
        self._end_mass_edit(change, before)
        return result

    def _begin_mass_edit(self, names):
        """Return these records, the mass change that they belong to from now on, and what was there before."""
        changes = self.env["customer.success.mass.change"]
        if len(self) < 2 or not self._is_mass_edit():
            return self, changes, {}
        labels = [
            self._fields[name]._description_string(self.env)
            for name in names
            if name in self._fields
        ]
        change = changes._begin(
            "edit",
            self.env._(
                "%(fields)s of %(number)d records: %(kind)s",
                fields=", ".join(sorted(labels)),
                number=len(self),
                kind=self.env["ir.model"]._get(self._name).name,
            ),
        )
        kept = self._mass_edit_records()
        before = change._values(kept, kept._mass_edit_names())
        return self.with_context(**change._within()), change, before

    def _end_mass_edit(self, change, before):
        if not change:
            return
        change._keep(self._mass_edit_records(), before, is_trimmed=True)
        if not change.line_ids:
            change.unlink()

    def _is_mass_edit(self):
        """Return False for records that are none of ours."""
        return True

    def _mass_edit_records(self):
        """Return the records that hold what a list of these writes."""
        return self

    @api.model
    def _mass_edit_names(self):
        """Return the names of the stored fields that people, or the rules of the model, write."""
        return [
            name
            for name, field in self._fields.items()
            if field.store
            and field.column_type
            and (not field.compute or not field.readonly)
            and field.type not in ("binary", "properties", "properties_definition", "reference")
            and not field.related
            and name not in BESIDES
        ] + [name for name, field in self._fields.items() if _is_plain_many2many(field)]

    @api.model
    def _names_of_jobs(self):
        """Return the names of fields that people may write and that jobs write as well."""
        return set()


def _is_plain_many2many(field):
    return field.type == "many2many" and field.store and not field.compute

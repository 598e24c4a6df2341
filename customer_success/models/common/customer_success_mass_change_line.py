import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from .customer_success_mass_change import QUIET, TAKING_BACK


class CustomerSuccessMassChangeLine(models.Model):
    """One record that a mass change has changed: its values before and after."""

    _name = "customer.success.mass.change.line"
    _description = "Record of a Mass Change"
    _order = "state, id"
    _log_access = False

    mass_change_id = fields.Many2one(
        "customer.success.mass.change", required=True, index=True, readonly=True, ondelete="cascade"
    )
    res_model = fields.Char("Model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Record Number", model_field="res_model", readonly=True)
    record_name = fields.Char("Record", compute="_compute_words")
    changed = fields.Char(compute="_compute_words")
    before = fields.Json(readonly=True, help="Empty if the record was created.")
    after = fields.Json(readonly=True)
    state = fields.Selection(
        [("left", "Left"), ("written", "In Force"), ("undone", "Taken Back")],
        required=True,
        readonly=True,
        default="written",
    )
    reason = fields.Char("Why It Was Left", readonly=True)

    @api.depends("res_model", "res_id", "before", "after")
    @api.depends_context("lang", "uid")
    def _compute_words(self):
        """Name the records that the reader may see, and say which fields changed."""
        self.record_name = self.changed = False
        for name, lines in self.grouped("res_model").items():
            if name not in self.env:
                continue
            model = self.env[name]
            label = self.env._("Customer") if name == "res.partner" else model._description
            records = model.browse(lines.mapped("res_id")).exists()
            seen = records._filtered_access("read") if model.has_access("read") else model
            for line in lines:
                record = model.browse(line.res_id)
                line.record_name = (
                    f"{label}: {record.display_name}" if record in seen else f"{label}: …"
                )
                line.changed = ", ".join(line._changed_labels())

    def _changed_labels(self):
        model = self.env[self.res_model]
        if not self.before:
            return [self.env._("created")]
        return [
            model._fields[name]._description_string(self.env)
            for name in self.after
            if name in model._fields and self.before.get(name) != self.after[name]
        ]

    # ------------------------------------------------------------------------------------------
    # Taking back
    # ------------------------------------------------------------------------------------------

    def _take_back(self):
        """Give these records of one model their values back, those with the same values in one write."""
        name = self[:1].res_model
        if name not in self.env:
            self._leave(self.env._("Its model is no longer installed."))
            return
        model = self.env[name].with_context(**QUIET, **{TAKING_BACK: True})
        known = model.with_context(active_test=False).browse(self.mapped("res_id")).exists()
        groups = {}
        for line in self:
            record = known & model.browse(line.res_id)
            if refusal := line._why_left(record):
                line._leave(refusal)
                continue
            old = line.before and {
                field: value
                for field, value in line.before.items()
                if value != line.after.get(field)
            }
            key = json.dumps(old, sort_keys=True)
            groups[key] = groups.get(key, self.browse()) | line
        for key, lines in groups.items():
            lines._restore(model, json.loads(key))

    def _why_left(self, record):
        """Return why this record keeps its values, or an empty text."""
        if not record:
            return self.env._("It was deleted.")
        names = [name for name in self.after if name in record._fields]
        now = self.mass_change_id._values(record, names)[record.id]
        later = [name for name in names if now[name] != self.after[name]]
        if later:
            return self.env._(
                "Changed since: %s.",
                ", ".join(record._fields[name]._description_string(self.env) for name in later),
            )
        for name, value in (self.before or {}).items():
            field = record._fields.get(name)
            if not field or field.type != "many2one" or not value or value == self.after[name]:
                continue
            former = self.env[field.comodel_name].browse(value).exists()
            if not former:
                return self.env._("What was there before was deleted.")
            if field.comodel_name == "res.users" and not former.active:
                return self.env._("%s is archived.", former.name)
        return ""

    def _restore(self, model, old):
        """Write ``old`` on the records, or delete them if there is nothing old; one by one if that is refused."""
        records = model.browse(self.mapped("res_id"))
        try:
            with self.env.cr.savepoint():
                if old:
                    records.write(
                        {
                            name: [Command.set(value)] if isinstance(value, list) else value
                            for name, value in old.items()
                        }
                    )
                else:
                    records.unlink()
                self.env.flush_all()
        except (UserError, ValidationError, AccessError) as refusal:
            self.env.invalidate_all(flush=False)
            if len(self) == 1:
                self._leave(refusal.args[0])
                return
            for line in self:
                line._restore(model, old)
            return
        self.state = "undone"

    def _leave(self, reason):
        self.write({"state": "left", "reason": reason})

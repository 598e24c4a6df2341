import json

import psycopg2
from psycopg2.extras import Json

from odoo import api, fields, models
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

    @api.model
    def _put(self, change, name, values):
        """Add lines of one model, given as ``[(id, before, after)]``, with one statement."""
        if not values:
            return
        self.env.cr.execute_values(
            "INSERT INTO customer_success_mass_change_line"
            " (mass_change_id, res_model, state, res_id, before, after) VALUES %s",
            [
                (change.id, name, "written", id_, before and Json(before), Json(after))
                for id_, before, after in values
            ],
            template="(%s, %s, %s, %s, %s, %s)",
        )
        change.invalidate_recordset(["line_ids"])
        records = self.env[name].sudo().browse(line[0] for line in values).exists()
        companies = self._companies_of(records) - change.company_ids
        if companies:
            change.company_ids |= companies

    @api.model
    def _companies_of(self, records):
        """Return the companies of these records, or of their customers."""
        companies = self.env["res.company"].sudo()
        for path in ("company_id", "partner_id.company_id"):
            if path.split(".")[0] in records._fields:
                companies |= records.mapped(path)
        return companies

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
        refusals = self._why_left(known)
        groups = {}
        for line in self:
            if refusal := refusals.get(line):
                line._leave(refusal)
                continue
            before, after = line.before, line.after
            old = before and {
                field: value for field, value in before.items() if value != after.get(field)
            }
            groups.setdefault(json.dumps(old, sort_keys=True), []).append(line.id)
        for key, ids in groups.items():
            self.browse(ids)._restore(model, json.loads(key))

    def _why_left(self, known):
        """Return ``{line: why its record keeps its values}`` for those that do; ``known`` are the records that exist."""
        existing = set(known._ids)
        found = {
            line: self.env._("It was deleted.") for line in self if line.res_id not in existing
        }
        # A JSON field is copied each time it is read, so it is read once.
        written = {line: (line.before, line.after) for line in self if line not in found}
        created = self._created_names(known)
        names = {
            line: [name for name in {*after, *(() if before else created)} if name in known._fields]
            for line, (before, after) in written.items()
        }
        forbidden = self._forbidden(known)
        now = self.mass_change_id._values(known, {name for said in names.values() for name in said})
        for line, (before, after) in written.items():
            values = now[line.res_id]
            later = [n for n in names[line] if not _is_same(n, values[n], before, after)]
            if later:
                labels = sorted(known._fields[n]._description_string(self.env) for n in later)
                found[line] = self.env._("Changed since: %s.", ", ".join(labels))
            elif line.res_id in forbidden:
                found[line] = self.env._("You may not change it any more.")
            elif before and (why := self._why_not_former(known, before, after)):
                found[line] = why
        return found

    def _forbidden(self, known):
        """Return the ids of the records that who takes this back may not change."""
        if not self.mass_change_id._needs_rights():
            return set()
        theirs = self._as_user(known)
        return set((theirs - theirs._filtered_access("write"))._ids)

    @api.model
    def _as_user(self, records):
        """Return the records with the rights of who takes this back, in all of their companies."""
        return records.sudo(False).with_context(allowed_company_ids=self.env.user.company_ids.ids)

    @api.model
    def _created_names(self, known):
        """Return the names of the fields that must be as they were on a record that was created."""
        return ()

    @api.model
    def _why_not_former(self, known, before, after):
        """Return why the values that were there before cannot come back, or an empty text."""
        for name, value in before.items():
            field = known._fields.get(name)
            if not field or field.type != "many2one" or not value or value == after[name]:
                continue
            former = self.env[field.comodel_name].browse(value).exists()
            if not former:
                return self.env._("What was there before was deleted.")
            if field.comodel_name == "res.users" and not former.active:
                return self.env._("%s is archived.", former.name)
        return ""

    def _restore(self, model, old):
        """Write ``old`` on the records, or delete them if there is nothing old; find and leave those that refuse it."""

        def work(lines):
            self.browse([line.id for line in lines])._give_back(model, old)
            self.env.flush_all()

        def failed(line, error):
            is_odd = isinstance(error, psycopg2.Error)
            line._leave(self.env._("Something else needs it.") if is_odd else str(error))

        self.env["customer.success.job"]._halve(list(self), work, failed)

    def _give_back(self, model, old):
        model.browse(self.mapped("res_id")).write(
            {
                name: [Command.set(value)] if isinstance(value, list) else value
                for name, value in old.items()
            }
        )
        self.state = "undone"

    def _leave(self, reason):
        self.write({"state": "left", "reason": reason})


def _is_same(name, value, before, after):
    """Return whether a value is the one that was written, or is back already."""
    if not before:
        return known_values({name: value}) == known_values({name: after.get(name)})
    return value == after[name] or value == before.get(name, after[name])


def known_values(values):
    """Return the values without those that are empty; of a number, 0 is as good as nothing.

    >>> known_values({"name": "Acme", "ref": False, "seats": 0, "category_id": []})
    {'name': 'Acme'}
    """
    return {name: value for name, value in values.items() if value}

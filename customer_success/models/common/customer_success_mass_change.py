from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# The key of the context with the record of the mass change that a write belongs to.
MASS_CHANGE = "success_mass_change"
# The key of the context under which a mass change is taken back, which starts no further changes.
TAKING_BACK = "success_taking_back"
# One message says what a mass change did, instead of one for each record.
QUIET = {
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_quick_update": True,
    "dont_notify": True,
}


class CustomerSuccessMassChange(models.Model):
    """The changes that one act made to many records, kept so that it can be taken back as one.

    A line holds the values of a record before and after. Who did it, or a manager, takes it back: records that nobody
    has changed since get their values back; the others are listed with the reason and left as they are.
    """

    _name = "customer.success.mass.change"
    _description = "Mass Change"
    _order = "date desc, id desc"

    name = fields.Char("What", required=True, readonly=True)
    kind = fields.Selection(
        [("edit", "Mass Edit"), ("load", "Load of a File")], required=True, readonly=True
    )
    date = fields.Datetime("When", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        "By",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    note = fields.Text(readonly=True)
    state = fields.Selection(
        [
            ("done", "In Force"),
            ("undone", "Taken Back"),
            ("partly", "Taken Back in Part"),
        ],
        required=True,
        readonly=True,
        default="done",
    )
    undone_by_id = fields.Many2one("res.users", "Taken Back By", readonly=True)
    undone_on = fields.Datetime("Taken Back On", readonly=True)
    line_ids = fields.One2many("customer.success.mass.change.line", "mass_change_id", "Records")
    line_count = fields.Integer("Records Changed", compute="_compute_line_count")
    left_count = fields.Integer("Left as They Are", compute="_compute_line_count")
    may_undo = fields.Boolean(compute="_compute_may_undo")

    @api.depends("line_ids.state")
    def _compute_line_count(self):
        counts = {
            (change, state): count
            for change, state, count in self.env["customer.success.mass.change.line"]._read_group(
                [("mass_change_id", "in", self.ids)], ["mass_change_id", "state"], ["__count"]
            )
        }
        for change in self:
            change.left_count = counts.get((change, "left"), 0)
            change.line_count = sum(
                count for (known, _state), count in counts.items() if known == change
            )

    @api.depends("state", "user_id")
    @api.depends_context("uid")
    def _compute_may_undo(self):
        for change in self:
            change.may_undo = change.state == "done" and change._is_allowed_to_undo()

    def _is_allowed_to_undo(self):
        user = self.env.user
        return self.user_id == user or user.has_group("customer_success.group_success_manager")

    # ------------------------------------------------------------------------------------------
    # Keeping what was there
    # ------------------------------------------------------------------------------------------

    @api.model
    def _begin(self, kind, name, **vals):
        """Return a new record in sudo; what is changed under its context key belongs to it."""
        return self.sudo().create({"kind": kind, "name": name, "user_id": self.env.uid, **vals})

    @api.model
    def _current(self):
        """Return the mass change that this write belongs to, in sudo, or none."""
        key = self.env.context.get(MASS_CHANGE)
        # The key comes from the context, so only one of this transaction's user counts.
        found = self.sudo().browse(key if isinstance(key, int) else []).exists()
        return found.filtered(lambda change: change.user_id == self.env.user)

    def _write(self, records, vals, guards=()):
        """Write ``vals`` on ``records``, and keep what was there before.

        ``guards`` are names of fields that must stay as they are: when one of them has changed, the record is left.
        """
        names = [*vals, *guards]
        before = self._values(records, names)
        records.write(vals)
        self._keep(records, before)

    @api.model
    def _values(self, records, names):
        """Return ``{id: {name: value}}`` of fields of ``records``, as plain values that JSON can hold."""
        return {
            record.id: {name: _plain(record, record._fields[name]) for name in names}
            for record in records.sudo()
        }

    def _keep(self, records, before, is_trimmed=False):
        """Keep what a write has changed since :meth:`_values` returned ``before``.

        A trimmed line holds only the fields that changed, so a later change of another field does not matter.
        """
        names = list(next(iter(before.values()), {}))
        after = self._values(records, names)
        changed = [id_ for id_ in before if before[id_] != after.get(id_, before[id_])]
        for id_ in changed if is_trimmed else ():
            kept = [name for name in names if before[id_][name] != after[id_][name]]
            before[id_] = {name: before[id_][name] for name in kept}
            after[id_] = {name: after[id_][name] for name in kept}
        self.env["customer.success.mass.change.line"].sudo().create(
            [
                {
                    "mass_change_id": self.id,
                    "res_model": records._name,
                    "res_id": id_,
                    "before": before[id_],
                    "after": after[id_],
                }
                for id_ in changed
            ]
        )

    def _keep_created(self, records, names):
        """Keep that ``records`` were created: they are deleted if nobody changed these fields since."""
        self.env["customer.success.mass.change.line"].sudo().create(
            [
                {
                    "mass_change_id": self.id,
                    "res_model": records._name,
                    "res_id": id_,
                    "before": False,
                    "after": after,
                }
                for id_, after in self._values(records, names).items()
            ]
        )

    # ------------------------------------------------------------------------------------------
    # Taking it back
    # ------------------------------------------------------------------------------------------

    def action_undo(self):
        """Take back what nobody has changed since; list the rest with its reason and leave it."""
        self.ensure_one()
        self.check_access("read")
        if not self._is_allowed_to_undo():
            raise AccessError(
                self.env._(
                    "Only %s, who did this, or a customer success manager can take it back.",
                    self.user_id.name,
                )
            )
        change = self.sudo()
        change.lock_for_update()
        if change.state != "done":
            raise UserError(self.env._("This was taken back already."))
        # What was created last goes first.
        lines = change.line_ids.filtered(lambda line: line.state == "written").sorted(
            "id", reverse=True
        )
        for theirs in lines.grouped("res_model").values():
            theirs._take_back()
        change.write(
            {
                "state": "partly" if any(line.state == "left" for line in lines) else "undone",
                "undone_by_id": self.env.uid,
                "undone_on": fields.Datetime.now(),
            }
        )
        change._after_undo(lines.filtered(lambda line: line.state == "undone"))
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _after_undo(self, lines):
        """End what followed from these lines, which were taken back; wings extend it."""

    def action_open_lines(self):
        """Open the records that were changed, those that were left first."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "customer.success.mass.change.line",
            "views": [(False, "list")],
            "domain": [("mass_change_id", "=", self.id)],
        }


def _plain(record, field):
    """Return the value of a field as JSON can hold it: ids for links, text for days."""
    value = record[field.name]
    if field.type == "many2one":
        return value.id
    if field.type in ("many2many", "one2many"):
        return sorted(value.ids)
    if field.type == "date":
        return fields.Date.to_string(value) if value else False
    if field.type == "datetime":
        return fields.Datetime.to_string(value) if value else False
    return str(value) if field.type == "html" and value else value

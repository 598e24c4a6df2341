from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

# The key of the context with the mass change that a write belongs to, see `_within`.
MASS_CHANGE = "success_mass_change"
# The key of the context under which a mass change is taken back, which starts no further changes.
TAKING_BACK = "success_taking_back"
# Up to this number of records are taken back while the user waits, more of them by a scheduled action.
AT_ONCE = 2_000
# One message says what a mass change did, instead of one for each record.
QUIET = {
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_quick_update": True,
    "dont_notify": True,
}


class BelongsTo:
    """The mass change that a write belongs to. It is no number, so that no client can name one in the context of a call."""

    def __init__(self, change_id):
        self.id = change_id


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
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        readonly=True,
        help="The companies of the records and of the file. Managers see changes in their own companies.",
    )
    note = fields.Text(readonly=True)
    state = fields.Selection(
        [
            ("done", "In Force"),
            ("undoing", "Being Taken Back"),
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

    def _needs_rights(self):
        """Return whether only records that the user may still change are taken back; wings extend it."""
        return self.kind == "edit"

    # ------------------------------------------------------------------------------------------
    # Keeping what was there
    # ------------------------------------------------------------------------------------------

    @api.model
    def _begin(self, kind, name, **vals):
        """Return a new record in sudo; what is changed in its context (`_within`) belongs to it."""
        return self.sudo().create({"kind": kind, "name": name, "user_id": self.env.uid, **vals})

    @api.model
    def _current(self):
        """Return the mass change that this write belongs to, in sudo, or none."""
        key = self.env.context.get(MASS_CHANGE)
        found = self.sudo().browse(key.id if isinstance(key, BelongsTo) else []).exists()
        return found.filtered(lambda change: change.user_id == self.env.user)

    def _within(self):
        """Return the context in which a write belongs to this change."""
        self.ensure_one()
        return {MASS_CHANGE: BelongsTo(self.id)}

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
            record.id: {name: plain(record, record._fields[name]) for name in names}
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
        self.env["customer.success.mass.change.line"]._put(
            self, records._name, [(id_, before[id_], after[id_]) for id_ in changed]
        )

    def _keep_created(self, records, names=None):
        """Keep that ``records`` were created: they are deleted if nobody has changed them, or recorded anything on them, since.

        ``names`` are the fields that must stay as they are; without them, all that people write.
        """
        self.env["customer.success.mass.change.line"]._put_created(self, records, names)

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
        change._before_undo(self.env.uid)
        change.write(
            {
                "state": "undoing",
                "undone_by_id": self.env.uid,
                "undone_on": fields.Datetime.now(),
            }
        )
        if not change._take_back_part():
            self.env.ref("customer_success.ir_cron_mass_changes").sudo()._trigger()
        return True  # the form of this record is read again

    def _take_back_part(self):
        """Take back some of the lines; return whether these were the last."""
        lines = self.env["customer.success.mass.change.line"]
        written = Domain("mass_change_id", "=", self.id) & Domain("state", "=", "written")
        names = [name for (name,) in lines._read_group(written, ["res_model"])]
        room = AT_ONCE
        for name in self._in_order(names):
            # What was created last goes first.
            part = lines.search(
                written & Domain("res_model", "=", name), order="id desc", limit=room
            )
            part._take_back()
            self._after_undo(part.filtered(lambda line: line.state == "undone"))
            room -= len(part)
            if room <= 0:
                break
        if lines.search_count(written, limit=1):
            return False
        left = lines.search_count([("mass_change_id", "=", self.id), ("state", "=", "left")])
        self.state = "partly" if left else "undone"
        return True

    @api.model
    def _cron_undo(self):
        """Go on with the changes that are being taken back, part by part."""
        progress = self.env["ir.cron"]._commit_progress
        waiting = self.search([("state", "=", "undoing")], order="id")
        progress(remaining=len(waiting))
        for change in waiting:
            theirs = change.with_user(change.undone_by_id).sudo()
            while not (is_whole := theirs._take_back_part()):
                if not progress():
                    return
            progress(int(is_whole))

    def _before_undo(self, uid):
        """Take back what has no lines, for the user ``uid``; wings extend it."""

    def _in_order(self, names):
        """Return the names of models in the order in which their records are taken back."""
        return names

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


def plain(record, field):
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

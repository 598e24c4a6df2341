from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...scoring.said import fault
from ...scoring.yardstick import is_easier

FIGURES = ("baseline", "target")
YARDSTICK = (*FIGURES, "date_due")


class CustomerSuccessObjective(models.Model):
    """The yardstick of an objective, once it is agreed: who moves it says why, and an easier one needs a second person."""

    _inherit = "customer.success.objective"

    is_agreed = fields.Boolean(
        "Agreed",
        compute="_compute_is_agreed",
        store=True,
        help="It was measured, shared with the customer or part of an active plan. Its baseline, target and date are kept since then.",
    )
    change_ids = fields.One2many(
        "customer.success.objective.change", "objective_id", "Changes", readonly=True
    )
    is_change_proposed = fields.Boolean(
        "Easier Objective Proposed",
        compute="_compute_is_change_proposed",
        search="_search_is_change_proposed",
    )
    change_reason = fields.Text(
        "Reason for the Change",
        store=False,
        help="Say why baseline, target or date change, or why it is dropped. What makes the objective easier counts when a manager approves it, or at once if the customer agreed.",
    )
    change_contact_id = fields.Many2one(
        "res.partner",
        "Change Agreed By",
        store=False,
        domain="[('commercial_partner_id', '=', partner_id), ('id', '!=', partner_id)]",
        help="The contact of the customer who agreed to the change.",
    )

    @api.depends("measure_ids", "is_shared", "state", "plan_id.state")
    def _compute_is_agreed(self):
        """Stay agreed: neither a deleted measurement nor a plan that ended takes it back."""
        for objective in self:
            objective.is_agreed = bool(
                objective.is_agreed
                or objective.measure_ids
                or objective.is_shared
                or objective.state != "open"
                or objective.plan_id.state in ("active", "replaced", "closed")
            )

    @api.depends("change_ids.state")
    def _compute_is_change_proposed(self):
        for objective in self:
            states = objective.sudo().change_ids.mapped("state")
            objective.is_change_proposed = "proposed" in states

    def _search_is_change_proposed(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = fields.Domain("change_ids.state", "=", "proposed")
        return found if True in value else ~found

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_without_change(vals) for vals in vals_list])

    def write(self, vals):
        given = {name: vals[name] for name in YARDSTICK if name in vals}
        if self.env.su or not given:
            return super().write(_without_change(vals))
        reason = (vals.get("change_reason") or "").strip()
        contact = self.env["res.partner"].browse(vals.get("change_contact_id") or [])
        vals = _without_change(vals)
        self.check_access("write")
        if vals.get("state", "confirmed") == "confirmed" and set(FIGURES) & given.keys():
            self._check_not_confirmed()
        self._check_not_evaded(vals)
        judged = {objective: objective._judge(given, reason, contact) for objective in self}
        moved = self.filtered(lambda objective: judged[objective])
        waiting = moved.filtered(lambda objective: judged[objective]["state"] == "proposed")
        moved.sudo().change_ids.filtered(lambda change: change.state == "proposed")._close(
            "withdrawn"
        )
        result = super(CustomerSuccessObjective, self - waiting).write(vals)
        rest = {name: value for name, value in vals.items() if name not in given}
        if waiting and rest:
            super(CustomerSuccessObjective, waiting).write(rest)
        changes = self.env["customer.success.objective.change"].sudo()
        changes = changes.create([judged[objective] for objective in moved])
        changes.filtered(lambda change: change.state == "proposed")._ask()
        return result

    def _judge(self, given, reason, contact):
        """Return the values of the logged change if an agreed yardstick moves; refuse what is easier without a reason."""
        self.ensure_one()
        if not self._is_held():
            return None
        before = {name: self[name] for name in YARDSTICK}
        after = before | self._as_stored(given)
        if all(_known(before[name]) == _known(after[name]) for name in YARDSTICK):
            return None
        for name in YARDSTICK:
            if before[name] is not False and after[name] is False:
                raise UserError(
                    self.env._(
                        "“%(objective)s” is agreed: enter another value for “%(field)s” instead of none.",
                        objective=self.name,
                        field=self._fields[name]._description_string(self.env),
                    )
                )
        way = [tuple(_known(values[name]) for name in FIGURES) for values in (before, after)]
        if way[1][0] is not None and way[1][0] == way[1][1]:
            return None  # the constraint of the table refuses it in words
        later = bool(before["date_due"]) and after["date_due"] > before["date_due"]
        easier = later or is_easier(*way, _known(self.actual))
        if easier and fault(reason):
            raise UserError(
                self.env._(
                    "The change makes “%s” easier, which lifts the score. Say why in a few words, in “Reason for the Change”.",
                    self.name,
                )
            )
        return self._change_line(easier, reason, contact) | {
            **{f"old_{name}": before[name] for name in YARDSTICK},
            **{f"new_{name}": after[name] for name in YARDSTICK},
        }

    def _change_line(self, easier, reason, contact):
        """Return the values of a logged change without what changes; an easier objective waits for a second person."""
        if contact and (contact.commercial_partner_id != self.partner_id or not contact.active):
            raise ValidationError(
                self.env._(
                    "%(contact)s does not work at %(customer)s. Choose who at the customer agreed to the change.",
                    contact=contact.display_name,
                    customer=self.partner_id.display_name,
                )
            )
        waits = easier and not contact and not self.env.user._success_decides_on(self.partner_id)
        changes = self.env["customer.success.objective.change"]
        line = changes._entered(self.partner_id, easier, waits, reason)
        if contact:
            line["approved_by_id"] = line["is_own_customer"] = False
        return line | {"objective_id": self.id, "contact_id": contact.id}

    def _is_held(self):
        """Return True once the yardstick is agreed or its date has passed, but not on the day on which its author entered it."""
        today = fields.Date.context_today(self)
        if self.date_due and self.date_due < today:
            return True
        entered = fields.Datetime.context_timestamp(self, self.create_date).date()
        slip = entered == today and self.create_uid == self.env.user
        slip = slip and not self.is_shared and self.state == "open"
        return self.is_agreed and not (slip and self.plan_id.state != "active")

    def _as_stored(self, given):
        """Return entered values as the fields hold them, with ``False`` for none."""
        stored = {}
        for name, value in given.items():
            if value is None or value is False or value == "":
                stored[name] = False
            elif name in FIGURES:
                stored[name] = round(float(value), 2)
            else:
                stored[name] = fields.Date.to_date(value)
        return stored


def _known(value):
    """Return a value, with ``None`` instead of ``False``, which equals 0."""
    return None if value is False else value


def _without_change(vals):
    return {
        name: value
        for name, value in vals.items()
        if name not in ("change_reason", "change_contact_id")
    }

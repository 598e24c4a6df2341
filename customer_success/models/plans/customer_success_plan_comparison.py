from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from .customer_success_plan_version import GOALS

# The fields of a plan that are compared beside its content.
BESIDE = (
    "sustained_by_id",
    "user_id",
    "next_review_date",
    "project_on_time",
    "project_on_budget",
)


class CustomerSuccessPlan(models.Model):
    """The comparison of two versions of a plan, side by side."""

    _inherit = "customer.success.plan"

    def action_compare(self):
        """Open the comparison of two versions; a single one is compared with the version before it."""
        self.check_access("read")
        if len(self) > 2 or len(self.partner_id) != 1:
            raise UserError(self.env._("Choose two versions of the plan of one customer."))
        older, newer = self._ordered()[0], self._ordered()[-1]
        if older == newer:
            older = newer._version_before()
        if not older:
            older, newer = newer, newer._versions()[:2][-1]
        if older == newer:
            raise UserError(self.env._("There is only this version of the plan."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare Versions"),
            "res_model": "customer.success.plan.compare",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_newer_id": newer.id,
                "default_older_id": older.id,
                "dialog_size": "extra-large",
            },
        }

    def _ordered(self):
        """Return these plans in the order of their versions; drafts come last."""
        return self.sorted(lambda plan: (not plan.version, plan.version, plan.id))

    def _versions(self):
        """Return all plans of the customer in the order of their versions, this one among them."""
        self.ensure_one()
        return self.search([("partner_id", "=", self.partner_id.id)])._ordered()

    def _version_before(self):
        """Return the plan that this one replaced or would replace, else the version with the number before."""
        self.ensure_one()
        earlier = self._versions().filtered(
            lambda plan: plan.version and (not self.version or plan.version < self.version)
        )
        return self._former_plan() or earlier[-1:]

    def _comparison(self, older):
        """Return what differs between an older version and this one, in words for the template."""
        self.ensure_one()
        older.ensure_one()
        between = (self._versions() - self).filtered(
            lambda plan: 0 < older.version < plan.version < (self.version or plan.version + 1)
        )
        goals, notes = self._compared_goals(older)
        numbers = {older.version, *between.mapped("version"), self.version} - {0}
        gone = sorted({*range(min(numbers, default=0), max(numbers, default=0))} - numbers)
        if gone:
            notes.append(self.env._("Deleted in between: version %s.", ", ".join(map(str, gone))))
        return {
            "older": older._version_heading(),
            "newer": self._version_heading(),
            "steps": [plan._version_heading() for plan in between + self],
            "answers": self._compared_answers(older),
            "goals": goals,
            "unknown_goals": goals is None,
            "notes": notes,
        }

    def _version_heading(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        name = self.version_name
        return {
            "name": name[:1].upper() + name[1:],
            "state": states[self.state],
            "of": format_date(self.env, self.date),
            "since": self.active_from and format_date(self.env, self.active_from),
            "by": self.active_by_id.name or self.user_id.name,
            "reason": self.revision_reason,
        }

    def _compared_answers(self, older):
        """Return the fields that differ, as ``[{label, old, new}]``; an empty value is an empty text."""
        names = [name for name in (*self._content_fields(), *BESIDE) if self._fields[name].store]
        return [
            {"label": self._label(name), "old": old, "new": new}
            for name in names
            if (old := older._said_plainly(name)) != (new := self._said_plainly(name))
        ]

    def _said_plainly(self, name):
        """Return the value of a field of the plan as a text."""
        return _as_text(self, name, self[name])

    def _compared_goals(self, older):
        """Return the objectives and changes that were added, removed or changed, and notes on what is unknown.

        The first is ``None`` if the objectives of a version were not kept. Each row is ``{kind, name, how, label,
        lines}``, with ``[{label, old, new}]`` as lines.
        """
        before, now, rows = older._goals(), self._goals(), []
        unknown = [plan for plan, goals in ((older, before), (self, now)) if goals is None]
        if unknown:
            return None, [
                self.env._(
                    "The objectives and changes at the end of %s were not kept.", plan.version_name
                )
                for plan in unknown
            ]
        hows = {
            "added": self.env._("Added"),
            "removed": self.env._("Removed"),
            "changed": self.env._("Changed"),
        }
        kinds = {
            "customer.success.objective": self.env._("Objective"),
            "customer.success.change": self.env._("Change"),
        }
        for model, names in GOALS.items():
            records = self.env[model]
            old, new = before.get(model, {}), now.get(model, {})
            for id_ in sorted({*old, *new}, key=int):
                was, is_ = old.get(id_, {}), new.get(id_, {})
                lines = [
                    {
                        "label": records._fields[name]._description_string(self.env),
                        "old": a,
                        "new": b,
                    }
                    for name in names
                    if (a := _as_text(records, name, was.get(name, False)))
                    != (b := _as_text(records, name, is_.get(name, False)))
                ]
                if not lines:
                    continue
                how = "added" if not was else "removed" if not is_ else "changed"
                rows.append(
                    {
                        "kind": kinds[model],
                        "name": (is_ or was)["name"],
                        "how": how,
                        "label": hows[how],
                        "lines": lines,
                    }
                )
        return rows, []


def _as_text(records, name, value):
    """Return a value of a field as a text for people; nothing known is an empty text."""
    field = records._fields[name]
    if value is False or value is None:
        return ""
    if field.type == "selection":
        return dict(field._description_selection(records.env)).get(value, value)
    if field.type == "date":
        return format_date(records.env, value)
    if field.type == "many2one":
        return value.display_name or ""
    if field.type == "float":
        return formatLang(records.env, value, digits=2)
    return str(value).strip()

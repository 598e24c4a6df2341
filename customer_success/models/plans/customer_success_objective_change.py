from odoo import api, fields, models
from odoo.tools import format_date

from ..common.known_float import KnownFloat


class CustomerSuccessObjectiveChange(models.Model):
    """A change of baseline, target or date of an objective that was agreed, or its dropping. Append-only.

    What makes the objective easier counts when a manager approves it or a contact of the customer agreed to it.
    """

    _name = "customer.success.objective.change"
    _inherit = ["customer.success.yardstick.change"]
    _description = "Change of an Objective"
    _rec_name = "objective_id"
    _yardstick = "objective_id"

    objective_id = fields.Many2one(
        "customer.success.objective", readonly=True, index=True, ondelete="cascade"
    )
    old_baseline = KnownFloat("Baseline Before", digits=(16, 2), readonly=True)
    new_baseline = KnownFloat("Baseline After", digits=(16, 2), readonly=True)
    old_target = KnownFloat("Target Before", digits=(16, 2), readonly=True)
    new_target = KnownFloat("Target After", digits=(16, 2), readonly=True)
    old_date_due = fields.Date("Due Before", readonly=True)
    new_date_due = fields.Date("Due After", readonly=True)
    is_drop = fields.Boolean(
        "Dropped",
        readonly=True,
        help="The objective was dropped although its result was known or due.",
    )
    summary = fields.Char("What Changed", compute="_compute_summary")
    contact_id = fields.Many2one(
        "res.partner",
        "Agreed By",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The contact of the customer who agreed to the easier objective.",
    )

    @api.depends_context("lang")
    def _compute_summary(self):
        for change in self:
            if change.is_drop:
                change.summary = self.env._("dropped")
                continue
            change.summary = self.env._(
                "%(old)s → %(new)s",
                old="; ".join(change._figures("old")),
                new="; ".join(change._figures("new")),
            )

    def _apply(self):
        for change in self:
            if change.is_drop:
                change.objective_id.state = "dropped"
                continue
            new = {
                name: change[f"new_{name}"]
                for name in ("baseline", "target", "date_due")
                if change[f"new_{name}"] != change[f"old_{name}"]
                or type(change[f"new_{name}"]) is not type(change[f"old_{name}"])
            }
            change.objective_id.write(new)

    def _said(self):
        self.ensure_one()
        names = {
            "objective": self.objective_id.sudo().name,
            "user": self.user_id.sudo().name or "",
            "old": "; ".join(self._figures("old")),
            "new": "; ".join(self._figures("new")),
        }
        if self.is_drop:
            said = self.env._("Objective “%(objective)s” dropped by %(user)s", **names)
            return f"{said}: {self.reason}"
        said = self.env._(
            "Objective “%(objective)s” made easier by %(user)s: from %(old)s to %(new)s", **names
        )
        return f"{said}: {self.reason}" if self.reason else f"{said}."

    def _figures(self, when):
        """Return what changed as texts, as it was (``old``) or is now (``new``)."""
        none = self.env._("none")
        said = []
        for name, text in (
            ("baseline", self.env._("baseline %s")),
            ("target", self.env._("target %s")),
        ):
            old, new, value = (self[f"{w}_{name}"] for w in ("old", "new", when))
            if (old, old is False) != (new, new is False):
                said.append(text % (none if value is False else f"{value:g}"))
        if self.old_date_due != self.new_date_due:
            day = self[f"{when}_date_due"]
            said.append(self.env._("due %s", format_date(self.env, day) if day else none))
        return said

    @api.model
    def _say_lowered(self):
        return self.env._("Objective made easier or dropped")

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...scoring.said import fault
from .customer_success_plan_content import ANSWERED

# The other parts of a plan whose change a revision names.
PARTS = ("organisational_measures", "personal_benefits", "complexity", "committed_resources")
SHOWN = 60  # characters of a text that a difference shows


class CustomerSuccessPlan(models.Model):
    """The revisions of a plan: each says why it was made and what it changed."""

    _inherit = "customer.success.plan"

    replaces_id = fields.Many2one(
        "customer.success.plan",
        "Former Plan",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        help="The active plan that this one replaced or is going to replace.",
    )
    is_revision = fields.Boolean(compute="_compute_revision_changes")
    revision_reason = fields.Char(
        "Reason for the Revision",
        tracking=True,
        copy=False,
        help="Why the plan is revised: what happened at the customer, or what did not work.",
    )
    revision_changes = fields.Text(
        "Changes of the Revision",
        compute="_compute_revision_changes",
        help="The answers that differ from the former plan.",
    )

    @api.depends(
        lambda self: [
            "replaces_id",
            "state",
            "partner_id.success_plan_ids.state",
            *self._compared(),
        ]
    )
    @api.depends_context("lang")
    def _compute_revision_changes(self):
        for plan in self:
            former = plan._former_plan()
            plan.is_revision = bool(former)
            plan.revision_changes = "\n".join(plan._differences(former)) if former else False

    @api.model
    def _compared(self):
        """Return the names of the fields that two revisions are compared by."""
        return [name for name in (*ANSWERED, *PARTS) if self._fields[name].store]

    def _former_plan(self):
        """Return the plan that this one replaced, or for a draft the active plan that it would replace."""
        self.ensure_one()
        if self.state == "draft":
            return self.partner_id.success_plan_id
        return self.replaces_id

    def _differences(self, former):
        """Return one line for each answer that differs from the former plan; one that says so if none does."""
        lines = []
        for name in self._compared():
            old, new = (former[name] or "").strip(), (self[name] or "").strip()
            if old == new:
                continue
            label = self._fields[name]._description_string(self.env)
            if self._fields[name].type == "selection":
                labels = dict(self._fields[name]._description_selection(self.env))
                values = {"question": label, "old": labels.get(old), "new": labels.get(new)}
                if not new:
                    line = self.env._("%(question)s: no longer answered, was “%(old)s”", **values)
                elif not old:
                    line = self.env._("%(question)s: now “%(new)s”", **values)
                else:
                    line = self.env._("%(question)s: from “%(old)s” to “%(new)s”", **values)
            else:
                values = {"question": label, "old": _shortened(old), "new": _shortened(new)}
                if not new:
                    line = self.env._("%(question)s: removed, was “%(old)s”", **values)
                elif not old:
                    line = self.env._("%(question)s: added “%(new)s”", **values)
                else:
                    line = self.env._("%(question)s: “%(old)s” became “%(new)s”", **values)
            lines.append(line)
        return lines or [self.env._("No answer was changed.")]

    def _check_revision_reason(self, former):
        """Refuse to replace a plan without saying why."""
        self.ensure_one()
        if former and fault(self.revision_reason):
            raise UserError(
                self.env._(
                    "This plan replaces the one of %s. Say in a few words why it is revised, in the field “Reason for the Revision”.",
                    format_date(self.env, former.date),
                )
            )


def _shortened(text):
    """Return the beginning of a text, on one line.

    >>> _shortened("a " * 40)[-5:], _shortened("Same\\nday")
    ('a a …', 'Same day')
    """
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN].rstrip()} …"

from odoo import api, fields, models
from odoo.tools import SQL

from ..common.plain_json import PlainJson

# What is kept of the objectives and changes of a customer when a version of its plan ends.
GOALS = {
    "customer.success.objective": (
        "name",
        "horizon",
        "metric",
        "unit",
        "baseline",
        "target",
        "date_due",
        "state",
    ),
    "customer.success.change": ("name", "kind", "date", "state"),
}


class CustomerSuccessPlan(models.Model):
    """The versions of a customer's plan, numbered in the order in which they came into force.

    A number is never given twice while its plan exists, and a draft has none: an abandoned one leaves no gap.
    """

    _inherit = "customer.success.plan"

    version = fields.Integer(
        "Version Number",
        readonly=True,
        copy=False,
        aggregator=None,
        help="The number of this plan among those of its customer that came into force, 1 for the first.",
    )
    version_name = fields.Char("Version", compute="_compute_version_name")
    active_from = fields.Date(
        "In Force Since", readonly=True, copy=False, help="The day on which it was activated."
    )
    active_by_id = fields.Many2one("res.users", "Activated By", readonly=True, copy=False)
    has_versions = fields.Boolean(compute="_compute_version_name")
    version_ids = fields.One2many(related="partner_id.success_plan_ids", string="Versions")
    # {model: {id: {field: value}}}; the plan in force and drafts have those of today instead.
    kept_goals = PlainJson(
        copy=False,
        prefetch=False,
        help="The objectives and changes of the customer on the day on which this version was replaced.",
    )

    _version_uniq = models.UniqueIndex(
        "(partner_id, version) WHERE version > 0",
        "This customer already has a plan with this number. Load the page again and try once more.",
    )

    @api.depends("version", "state", "partner_id.success_plan_ids.version")
    @api.depends_context("lang")
    def _compute_version_name(self):
        for plan in self:
            others = plan.partner_id.success_plan_ids._origin - plan._origin
            plan.has_versions = bool(others)
            if plan.version:
                plan.version_name = self.env._("version %d", plan.version)
                continue
            number = 1 + max(others.mapped("version"), default=0)
            own = plan._origin.id
            place = 1 + len([d for d in others if not d.version and (not own or d.id < own)])
            plan.version_name = (
                self.env._("draft of version %d", number)
                if place == 1
                else self.env._("draft %(place)d of version %(number)d", place=place, number=number)
            )

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._number()
        return plans

    def write(self, vals):
        ends = vals.get("state") == "replaced"
        ending = self.filtered(lambda plan: plan.state == "active") if ends else self.browse()
        result = super().write(vals)
        for plan in ending.sudo():
            plan.kept_goals = plan._goals_now()
        if "state" in vals:
            self._number(fields.Date.context_today(self))
        return result

    def unlink(self):
        """Delete plans; a version that replaced one of them now follows the one before it."""
        followers = self.sudo().search(
            [("replaces_id", "in", self.ids), ("id", "not in", self.ids)]
        )
        before = {}
        for plan in followers:
            former = plan.replaces_id
            while former in self:
                former = former.replaces_id
            before[plan] = former
        result = super().unlink()
        for plan, former in before.items():
            plan.replaces_id = former
        return result

    def _number(self, since=None):
        """Give the next number to the plans that came into force; ``since`` is the day, if it is known."""
        fresh = self.sudo().filtered(lambda plan: plan.state != "draft" and not plan.version)
        if not fresh:
            return
        newest = dict(
            fresh._read_group(
                [("partner_id", "in", fresh.partner_id.ids)], ["partner_id"], ["version:max"]
            )
        )
        for plan in fresh.sorted(lambda plan: (plan.state == "active", plan.date, plan.id)):
            number = newest[plan.partner_id] = 1 + (newest.get(plan.partner_id) or 0)
            vals = {"version": number}
            if since and plan.state == "active":
                vals |= {"active_from": since, "active_by_id": self.env.uid}
            plan.write(vals)

    @api.model
    def _number_merged(self, partners, active):
        """Number the plans of customers that become one: by day, and the one in force last.

        A plan whose number changes says in its chatter which one it had, and of which customer.
        """
        plans = self.sudo().search([("partner_id", "in", partners.ids), ("version", ">", 0)])
        if len(plans.partner_id) < 2:
            return
        plans = plans.sorted(lambda plan: (plan == active, plan.active_from or plan.date, plan.id))
        moved = {
            plan: (plan.version, number)
            for number, plan in enumerate(plans, 1)
            if plan.version != number
        }
        for plan, (old, _new) in moved.items():
            plan._message_log(
                body=self.env._(
                    "This was version %(number)d of the plan of %(customer)s before the two were merged.",
                    number=old,
                    customer=plan.partner_id.name,
                )
            )
        self.flush_model()
        # In two steps, because no number may be there twice in between.
        for sign in (-1, 1):
            for plan, (_old, new) in moved.items():
                self.env.cr.execute(
                    SQL(
                        "UPDATE customer_success_plan SET version = %s WHERE id = %s",
                        sign * new,
                        plan.id,
                    )
                )
        plans.invalidate_recordset(["version"])

    def _goals_now(self):
        """Return the objectives and changes of the customer as plain values, ``{model: {id: {field: value}}}``."""
        self.ensure_one()
        customer = self.partner_id
        found = {
            "customer.success.objective": customer.success_objective_ids,
            "customer.success.change": customer.success_change_ids,
        }
        return {
            model: {
                str(record.id): {
                    name: str(record[name])
                    if record._fields[name].type == "date" and record[name]
                    else record[name]
                    for name in GOALS[model]
                }
                for record in records
            }
            for model, records in found.items()
        }

    def _goals(self):
        """Return the objectives and changes of this version as :meth:`_goals_now` does; ``None`` if they were not kept."""
        self.ensure_one()
        return (self.kept_goals or None) if self.state == "replaced" else self._goals_now()

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date

from ...scoring.counted import say_days
from ..common.known_float import KnownFloat
from ..customer.customer_success_stakeholder import NEEDED_ROLES, ROLES


class ResPartner(models.Model):
    """The objectives, plans, stakeholders and changes of a customer, and what needs attention."""

    _inherit = "res.partner"

    success_plan_ids = fields.One2many(
        "customer.success.plan",
        "partner_id",
        "Success Plans",
        groups="customer_success.group_success_user",
    )
    success_plan_id = fields.Many2one(
        "customer.success.plan",
        compute="_compute_success_plan_id",
        search="_search_success_plan_id",
        groups="customer_success.group_success_user",
    )
    success_plan_completeness = KnownFloat(
        "Plan Complete %",
        compute="_compute_success_plan_completeness",
        groups="customer_success.group_success_user",
    )
    success_objective_ids = fields.One2many(
        "customer.success.objective",
        "partner_id",
        "Objectives",
        groups="customer_success.group_success_user",
    )
    success_change_ids = fields.One2many(
        "customer.success.change",
        "partner_id",
        "Changes",
        groups="customer_success.group_success_user",
    )
    success_stakeholder_ids = fields.One2many(
        "customer.success.stakeholder",
        "partner_id",
        "Stakeholders",
        groups="customer_success.group_success_user",
    )
    success_lacks_people = fields.Boolean(
        "No Sponsor or Champion",
        compute="_compute_success_lacks_people",
        search="_search_success_lacks_people",
        groups="customer_success.group_success_user",
    )

    @api.depends("success_plan_ids.state")
    def _compute_success_plan_id(self):
        active = {
            plan.partner_id: plan
            for plan in self.env["customer.success.plan"].search(
                [("partner_id", "in", self.ids), ("state", "=", "active")]
            )
        }
        for partner in self:
            partner.success_plan_id = active.get(partner, False)

    @api.depends("success_plan_ids.state", "success_plan_ids.completeness")
    def _compute_success_plan_completeness(self):
        for partner in self:
            plan = partner.success_plan_id
            partner.success_plan_completeness = plan.completeness if plan else False

    def _search_success_plan_id(self, operator, value):
        self._check_success_field("success_plan_id")
        active = fields.Domain("state", "=", "active")
        if operator != "in":
            return NotImplemented
        found = fields.Domain("success_plan_ids", "any", active & fields.Domain("id", "in", value))
        if False in value:
            found |= ~fields.Domain("success_plan_ids", "any", active)
        return found

    def _missing_success_roles(self):
        """Return texts for the needed roles that nobody fills, or only contacts who have left.

        Before go-live nobody has to be named yet.
        """
        self.ensure_one()
        here = {s.role for s in self.success_stakeholder_ids if not s.is_gone}
        gone = {s.role for s in self.success_stakeholder_ids if s.is_gone} - here
        labels = dict(ROLES)
        missing = []
        for role in NEEDED_ROLES:
            if role in gone:
                missing.append(self.env._("the %s has left", labels[role].lower()))
            elif role not in here and self.success_stage_phase != "before":
                missing.append(self.env._("no %s is known", labels[role].lower()))
        return missing

    @api.depends(
        "success_stage_id",
        "success_former_date",
        "success_stakeholder_ids.role",
        "success_stakeholder_ids.willingness",
        "success_stakeholder_ids.contact_id.active",
    )
    def _compute_success_lacks_people(self):
        """Look for a sponsor and a champion from go-live on; who is against it is neither."""
        for partner in self:
            roles = {
                person.role
                for person in partner.success_stakeholder_ids
                if not person.is_gone and person.willingness != "1"
            }
            partner.success_lacks_people = (
                partner.success_stage_phase in ("go_live", "after")
                and not partner.success_former_date
                and not roles.issuperset(NEEDED_ROLES)
            )

    def _search_success_lacks_people(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_lacks_people")
        self.env["customer.success.stakeholder"].flush_model(
            ["partner_id", "role", "contact_id", "willingness"]
        )
        self.flush_model(["active"])
        complete = SQL(
            """(SELECT stakeholder.partner_id
                  FROM customer_success_stakeholder stakeholder
                  JOIN res_partner contact ON contact.id = stakeholder.contact_id
                 WHERE contact.active
                   AND contact.commercial_partner_id = stakeholder.partner_id
                   AND stakeholder.role IN %s
                   AND stakeholder.willingness IS DISTINCT FROM '1'
              GROUP BY stakeholder.partner_id
                HAVING count(DISTINCT stakeholder.role) = %s)""",
            NEEDED_ROLES,
            len(NEEDED_ROLES),
        )
        live = fields.Domain("success_stage_id.phase", "in", ("go_live", "after"))
        live &= fields.Domain("success_former_date", "=", False)
        lacks = live & fields.Domain("id", "not in", complete)
        return lacks if True in value else ~lacks

    @api.depends(
        "success_is_stalled",
        "success_lacks_people",
        "success_plan_id.relies_on_mandate",
        "success_plan_id.nothing_after_go_live",
        "success_plan_id.next_review_date",
        "success_change_ids.needs_plan",
        "success_change_ids.is_overdue",
        "success_go_live_date",
    )
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        today = fields.Date.context_today(self)
        plan = self.success_plan_id
        lines = super()._success_attention_lines()
        if self.success_is_stalled:
            lines.append(
                self.env._(
                    "Stalled: day %(days)d in a stage that usually takes %(expected)s.",
                    days=self.success_stage_days,
                    expected=say_days(self.env, self.success_stage_expected_days),
                )
            )
        for change in self.success_change_ids.filtered("needs_plan"):
            values = {"change": change.name, "date": format_date(self.env, change.date)}
            lines.append(
                self.env._(
                    "“%(change)s” is coming on %(date)s and has no adoption plan.",
                    **values,
                )
                if change.date > today
                else self.env._(
                    "“%(change)s” began on %(date)s and has no adoption plan.",
                    **values,
                )
            )
        for change in self.success_change_ids.filtered("is_overdue"):
            values = {"change": change.name, "date": format_date(self.env, change.date)}
            lines.append(
                self.env._(
                    "“%(change)s” was planned for %(date)s and has not begun, so it no longer counts as planned.",
                    **values,
                )
                if change.state == "planned"
                else self.env._(
                    "“%(change)s” has been running since %(date)s, so it no longer counts as planned. Is it done?",
                    **values,
                )
            )
        if not plan:
            lines.append(self.env._("There is no active success plan, which is a risk in itself."))
        else:
            if plan.nothing_after_go_live:
                lines.append(
                    self.env._("Nothing is planned after go-live, but adoption does not end there.")
                )
            if plan.relies_on_mandate == "yes":
                lines.append(
                    self.env._(
                        "The plan relies on a mandate, which does not change how people use the system."
                    )
                )
            if plan.next_review_date and plan.next_review_date < today:
                lines.append(
                    self.env._(
                        "The plan's review was due on %s.",
                        format_date(self.env, plan.next_review_date),
                    )
                )
        if missing := self._missing_success_roles():
            lines.append(self.env._("People: %s.", ", ".join(missing)))
        if self.success_stage_phase == "after" and not self.success_go_live_date:
            lines.append(self.env._("The go-live date is missing, so the years live are unknown."))
        return lines

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def action_success_objectives(self):
        return self._action_success("customer_success_objective_action")

    def action_success_plan(self):
        """Open the active plan, or start one from the first template."""
        self.ensure_one()
        if not self.env.user.has_group("customer_success.group_success_user"):
            raise AccessError(self.env._("Only the customer success team can open success plans."))
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Success Plan"),
            "res_model": "customer.success.plan",
            "views": [(False, "form")],
            "context": {"default_partner_id": self.id},
        }
        plan = self.success_plan_id or self.success_plan_ids[:1]
        if plan:
            action["res_id"] = plan.id
        else:
            template = self.env["customer.success.plan.template"].search(
                [("active", "=", True)], limit=1
            )
            action["context"]["default_template_id"] = template.id
        return action

    def _success_move_asks(self, stage):
        """Going live asks for the day, who sustains use, and the first change afterwards."""
        asked = super()._success_move_asks(stage)
        if not asked and self._is_success_going_live(stage):
            return self.env._(
                "%s goes live. Say since when, who sustains use, and which change comes first afterwards.",
                self.name,
            )
        return asked

    def _is_success_going_live(self, stage):
        self.ensure_one()
        return self.success_stage_id.phase == "before" and stage.phase in ("go_live", "after")

    def _success_closed_gates(self, passed):
        closed = super()._success_closed_gates(passed)
        plan = self.success_plan_id
        if any(passed.mapped("gate_success_definition")) and not (
            plan and plan._answers("success_definition")
        ):
            closed["success_definition"] = self.env._(
                "The active success plan does not say what success is in the customer's words."
            )
        if any(passed.mapped("gate_sustaining_plan")) and not (plan and plan._says_sustaining()):
            closed["sustaining_plan"] = self.env._(
                "The active success plan does not say how use will be sustained after go-live."
            )
        return closed

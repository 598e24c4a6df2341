from odoo import api, fields, models
from odoo.tools.misc import format_date

from ..common.known_float import KnownFloat
from ..customer.customer_success_stakeholder import NEEDED_ROLES

SEARCH = {"success_barriers_checked", "success_barriers_asked", "success_barriers_areas"}


class ResPartner(models.Model):
    """The barriers of a customer, the search for barriers, and the gate that a critical barrier closes."""

    _inherit = "res.partner"

    success_barrier_ids = fields.One2many(
        "customer.success.barrier",
        "partner_id",
        "Barriers",
        groups="customer_success.group_success_user",
    )
    success_barrier_count = fields.Integer(
        "Open Barriers",
        compute="_compute_success_barrier_count",
        groups="customer_success.group_success_user",
    )
    success_barrier_search_ids = fields.One2many(
        "customer.success.barrier.search",
        "partner_id",
        "Searches for Barriers",
        groups="customer_success.group_success_user",
    )
    success_stopped_by = fields.Char(
        "Stopped By",
        compute="_compute_success_stopped_by",
        groups="customer_success.group_success_user",
        help="The open barriers that keep this person from using the system.",
    )
    success_barriers_checked = fields.Date(
        "Barriers Looked For",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The day of the last search through all areas. If it is empty and there is no barrier, nobody has searched yet.",
    )
    success_barriers_asked = fields.Integer(
        "People Asked",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="How many people who work with it were asked in that search. The more of them, the more the result weighs.",
    )
    success_barriers_areas = KnownFloat(
        "Areas Gone Through %",
        digits=(5, 1),
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The percentage of the areas that this search went through.",
    )
    success_barriers_stale = fields.Boolean(
        "Search Is Stale",
        compute="_compute_success_barriers_stale",
        groups="base.group_user",
        help="The search is too long ago to say anything about today.",
    )

    @api.depends("success_barriers_checked")
    def _compute_success_barriers_stale(self):
        today = fields.Date.context_today(self)
        days = int(self.env["customer.success.settings"]._limit("search_fresh_days"))
        for partner in self:
            checked = partner.success_barriers_checked
            partner.success_barriers_stale = bool(checked) and (today - checked).days >= days

    def _compute_success_stopped_by(self):
        # Only people at a customer are stakeholders; the forms of all others cost no query.
        people = self.filtered(
            lambda partner: (
                partner.commercial_partner_id != partner
                and partner.commercial_partner_id.success_stage_id
            )
        )
        (self - people).success_stopped_by = False
        stopped = people and self.env["customer.success.stakeholder"].search(
            [("contact_id", "in", people.ids)]
        )
        for partner in people:
            roles = stopped.filtered(lambda person, partner=partner: person.contact_id == partner)
            partner.success_stopped_by = ", ".join(roles.stopped_by_ids.mapped("name")) or False

    @api.depends(
        "success_barriers_stale",
        "success_barriers_checked",
        "success_barrier_ids.is_open",
        "success_barrier_ids.stakeholder_ids",
        "success_plan_id.leaders_seek_barriers",
    )
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        if self.success_barriers_stale:
            lines.append(
                self.env._(
                    "Barriers were last looked for on %s, which is too long ago. Search again.",
                    format_date(self.env, self.success_barriers_checked),
                )
            )
        is_fresh = self.success_barriers_checked and not self.success_barriers_stale
        if self.success_plan_id.leaders_seek_barriers == "no" and not is_fresh:
            lines.append(
                self.env._(
                    "The leaders do not know how to find barriers. Search for them with the people who work with it."
                )
            )
        return lines + self._success_stopped_lines()

    def _success_stopped_lines(self):
        """Return a text for each open barrier that stops the sponsor or the champion."""
        roles = dict(
            self.env["customer.success.stakeholder"]
            ._fields["role"]
            ._description_selection(self.env)
        )
        lines = []
        for barrier in self.success_barrier_ids.filtered("is_open"):
            stopped = barrier.stakeholder_ids.filtered(
                lambda person: person.role in NEEDED_ROLES and not person.is_gone
            )
            if stopped:
                lines.append(
                    self.env._(
                        "“%(barrier)s” stops %(people)s.",
                        barrier=barrier.name,
                        people=", ".join(
                            f"{person.contact_id.name} ({roles[person.role].lower()})"
                            for person in stopped
                        ),
                    )
                )
        return lines

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_search(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._without_search(vals))

    @api.model
    def _without_search(self, vals):
        """Return ``vals`` without the facts about a search, which only the search writes."""
        if self.env.su or not SEARCH & vals.keys():
            return vals
        return {name: value for name, value in vals.items() if name not in SEARCH}

    @api.depends("success_barrier_ids.is_open", "success_barrier_ids.active")
    def _compute_success_barrier_count(self):
        counts = dict(
            self.env["customer.success.barrier"]._read_group(
                [("partner_id", "in", self.ids), ("is_open", "=", True)],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.success_barrier_count = counts.get(partner, 0)

    def _success_barrier_hints(self):
        """Return the hints that the data gives where barriers may be found, as a list of sentences."""
        self.ensure_one()
        hints = []
        if self.success_willing_not_using:
            hints.append(
                self.env._(
                    "They are willing but do not use the product. Something must be in their way."
                )
            )
        live = self.success_stage_id.phase in ("go_live", "after")
        for flag in self.success_symptom_flag_ids:
            if live and flag.symptom_id.code == "idle":
                hints.append(self.env._("Live, and %s sits idle.", flag.product_id.sudo().name))
            elif not flag.has_barrier:
                hints.append(
                    self.env._(
                        "%(symptom)s of %(product)s: no barrier is known that explains this symptom.",
                        symptom=flag.symptom_id.name,
                        product=flag.product_id.sudo().name,
                    )
                )
        if missing := self._missing_success_roles():
            hints.append(self.env._("People: %s.", ", ".join(missing)))
        worrying = self.success_answer_ids.filtered(
            lambda answer: answer.signal == "blocker" and not answer.barrier_ids
        )
        hints += [
            self.env._(
                "A blocker without a barrier: “%s”", answer.answer or answer.question_id.name
            )
            for answer in worrying
        ]
        for area in self.env["customer.success.barrier"]._areas().values():
            hints += area.hints(self)
        return hints

    def action_success_check_barriers(self):
        """Open the dialog that searches for barriers in all areas."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Search for Barriers"),
            "res_model": "customer.success.barrier.check",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_partner_id": self.id, "dialog_size": "extra-large"},
        }

    def action_success_barrier_searches(self):
        """Open the history of the searches for barriers at this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_barrier_search_action"
        )
        return {**action, "domain": [("partner_id", "=", self.id)]}

    def action_success_barriers(self):
        return self._action_success(
            "customer_success_barrier_action", search_default_partner_id=self.id
        )

    def action_success_raise_barrier(self):
        """Open the dialog for one new barrier."""
        self.ensure_one()
        return self.env["customer.success.barrier"]._action_raise(self)

    def _success_closed_gates(self, passed):
        closed = super()._success_closed_gates(passed)
        if any(passed.mapped("gate_no_critical_barrier")):
            critical = self.success_barrier_ids.filtered(
                lambda barrier: barrier.severity == "3" and barrier.is_open
            )
            if critical:
                closed["no_critical_barrier"] = self.env._(
                    "A critical barrier is open: %s.", ", ".join(critical.mapped("name"))
                )
        return closed

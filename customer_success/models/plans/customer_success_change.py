from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...scoring.ahead import AHEAD, TIMELY, WITHOUT_PLAN, is_ahead, is_timely, phase_by_dates
from ..common.known_float import KnownFloat
from ..common.machine_fields import without_defaults

KINDS = [
    ("new_hires", "New Hires"),
    ("upgrade", "Upgrade"),
    ("reorganisation", "Reorganisation"),
    ("leader", "New Leader"),
    ("merger", "Merger"),
    ("site", "New Site"),
    ("policy", "New Policy"),
    ("other", "Other"),
]
AREAS_OF_CHANGE = [
    ("process", "Processes and policies"),
    ("role", "Roles and responsibilities"),
    ("routine", "Daily routines and habits"),
    ("expectation", "Expectations and evaluation"),
]
PHASES = [("before", "Before go-live"), ("during", "During go-live"), ("after", "After go-live")]
AHEAD_DAYS = 60
# Fields that only the server writes.
MACHINE = ("date_recorded", "review_settled")


class CustomerSuccessChange(models.Model):
    """A change that the customer's people must adopt, before, during or after go-live."""

    _name = "customer.success.change"
    _inherit = ["customer.success.fact", "customer.success.shared", "mail.activity.mixin"]
    _description = "Change at a Customer"
    _order = "date, id"
    _open_states = ("planned", "running")

    name = fields.Char("Change", required=True, tracking=True)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    kind = fields.Selection(KINDS, required=True, default="other", tracking=True)
    area_ids = fields.Many2many(
        "customer.success.change.area",
        relation="customer_success_change_area_rel",
        column1="change_id",
        column2="area_id",
        string="Areas",
        help="All areas of the organisation that the change touches, one or several.",
    )
    area = fields.Selection(
        AREAS_OF_CHANGE,
        "First Area",
        compute="_compute_area",
        inverse="_inverse_area",
        store=True,
        help="The first of the areas that the change touches.",
    )
    phase = fields.Selection(
        PHASES,
        compute="_compute_phase",
        store=True,
        readonly=False,
        tracking=True,
        help="The phase follows the date of the change and the go-live date. If you set another one, say why.",
    )
    phase_reason = fields.Char(
        "Reason for This Phase",
        tracking=True,
        help="Why the phase is another one than the dates say. While a reason stands here, the phase stays as you set it.",
    )
    phase_by_dates = fields.Selection(
        PHASES, "Phase by the Dates", compute="_compute_phase_by_dates", compute_sudo=True
    )
    version = fields.Char(help="The version of the system, for an upgrade.")
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    date_recorded = fields.Date(
        "Recorded On", readonly=True, copy=False, default=fields.Date.context_today
    )
    lead_days = KnownFloat(
        "Lead Time (Days)",
        compute="_compute_lead_days",
        store=True,
        digits=(16, 0),
        help="The days from recording the change to its date. Below zero, it was recorded after it had begun.",
    )
    side = fields.Selection(
        [("customer", "Customer"), ("vendor", "Vendor")],
        "Carried By",
        required=True,
        default="customer",
    )
    owner_contact_id = fields.Many2one(
        "res.partner",
        "Owner at the Customer",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain="[('commercial_partner_id', '=', partner_id), ('id', '!=', partner_id)]",
        help="The person at the customer who sees to it that their people adopt the change.",
    )
    user_id = fields.Many2one(
        "res.users", "Followed By", default=lambda self: self.env.user, tracking=True
    )
    people_affected = fields.Integer(tracking=True)
    people_adopted = fields.Integer(
        tracking=True,
        help="The number of affected people who have adopted it: new hires who work in the system, users of the new version, and so on.",
    )
    adopted_share = KnownFloat(
        "Adopted %", compute="_compute_adopted_share", store=True, digits=(5, 1)
    )
    adoption_plan = fields.Text(help="Describe how the people affected will adopt the change.")
    state = fields.Selection(
        [("planned", "Planned"), ("running", "Running"), ("done", "Done"), ("dropped", "Dropped")],
        required=True,
        default="planned",
        tracking=True,
        group_expand=True,
    )
    needs_plan = fields.Boolean(
        compute="_compute_needs_plan",
        search="_search_needs_plan",
        help="The change is near and has no adoption plan.",
    )
    is_ahead = fields.Boolean(
        "Ahead after Go-Live",
        compute="_compute_is_ahead",
        search="_search_is_ahead",
        help="The change belongs to the time after go-live, is planned or running, and is not long overdue.",
    )
    is_overdue = fields.Boolean(
        "Long Overdue",
        compute="_compute_is_ahead",
        search="_search_is_overdue",
        help="The change is still planned a month after its date, or still running a year after it.",
    )

    _check_affected = models.Constraint(
        "CHECK(people_affected >= 0)", "The number of people affected cannot be negative."
    )
    _check_people = models.Constraint(
        "CHECK(people_adopted BETWEEN 0 AND people_affected)",
        "The number of people who adopted it must be between 0 and the number of people affected.",
    )

    @api.depends("area_ids")
    def _compute_area(self):
        for change in self:
            change.area = change.area_ids.sorted()[:1].code

    def _inverse_area(self):
        """Take a single area, as files and the API give it, as the areas that the change touches."""
        areas = {area.code: area for area in self.env["customer.success.change.area"]._all()}
        for change in self:
            if change.area and change.area not in change.area_ids.mapped("code"):
                change.area_ids = areas[change.area]

    @api.depends("date", "date_recorded")
    def _compute_lead_days(self):
        for change in self:
            known = change.date and change.date_recorded
            change.lead_days = known and (change.date - change.date_recorded).days

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self = without_defaults(self, MACHINE)
            vals_list = [self._without_machine_values(vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        return super().write(self._without_machine_values(vals))

    @api.model
    def _without_machine_values(self, vals):
        """Return ``vals`` without what nobody sets by hand."""
        if self.env.su:
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    @api.constrains("partner_id", "owner_contact_id")
    def _check_owner_contact(self):
        for change in self:
            owner = change.owner_contact_id
            if owner and owner.commercial_partner_id != change.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(owner)s does not belong to %(customer)s. The owner of a change must work at the customer.",
                        owner=owner.display_name,
                        customer=change.partner_id.display_name,
                    )
                )

    def _turn_facts(self):
        return [*super()._turn_facts(), "side"]

    def _turn_of_facts(self):
        return "ours" if self.side == "vendor" else "customer"

    @api.depends("people_affected", "people_adopted", "state")
    def _compute_adopted_share(self):
        for change in self:
            known = change.people_affected and change.state in ("running", "done")
            change.adopted_share = bool(known) and (
                100.0 * change.people_adopted / change.people_affected
            )

    @api.model
    def _ahead_days(self):
        get = self.env["ir.config_parameter"].sudo().get_param
        return int(get("customer_success.change_ahead_days", AHEAD_DAYS))

    @api.depends("date", "phase_reason", "partner_id.success_go_live_date")
    def _compute_phase(self):
        """Follow the dates, unless somebody set another phase and said why.

        Without a go-live date the phase stays as it is, so that nothing changes when that date is deleted.
        """
        for change in self:
            by_dates = phase_by_dates(change.date, change.partner_id.success_go_live_date)
            is_chosen = change.phase and (change.phase_reason or "").strip()
            change.phase = change.phase if is_chosen else by_dates or change.phase

    @api.depends("date", "partner_id.success_go_live_date")
    def _compute_phase_by_dates(self):
        for change in self:
            live = change.partner_id.success_go_live_date
            change.phase_by_dates = phase_by_dates(change.date, live) or False

    @api.constrains("phase", "phase_reason", "date", "partner_id")
    def _check_phase(self):
        labels = dict(self._fields["phase"]._description_selection(self.env))
        for change in self:
            by_dates = change.phase_by_dates
            if (
                by_dates
                and change.phase != by_dates
                and not (change.phase and (change.phase_reason or "").strip())
            ):
                raise ValidationError(
                    self.env._(
                        "“%(change)s”: by its date and the go-live date, the phase is “%(phase)s”. "
                        "Say why it is another one, or leave the phase as the dates say.",
                        change=change.name,
                        phase=labels[by_dates],
                    )
                )

    @api.depends("date", "is_open", "state", "adoption_plan")
    def _compute_needs_plan(self):
        today = fields.Date.context_today(self)
        limit = fields.Date.add(today, days=self._ahead_days())
        for change in self:
            change.needs_plan = bool(
                is_timely(change.state, change.is_open, change.date, today)
                and not (change.adoption_plan or "").strip()
                and change.date <= limit
            )

    def _search_needs_plan(self, operator, value):
        limit = fields.Date.add(fields.Date.context_today(self), days=self._ahead_days())
        near = SQL("%s AND change.date <= %s", self._on_today(WITHOUT_PLAN), limit)
        return self._search_by_sql(operator, value, near)

    @api.depends("active", "date", "is_open", "phase", "state")
    def _compute_is_ahead(self):
        today = fields.Date.context_today(self)
        for change in self:
            timely = is_timely(change.state, change.is_open, change.date, today)
            change.is_ahead = change.active and is_ahead(change.phase, timely, change.date, today)
            change.is_overdue = bool(change.is_open and change.date) and not timely

    def _search_is_ahead(self, operator, value):
        return self._search_by_sql(operator, value, self._on_today(AHEAD))

    def _search_is_overdue(self, operator, value):
        overdue = SQL("change.is_open AND NOT %s", self._on_today(TIMELY))
        return self._search_by_sql(operator, value, overdue)

    def _on_today(self, condition):
        return SQL(condition, today=fields.Date.context_today(self))

    def _search_by_sql(self, operator, value, condition):
        """Return the domain of the changes that fulfil a condition of :mod:`scoring.ahead`."""
        if operator != "in":
            return NotImplemented
        self.flush_model(["active", "adoption_plan", "date", "is_open", "phase", "state"])
        found = fields.Domain(
            "id",
            "in",
            SQL("(SELECT change.id FROM customer_success_change change WHERE %s)", condition),
        )
        return found if True in value else ~found

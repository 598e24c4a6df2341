from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...scoring.ahead import AHEAD, TIMELY, WITHOUT_PLAN, is_ahead, is_timely, phase_by_dates
from ..common.known_float import KnownFloat

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
    area = fields.Selection(AREAS_OF_CHANGE, required=True, default="process")
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
    side = fields.Selection(
        [("customer", "Customer"), ("vendor", "Vendor")],
        "Carried By",
        required=True,
        default="customer",
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

    _check_people = models.Constraint(
        "CHECK(people_adopted BETWEEN 0 AND people_affected)",
        "The number of people who adopted it must be between 0 and the number of people affected.",
    )

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

from odoo import api, fields, models

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
        [("before", "Before go-live"), ("during", "During go-live"), ("after", "After go-live")],
        required=True,
        default="after",
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

    @api.depends("date", "is_open", "adoption_plan")
    def _compute_needs_plan(self):
        limit = fields.Date.add(fields.Date.context_today(self), days=self._ahead_days())
        for change in self:
            change.needs_plan = bool(
                change.is_open and not change.adoption_plan and change.date and change.date <= limit
            )

    def _search_needs_plan(self, operator, value):
        if operator != "in":
            return NotImplemented
        limit = fields.Date.add(fields.Date.context_today(self), days=self._ahead_days())
        needed = fields.Domain(
            [
                ("is_open", "=", True),
                ("adoption_plan", "=", False),
                ("date", "<=", limit),
            ]
        )
        return needed if True in value else ~needed

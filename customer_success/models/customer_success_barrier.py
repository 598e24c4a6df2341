from odoo import api, fields, models
from odoo.exceptions import ValidationError

AREAS = [
    ("process", "Processes and policies"),
    ("role", "Roles and responsibilities"),
    ("routine", "Daily routines and habits"),
    ("expectation", "Expectations and evaluation"),
    ("leadership", "Leadership"),
    ("incentive", "Incentives"),
    ("skill", "Skills"),
    ("capacity", "Time and capacity"),
    ("technology", "Technology"),
    ("data", "Data"),
]

OPEN_STATES = ("potential", "confirmed", "empowered", "removing")


class CustomerSuccessBarrier(models.Model):
    """What keeps people at a customer from using the system, until somebody there removes it."""

    _name = "customer.success.barrier"
    _inherit = ["customer.success.fact", "mail.thread", "mail.activity.mixin"]
    _description = "Adoption Barrier"
    _order = "severity desc, date_opened, id"
    _mail_post_access = "read"

    name = fields.Char("Barrier", required=True, tracking=True)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
        domain=[("success_stage_id", "!=", False)],
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    product_id = fields.Many2one("product.product", index="btree_not_null")
    area = fields.Selection(AREAS, required=True, default="process", tracking=True)
    severity = fields.Selection(
        [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Critical")],
        required=True,
        default="1",
        tracking=True,
    )
    state = fields.Selection(
        [
            ("potential", "Potential"),
            ("confirmed", "Confirmed"),
            ("empowered", "Empowered"),
            ("removing", "Being Removed"),
            ("removed", "Removed"),
            ("verified", "Verified"),
            ("accepted", "Accepted"),
        ],
        required=True,
        default="potential",
        tracking=True,
        group_expand=True,
    )
    owner_contact_id = fields.Many2one(
        "res.partner",
        "Owner at the Customer",
        index="btree_not_null",
        tracking=True,
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Only somebody at the customer can remove an organisational barrier.",
    )
    authority = fields.Selection(
        [("none", "None"), ("asked", "Asked For"), ("granted", "Granted")],
        required=True,
        default="none",
        tracking=True,
        help="Whether the owner was given the authority to remove it.",
    )
    authority_date = fields.Date("Authority Since")
    user_id = fields.Many2one(
        "res.users", "Followed By", default=lambda self: self.env.user, tracking=True
    )
    people_affected = fields.Integer()
    symptom_ids = fields.Many2many(
        "customer.success.symptom",
        relation="customer_success_barrier_symptom_rel",
        column1="barrier_id",
        column2="symptom_id",
        string="Symptoms",
        help="The misuse that it leads to.",
    )
    answer_id = fields.Many2one(
        "customer.success.answer",
        "Said In",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The answer that told of it.",
    )
    advice_id = fields.Many2one(
        "customer.success.advice",
        "Recommended By",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    symptom_flag_id = fields.Many2one(
        "customer.success.symptom.flag",
        "Found By",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The symptom that pointed to this barrier.",
    )
    date_opened = fields.Date(required=True, default=fields.Date.context_today)
    date_due = fields.Date("Due")
    date_removed = fields.Date("Removed On")
    days_open = fields.Integer(compute="_compute_days_open")
    cause = fields.Text(help="What in the organisation makes it so.")
    resolution = fields.Text(help="What was done about it.")

    _open_idx = models.Index(
        "(partner_id) WHERE active AND state IN ('potential', 'confirmed', 'empowered', 'removing')"
    )
    _check_people_affected = models.Constraint(
        "CHECK(people_affected >= 0)", "The number of people affected cannot be negative."
    )
    _check_date_removed = models.Constraint(
        "CHECK(date_removed >= date_opened)", "A barrier cannot be removed before it was opened."
    )

    @api.depends("date_opened", "date_removed")
    def _compute_days_open(self):
        today = fields.Date.context_today(self)
        for barrier in self:
            opened = barrier.date_opened or today
            barrier.days_open = max(0, ((barrier.date_removed or today) - opened).days)

    @api.constrains("partner_id", "owner_contact_id")
    def _check_owner_contact(self):
        for barrier in self:
            owner = barrier.owner_contact_id
            if owner and owner.commercial_partner_id != barrier.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(owner)s does not belong to %(customer)s: the owner of a barrier works "
                        "at the customer.",
                        owner=owner.display_name,
                        customer=barrier.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        barriers = super().create(vals_list)
        barriers.advice_id.filtered(lambda advice: advice.state in ("proposed", "lapsed"))._decide(
            "accepted"
        )
        barriers._stamp_dates()
        return barriers

    def write(self, vals):
        result = super().write(vals)
        if {"state", "authority"} & vals.keys():
            self._stamp_dates()
        return result

    def _stamp_dates(self):
        """Date what a state or an authority says happened, where no date stands yet; undo it when undone."""
        today = fields.Date.context_today(self)
        is_open = self.filtered(lambda barrier: barrier.state in OPEN_STATES)
        granted = self.filtered(lambda barrier: barrier.authority == "granted")
        is_open.filtered("date_removed").date_removed = False
        (self - is_open).filtered(lambda b: not b.date_removed).date_removed = today
        granted.filtered(lambda b: not b.authority_date).authority_date = today
        (self - granted).filtered("authority_date").authority_date = False

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.known_float import KnownFloat
from .barrier_area import CORE_AREAS, area_of

SEVERITIES = [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Critical")]
EVIDENCE_FROM = [("users", "Users"), ("leaders", "Leaders only"), ("both", "Users and leaders")]
REMOVED = ("removed", "verified")
# Days after which an open barrier's card changes its colour.
AGES = (30, 90, 180)


class CustomerSuccessBarrier(models.Model):
    """A barrier: a cause that keeps people at a customer from using the system, until somebody there removes it."""

    _name = "customer.success.barrier"
    _inherit = ["customer.success.fact", "customer.success.shared", "mail.activity.mixin"]
    _description = "Adoption Barrier"
    _order = "severity desc, date_opened, id"
    _mail_post_access = "read"
    _open_states = ("potential", "confirmed", "empowered", "removing")

    name = fields.Char("Barrier", required=True, tracking=True)
    number = fields.Char(readonly=True, copy=False, index="trigram")
    tag_ids = fields.Many2many(
        "customer.success.barrier.tag",
        relation="customer_success_barrier_tag_rel",
        column1="barrier_id",
        column2="tag_id",
        string="Tags",
    )
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
    area = fields.Selection(
        [(area.code, area.label) for area in CORE_AREAS],
        required=True,
        default=CORE_AREAS[0].code,
        tracking=True,
    )
    severity = fields.Selection(
        SEVERITIES,
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
    nature = fields.Selection(
        [("real", "Real"), ("perceived", "Perceived")],
        required=True,
        default="real",
        tracking=True,
        help="A perceived barrier stops people because they believe that it exists.",
    )
    certainty = fields.Selection(
        [("potential", "Potential"), ("confirmed", "Confirmed")],
        compute="_compute_certainty",
        store=True,
    )
    cause = fields.Selection(
        [("organisational", "Organisational"), ("individual", "Individual")],
        required=True,
        default="organisational",
        tracking=True,
        help="Resistance of individuals is not a diagnosis yet: find out what in the organisation makes it "
        "sensible for them. Only an organisational cause can be confirmed.",
    )
    owner_contact_id = fields.Many2one(
        "res.partner",
        "Owner at the Customer",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Only somebody at the customer can remove an organisational barrier.",
    )
    authority = fields.Selection(
        [("none", "None"), ("asked", "Asked For"), ("granted", "Granted")],
        required=True,
        default="none",
        tracking=True,
        help="The state of the owner's authority to remove the barrier.",
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
        help="The symptoms of misuse that the barrier leads to.",
    )
    answer_id = fields.Many2one(
        "customer.success.answer",
        "Said In",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The answer that revealed the barrier.",
    )
    symptom_flag_id = fields.Many2one(
        "customer.success.symptom.flag",
        "Found By",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The symptom flag that led to this barrier.",
    )
    search_id = fields.Many2one(
        "customer.success.barrier.search",
        "Found in the Search Of",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        help="The search for barriers in which it was found.",
    )
    stakeholder_ids = fields.Many2many(
        "customer.success.stakeholder",
        relation="customer_success_barrier_stakeholder_rel",
        column1="barrier_id",
        column2="stakeholder_id",
        string="Stops",
        domain="[('partner_id', '=', partner_id)]",
        help="The stakeholders whom the barrier keeps from using the system.",
    )
    date_opened = fields.Date(required=True, default=fields.Date.context_today)
    date_due = fields.Date("Due")
    date_removed = fields.Date("Removed On")
    days_open = fields.Integer(compute="_compute_days_open")
    date_verified = fields.Date("Verified On", readonly=True, copy=False)
    diagnosis = fields.Text(help="The conditions in the organisation that cause the barrier.")
    evidence = fields.Text(help="Who reported the barrier, and what was observed.")
    evidence_from = fields.Selection(
        EVIDENCE_FROM,
        help="Leaders often only assume the barriers; the people who use the product know them.",
    )
    resolution = fields.Text(help="What was done about the barrier, or why it is accepted.")
    verify_reason = fields.Char(
        "Verified, Because",
        help="The reason why the barrier counts as removed although usage has not changed.",
    )
    days_to_authority = KnownFloat(
        compute="_compute_days_to", store=True, digits=(16, 0), help="From opening."
    )
    days_to_removal = KnownFloat(
        compute="_compute_days_to", store=True, digits=(16, 0), help="From opening."
    )
    days_to_verification = KnownFloat(
        compute="_compute_days_to", store=True, digits=(16, 0), help="From opening."
    )
    use_at_opening = KnownFloat(
        "Adoption Rate at Opening %", digits=(5, 1), readonly=True, copy=False
    )
    use_at_removal = KnownFloat(
        "Adoption Rate at Removal %", digits=(5, 1), readonly=True, copy=False
    )
    use_now = KnownFloat("Adoption Rate Now %", compute="_compute_use_now", digits=(5, 1))
    use_moved = fields.Boolean(compute="_compute_use_now")
    escalation = fields.Integer(
        default=0,
        readonly=True,
        copy=False,
        help="0: not escalated. 1: to the CSM. 2: to a manager and the customer's sponsor.",
    )
    waiting_since = fields.Date(
        readonly=True,
        copy=False,
        help="The day since which the barrier is confirmed and nobody has the authority to remove it.",
    )
    escalated_on = fields.Date(readonly=True, copy=False)
    reopened = fields.Integer("Times Reopened", readonly=True, copy=False)
    reopened_by_id = fields.Many2one(
        "customer.success.symptom.flag",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    age_color = fields.Integer(compute="_compute_age_color")

    _open_idx = models.Index("(partner_id) WHERE active AND is_open")
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
                        "%(owner)s does not belong to %(customer)s. The owner of a barrier must work "
                        "at the customer.",
                        owner=owner.display_name,
                        customer=barrier.partner_id.display_name,
                    )
                )

    @api.constrains("owner_contact_id")
    def _check_owner_is_here(self):
        for barrier in self.filtered("is_open"):
            if barrier.owner_contact_id and not barrier.owner_contact_id.active:
                raise ValidationError(
                    self.env._(
                        "%s is archived. Somebody who is there has to own the barrier.",
                        barrier.owner_contact_id.display_name,
                    )
                )

    @api.constrains("partner_id", "stakeholder_ids")
    def _check_stakeholders(self):
        for barrier in self:
            strangers = barrier.stakeholder_ids.filtered(
                lambda person, barrier=barrier: person.partner_id != barrier.partner_id
            )
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%(people)s are no stakeholders of %(customer)s. Name people of this customer.",
                        people=", ".join(strangers.mapped("contact_id.name")),
                        customer=barrier.partner_id.display_name,
                    )
                )

    @api.model
    def _area_choices(self):
        """Return the choices of ``area``, for the other fields that name an area of barriers."""
        return self._fields["area"]._description_selection(self.env)

    @api.model
    def _areas(self):
        """Return ``{code: object}`` of the areas that this database has, in the order of their choices."""
        return {code: area_of(code, label) for code, label in self._area_choices()}

    @api.model
    def _area_rule_fields(self):
        return {"area"}.union(*(area.rule_fields for area in self._areas().values()))

    @api.constrains(_area_rule_fields)
    def _check_area_rule(self):
        areas = self._areas()
        for barrier in self:
            if refusal := areas[barrier.area].refusal(barrier):
                raise ValidationError(refusal)

    @api.depends("state")
    def _compute_certainty(self):
        for barrier in self:
            barrier.certainty = "potential" if barrier.state == "potential" else "confirmed"

    @api.depends("date_opened", "authority_date", "date_removed", "date_verified", "state")
    def _compute_days_to(self):
        for barrier in self:
            for name, day in (
                ("days_to_authority", barrier.authority_date),
                ("days_to_removal", barrier.state in REMOVED and barrier.date_removed),
                ("days_to_verification", barrier.date_verified),
            ):
                barrier[name] = bool(day and barrier.date_opened) and max(
                    0, (day - barrier.date_opened).days
                )

    @api.depends("days_open", "is_open")
    def _compute_age_color(self):
        """Compute the colour of the card: green, then yellow, orange and red with age; none when closed.

        The card shows the days open as a number as well.
        """
        for barrier in self:
            late = sum(barrier.days_open > days for days in AGES)
            barrier.age_color = (10, 3, 2, 1)[late] if barrier.is_open else 0

    @api.depends("number", "name")
    def _compute_display_name(self):
        for barrier in self:
            barrier.display_name = " ".join(filter(None, (barrier.number, barrier.name)))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("number"):
                vals["number"] = self.env["ir.sequence"].sudo().next_by_code(self._name)
        return super().create(vals_list)

    @api.model
    def _action_raise(self, partner, **defaults):
        """Open a dialog for a new barrier at this customer, with the given default values."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Raise a Barrier"),
            "res_model": self._name,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_partner_id": partner.id,
                **{f"default_{name}": value for name, value in defaults.items()},
            },
        }

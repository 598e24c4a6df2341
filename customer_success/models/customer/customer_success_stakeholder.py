from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...scoring.people import IS_HERE

ROLES = [
    ("sponsor", "Sponsor"),
    ("champion", "Champion"),
    ("decision_maker", "Decision maker"),
    ("user_lead", "Lead of users"),
    ("gatekeeper", "Gatekeeper"),
]
NEEDED_ROLES = ("sponsor", "champion")
AGAINST = ("1", "2")  # against it, or reluctant
UNSKILLED = ("1", "2")
LONGEST_AWAY = 366  # days
NEXT_STEP = "customer_success.mail_activity_type_next_step"


class CustomerSuccessStakeholder(models.Model):
    """A contact who matters to the customer's adoption: role, influence, willingness, skills and next step."""

    _name = "customer.success.stakeholder"
    _inherit = ["customer.success.undoable"]
    _description = "Stakeholder at a Customer"
    _order = "role, influence desc, id"
    _rec_name = "contact_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    csm_id = fields.Many2one(related="partner_id.success_user_id")
    contact_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('commercial_partner_id', '=', partner_id), ('is_company', '=', False)]",
    )
    role = fields.Selection(ROLES, required=True)
    date = fields.Date(
        "Named On",
        readonly=True,
        help="The day on which this person was named for this role. Unknown for those who were named long ago.",
    )
    influence = fields.Selection([("1", "Low"), ("2", "Medium"), ("3", "High")], default="2")
    willingness = fields.Selection(
        [
            ("1", "Against it"),
            ("2", "Reluctant"),
            ("3", "Neutral"),
            ("4", "Willing"),
            ("5", "Drives it"),
        ],
        help="Says how much this person wants the system to succeed. Unwilling people usually have a reason: look for it.",
    )
    willingness_date = fields.Date(
        "Willingness Seen On",
        compute="_compute_willingness_date",
        store=True,
        readonly=False,
        help="The day on which you saw how willing this person is.",
    )
    skills = fields.Selection(
        [
            ("1", "1 - None"),
            ("2", "2 - Little"),
            ("3", "3 - Some"),
            ("4", "4 - Good"),
            ("5", "5 - Strong"),
        ],
        help="Says how well this person can do in this role what it takes: be a role model, explain and win others.",
    )
    away_until = fields.Date(
        help="The last day of a holiday or leave. Nobody is called silent while they are away.",
    )
    next_step = fields.Char(
        compute="_compute_next_step",
        inverse="_inverse_next_step",
        help="Describe what you do next with this person. It becomes an activity on the contact.",
    )
    next_step_date = fields.Date(
        "Next Step By",
        compute="_compute_next_step",
        inverse="_inverse_next_step",
        search="_search_next_step_date",
    )
    is_gone = fields.Boolean(
        compute="_compute_is_gone",
        search="_search_is_gone",
        help="The contact was archived or now belongs to another company: find a replacement.",
    )
    note = fields.Char()

    @api.depends("contact_id.active", "contact_id.commercial_partner_id", "partner_id")
    def _compute_is_gone(self):
        for stakeholder in self:
            contact = stakeholder.contact_id
            stakeholder.is_gone = (
                not contact.active or contact.commercial_partner_id != stakeholder.partner_id
            )

    def _search_is_gone(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["res.partner"].flush_model(["active", "commercial_partner_id"])
        here = SQL(
            f"""(SELECT stakeholder.id
                   FROM customer_success_stakeholder stakeholder
                   JOIN res_partner contact ON contact.id = stakeholder.contact_id
                  WHERE {IS_HERE})"""
        )
        return [("id", "not in" if True in value else "in", here)]

    @api.depends("willingness")
    def _compute_willingness_date(self):
        """Date a willingness on the day on which it changes, unless another day is given with it."""
        today = fields.Date.context_today(self)
        for stakeholder in self:
            stakeholder.willingness_date = stakeholder.willingness and today

    # ------------------------------------------------------------------------------------------
    # Next step: an activity on the contact
    # ------------------------------------------------------------------------------------------

    def _next_step(self):
        """Return the open activity that is the next step with this person."""
        kind = self.env.ref(NEXT_STEP, raise_if_not_found=False)
        activities = self.contact_id.sudo().activity_ids
        return activities.filtered(lambda activity: activity.activity_type_id == kind)[:1]

    @api.depends(
        "contact_id.activity_ids.activity_type_id",
        "contact_id.activity_ids.summary",
        "contact_id.activity_ids.date_deadline",
    )
    def _compute_next_step(self):
        for stakeholder in self:
            step = stakeholder._next_step()
            stakeholder.next_step = step.summary
            stakeholder.next_step_date = step.date_deadline

    def _inverse_next_step(self):
        today = fields.Date.context_today(self)
        for stakeholder, text, day in [(one, one.next_step, one.next_step_date) for one in self]:
            name = stakeholder.contact_id.name
            if bool(text) != bool(day):
                raise ValidationError(
                    self.env._("Say both what the next step with %s is and by which day.", name)
                )
            step = stakeholder._next_step()
            if day and day < today and day != step.date_deadline:
                raise ValidationError(
                    self.env._(
                        "The next step with %s lies ahead: choose a day from today on.", name
                    )
                )
            if not text:
                step.unlink()
            elif step:
                step.write({"summary": text, "date_deadline": day})
            else:
                csm = stakeholder.partner_id.sudo().success_user_id
                csm = csm if csm.active else self.env.user
                stakeholder.contact_id.sudo().activity_schedule(
                    NEXT_STEP, date_deadline=day, summary=text, user_id=csm.id
                )

    def _search_next_step_date(self, operator, value):
        step = fields.Domain("activity_type_id", "=", self.env.ref(NEXT_STEP).id)
        if operator == "in" and False in value:
            return ~fields.Domain("contact_id.activity_ids", "any", step) | fields.Domain(
                "next_step_date", "in", [day for day in value if day]
            )
        due = step & fields.Domain("date_deadline", operator, value)
        return fields.Domain("contact_id.activity_ids", "any", due)

    # ------------------------------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        today = fields.Date.context_today(self)
        for vals in vals_list:
            if not self.env.su or not vals.get("date"):
                vals["date"] = today
        return super().create(vals_list)

    def write(self, vals):
        """Date a person anew who takes over a role; the day is not set by hand."""
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "date"}
        if {"contact_id", "role"} & vals.keys():
            vals.setdefault("date", fields.Date.context_today(self))
        return super().write(vals)

    @api.constrains("partner_id", "contact_id")
    def _check_contact(self):
        for stakeholder in self:
            contact, customer = stakeholder.contact_id, stakeholder.partner_id
            if contact.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(contact)s does not belong to %(customer)s.",
                        contact=contact.display_name,
                        customer=customer.display_name,
                    )
                )
            if contact.is_company:
                raise ValidationError(
                    self.env._(
                        "%s is a company. Name a person who works there.", contact.display_name
                    )
                )
            if not contact.sudo().partner_share:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is one of our own people. Name a person who works at %(customer)s.",
                        contact=contact.display_name,
                        customer=customer.display_name,
                    )
                )

    @api.constrains("willingness", "willingness_date")
    def _check_willingness_date(self):
        for stakeholder in self:
            if stakeholder.willingness and not stakeholder.willingness_date:
                raise ValidationError(
                    self.env._(
                        "Say on which day you saw how willing %s is.", stakeholder.contact_id.name
                    )
                )
            if (
                stakeholder.willingness_date
                and stakeholder.willingness_date > fields.Date.context_today(self)
            ):
                raise ValidationError(
                    self.env._("How willing somebody is cannot have been seen in the future.")
                )

    @api.constrains("away_until")
    def _check_away_until(self):
        last = fields.Date.add(fields.Date.context_today(self), days=LONGEST_AWAY)
        for stakeholder in self:
            if stakeholder.away_until and stakeholder.away_until > last:
                raise ValidationError(
                    self.env._(
                        "Who is away for longer than a year cannot fill a role. Name somebody else as well."
                    )
                )

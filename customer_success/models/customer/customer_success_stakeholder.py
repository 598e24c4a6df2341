from odoo import api, fields, models
from odoo.exceptions import ValidationError

ROLES = [
    ("sponsor", "Sponsor"),
    ("champion", "Champion"),
    ("decision_maker", "Decision maker"),
    ("user_lead", "Lead of users"),
    ("gatekeeper", "Gatekeeper"),
]
NEEDED_ROLES = ("sponsor", "champion")


class CustomerSuccessStakeholder(models.Model):
    """A contact who matters to the customer's adoption: role, influence and willingness."""

    _name = "customer.success.stakeholder"
    _description = "Stakeholder at a Customer"
    _order = "role, influence desc, id"
    _rec_name = "contact_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    contact_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('commercial_partner_id', '=', partner_id), ('id', '!=', partner_id)]",
    )
    role = fields.Selection(ROLES, required=True)
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
    is_gone = fields.Boolean(
        compute="_compute_is_gone",
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

    @api.constrains("partner_id", "contact_id")
    def _check_contact(self):
        for stakeholder in self:
            if stakeholder.contact_id.commercial_partner_id != stakeholder.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s does not belong to %(customer)s.",
                        contact=stakeholder.contact_id.display_name,
                        customer=stakeholder.partner_id.display_name,
                    )
                )

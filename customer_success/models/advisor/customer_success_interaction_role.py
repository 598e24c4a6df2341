from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# The fields about the CSM's role that no longer change once a conversation was held.
EXPLAINED = {"role_explained", "colleague_ids"}


class CustomerSuccessInteraction(models.Model):
    """A conversation in which the CSM's role was explained, to the customer's people or to our own."""

    _inherit = "customer.success.interaction"

    role_explained = fields.Boolean(
        "CSM's Role Explained",
        tracking=True,
        help="Switch this on if you explained what a customer success manager is there for, and what not.",
    )
    colleague_ids = fields.Many2many(
        "res.partner",
        relation="customer_success_interaction_colleague_rel",
        column1="interaction_id",
        column2="colleague_id",
        string="Our People",
        domain=lambda self: [*self._our_people()],
        help="The people of our own company who took part.",
    )
    explained_hours = fields.Float(
        "Hours Explaining the Role",
        compute="_compute_explained",
        store=True,
        help="The hours of conversations in which the CSM's role was explained.",
    )
    explained_people = fields.Integer(
        "People It Was Explained To",
        compute="_compute_explained",
        store=True,
        aggregator="sum",
        help="The number of people to whom the CSM's role was explained, at the customer and with us.",
    )

    @api.depends("role_explained", "duration", "contact_ids", "colleague_ids", "state", "user_id")
    def _compute_explained(self):
        for talk in self:
            held = talk.role_explained and talk.state == "held"
            talk.explained_hours = talk.duration if held else 0
            talk.explained_people = len(talk._explained_to()) if held else 0

    @api.model
    def _our_people(self):
        """Return the domain of our own people: internal users and the contacts of our companies."""
        ours = self.env["res.company"].sudo().search(fields.Domain.TRUE).partner_id
        return fields.Domain("partner_share", "=", False) | fields.Domain(
            "commercial_partner_id", "in", ours.ids
        )

    def _explained_to(self):
        """Return the people to whom the role was explained; nobody explains it to themselves."""
        return (self.contact_ids | self.colleague_ids) - self.user_id.partner_id

    @api.constrains("role_explained", "contact_ids", "colleague_ids", "user_id", "state")
    def _check_explained(self):
        for talk in self:
            if talk.role_explained and not talk._explained_to():
                raise ValidationError(
                    self.env._(
                        "Name those to whom the CSM's role was explained: people of the customer under With, or "
                        "our own under Our People."
                    )
                )

    @api.constrains("colleague_ids")
    def _check_colleagues(self):
        for talk in self.sudo():
            strangers = talk.colleague_ids - talk.colleague_ids.filtered_domain(self._our_people())
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%s is not one of our own people. Name the customer's people under With.",
                        strangers[0].display_name,
                    )
                )

    def write(self, vals):
        if EXPLAINED & vals.keys() and not self.env.su and "held" in self.mapped("state"):
            raise UserError(
                self.env._(
                    "A conversation that was held can no longer be changed. Log a new conversation in which you "
                    "explained the role."
                )
            )
        return super().write(vals)

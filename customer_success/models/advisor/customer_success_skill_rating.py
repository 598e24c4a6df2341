from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_success_interaction import SCALE


class CustomerSuccessSkillRating(models.Model):
    """A dated rating of a skill: how strong it is, how strong it should be, and what closes the gap."""

    _name = "customer.success.skill.rating"
    _description = "Rating of a Skill"
    _order = "date desc, id desc"
    _rec_name = "skill_id"

    skill_id = fields.Many2one(
        "customer.success.skill", required=True, index=True, ondelete="restrict"
    )
    holder = fields.Selection(related="skill_id.holder", store=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index="btree_not_null",
        ondelete="cascade",
        domain=[("success_stage_id", "!=", False)],
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    user_id = fields.Many2one(
        "res.users",
        "CSM",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    rating = fields.Selection(SCALE, "Current Level", required=True)
    target = fields.Selection(SCALE, "Needed Level", required=True, default="4")
    gap = fields.Integer(compute="_compute_gap", store=True, aggregator="avg")
    closes_gap = fields.Char("What Closes the Gap")
    date_due = fields.Date("Due Date")
    rated_by_id = fields.Many2one("res.users", default=lambda self: self.env.user, readonly=True)

    def write(self, vals):
        """Record the user who changes a rating as the one who rated."""
        result = super().write({**vals, "rated_by_id": self.env.uid})
        self.check_access("write")
        return result

    @api.depends("rating", "target")
    def _compute_gap(self):
        for rating in self:
            rating.gap = max(0, int(rating.target or 0) - int(rating.rating or 0))

    @api.constrains("skill_id", "partner_id", "user_id", "date")
    def _check_holder(self):
        for rating in self:
            if bool(rating.partner_id) == bool(rating.user_id) or (
                rating.holder == "customer"
            ) != bool(rating.partner_id):
                raise ValidationError(
                    self.env._(
                        "“%s” must be rated for a customer if the skill is the customer's, else for a CSM, and never for both.",
                        rating.skill_id.name,
                    )
                )
            if rating.date > fields.Date.context_today(self):
                raise ValidationError(self.env._("The date of a rating cannot be in the future."))

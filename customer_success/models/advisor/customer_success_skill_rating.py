from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .customer_success_interaction import SCALE

GAP_ACTIVITY = "customer_success.mail_activity_type_skill_gap"
STEP_DAYS = 30  # until the step that closes a gap, if no other day is set
# The fields that decide about the step that closes a gap.
STEP_FIELDS = {
    "skill_id",
    "partner_id",
    "user_id",
    "date",
    "rating",
    "target",
    "closes_gap",
    "date_due",
}


class CustomerSuccessSkillRating(models.Model):
    """A dated rating of a skill: how strong it is, how strong it should be, and what closes the gap."""

    _name = "customer.success.skill.rating"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
    closes_gap = fields.Char(
        "What Closes the Gap",
        compute="_compute_closes_gap",
        store=True,
        readonly=False,
        help="The step that closes the gap. It is proposed by the catalogue, and becomes an activity.",
    )
    date_due = fields.Date("Due Date", compute="_compute_date_due", store=True, readonly=False)
    csm_id = fields.Many2one(
        "res.users",
        "Responsible CSM",
        compute="_compute_csm_id",
        search="_search_csm_id",
        help="The CSM whose skill it is, or the CSM of the customer.",
    )
    is_current = fields.Boolean(
        compute="_compute_is_current",
        search="_search_is_current",
        help="The latest rating of this skill of this customer or CSM.",
    )
    rated_by_id = fields.Many2one("res.users", default=lambda self: self.env.user, readonly=True)

    def write(self, vals):
        """Record the user who changes a rating as the one who rated."""
        result = super().write({**vals, "rated_by_id": self.env.uid})
        self.check_access("write")
        if STEP_FIELDS & vals.keys():
            self._plan_steps()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._plan_steps()
        return ratings

    # ------------------------------------------------------------------------------------------
    # The step that closes a gap
    # ------------------------------------------------------------------------------------------

    @api.depends("skill_id", "gap")
    def _compute_closes_gap(self):
        """Propose the catalogue's step where there is a gap and nobody has set one."""
        for rating in self.filtered("gap"):
            rating.closes_gap = rating.closes_gap or rating.skill_id.advice

    @api.depends("gap", "date")
    def _compute_date_due(self):
        """Propose a day for the step where there is a gap and nobody has set one."""
        for rating in self.filtered(lambda rating: rating.gap and rating.date):
            rating.date_due = rating.date_due or fields.Date.add(rating.date, days=STEP_DAYS)

    def _plan_steps(self):
        """Keep one activity for each current gap; a newer rating takes the place of those before it."""
        same = self.sudo().search(
            [
                ("skill_id", "in", self.skill_id.ids),
                "|",
                ("partner_id", "in", self.partner_id.ids),
                ("user_id", "in", self.user_id.ids),
            ]
        )
        self.invalidate_model(["is_current"])
        gaps = same.filtered(lambda rating: rating.is_current and rating.gap)
        (same - gaps).activity_unlink([GAP_ACTIVITY])
        for rating in gaps.filtered(lambda rating: rating in self):
            step = {
                "summary": self.env._("Close the gap: %s", rating.skill_id.name),
                "note": rating.closes_gap,
                "date_deadline": rating.date_due or fields.Date.context_today(self),
                "user_id": (rating.csm_id or self.env.user).id,
            }
            if activity := rating.activity_search([GAP_ACTIVITY]):
                activity.write(step)
            else:
                rating.activity_schedule(GAP_ACTIVITY, **step)

    @api.depends("user_id", "partner_id.success_user_id")
    def _compute_csm_id(self):
        for rating in self:
            rating.csm_id = rating.user_id or rating.partner_id.sudo().success_user_id

    def _search_csm_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        theirs = fields.Domain("partner_id", "!=", False) & fields.Domain(
            "partner_id.success_user_id", "in", value
        )
        return fields.Domain("user_id", "in", [one for one in value if one]) | theirs

    def _field_to_sql(self, alias, field_expr, query=None):
        """Group by the CSM, whether the skill is theirs or that of their customer."""
        if field_expr != "csm_id":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields["csm_id"], "read")
        self.env["res.partner"].flush_model(["success_user_id"])
        return SQL(
            "COALESCE(%s, (SELECT success_user_id FROM res_partner WHERE id = %s))",
            SQL.identifier(alias, "user_id"),
            SQL.identifier(alias, "partner_id"),
        )

    @api.depends("skill_id", "partner_id", "user_id", "date")
    def _compute_is_current(self):
        known = self._origin
        current = known and self.search([("id", "in", known.ids), ("is_current", "=", True)])
        for rating in self:
            rating.is_current = rating._origin in current

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model(["skill_id", "partner_id", "user_id", "date"])
        current = SQL(
            """(SELECT DISTINCT ON (skill_id, partner_id, user_id) id
                  FROM customer_success_skill_rating
              ORDER BY skill_id, partner_id, user_id, date DESC, id DESC)"""
        )
        return [("id", "in" if True in value else "not in", current)]

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

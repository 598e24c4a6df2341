from odoo import api, fields, models
from odoo.fields import Domain


class MailActivity(models.Model):
    """The activities of a CSM who is away, which stand in the deputy's day, marked."""

    _inherit = "mail.activity"

    success_is_mine = fields.Boolean(
        "Mine",
        compute="_compute_success_is_mine",
        search="_search_success_is_mine",
        groups="base.group_user",
        help="It is yours, or of somebody for whom you stand in today, at a customer.",
    )
    success_stand_in = fields.Char(
        "Standing In",
        compute="_compute_success_is_mine",
        groups="base.group_user",
        help="For whom you do this, and until when.",
    )

    @api.depends("user_id", "success_partner_id")
    @api.depends_context("uid", "lang")
    def _compute_success_is_mine(self):
        said = self.env["customer.success.deputy"]._say_stand_ins()
        for activity in self:
            owner = activity.user_id
            activity.success_is_mine = owner == self.env.user or (
                owner.id in said and bool(activity.success_partner_id.success_stage_id)
            )
            activity.success_stand_in = activity.success_is_mine and said.get(owner.id, False)

    @api.depends("success_stand_in")
    @api.depends_context("uid", "lang")
    def _compute_success_reason(self):
        """Say first for whom the user does this."""
        result = super()._compute_success_reason()
        for activity in self.filtered("success_stand_in"):
            activity.success_reason = self.env._(
                "%(whom)s: %(reason)s",
                whom=activity.success_stand_in,
                reason=activity.success_reason,
            )
        return result

    def _search_success_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        theirs = self.env.user.success_deputy_for_ids
        mine = Domain("user_id", "=", self.env.uid)
        if theirs:
            mine |= Domain("user_id", "in", theirs.ids) & Domain(
                "success_partner_id.success_stage_id", "!=", False
            )
        return mine if True in value else ~mine

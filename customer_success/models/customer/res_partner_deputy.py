from odoo import api, fields, models
from odoo.tools import format_date


class ResPartner(models.Model):
    """A customer of a CSM who is away today: the deputy finds it among their own, marked."""

    _inherit = "res.partner"

    success_is_mine = fields.Boolean(
        "My Customer",
        compute="_compute_success_is_mine",
        search="_search_success_is_mine",
        groups="base.group_user",
        help="You are its CSM, or stand in for its CSM today.",
    )
    success_stand_in = fields.Char(
        "Standing In",
        compute="_compute_success_is_mine",
        groups="base.group_user",
        help="For whom you stand in at this customer, and until when.",
    )

    @api.depends("success_user_id")
    @api.depends_context("uid", "lang")
    def _compute_success_is_mine(self):
        said = self.env["customer.success.deputy"]._say_stand_ins()
        for partner in self:
            csm = partner.success_user_id
            partner.success_is_mine = csm == self.env.user or csm.id in said
            partner.success_stand_in = said.get(csm.id, False)

    def _search_success_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        users = self.env.user | self.env.user.success_deputy_for_ids
        mine = fields.Domain("success_user_id", "in", users.ids)
        return mine if True in value else ~mine

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        absences = self.env["customer.success.deputy"].sudo()
        absence = absences.search(
            [
                ("user_id", "=", self.success_user_id.id),
                *absences._on(fields.Date.context_today(self)),
            ],
            limit=1,
        )
        if absence:
            lines.insert(
                0,
                self.env._(
                    "%(csm)s is away until %(date)s; %(deputy)s stands in.",
                    csm=absence.user_id.name,
                    date=format_date(self.env, absence.date_to),
                    deputy=absence.deputy_id.name,
                ),
            )
        return lines

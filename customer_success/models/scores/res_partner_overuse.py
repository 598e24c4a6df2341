from odoo import api, fields, models


class ResPartner(models.Model):
    """The use above the licences of a customer: it needs attention, and is no fault of anybody."""

    _inherit = "res.partner"

    success_overuse_ids = fields.One2many(
        "customer.success.overuse",
        "partner_id",
        "Use above Licences",
        domain=[("is_lasting", "=", True)],
        readonly=True,
        groups="customer_success.group_success_user",
    )
    success_users_over = fields.Integer(
        "Users above Licences",
        compute="_compute_success_users_over",
        groups="customer_success.group_success_user",
        help="The active users above the seats of the contracts, of all products that have been above them for months.",
    )

    @api.depends("success_overuse_ids.users_over")
    def _compute_success_users_over(self):
        for partner in self:
            partner.success_users_over = sum(partner.success_overuse_ids.mapped("users_over"))

    @api.depends("success_overuse_ids")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        lines += [overuse._say_all() for overuse in self.success_overuse_ids]
        return lines

    def write(self, vals):
        stops = "success_stage_id" in vals and not vals["success_stage_id"]
        followed = self.filtered("success_stage_id") if stops else self.browse()
        result = super().write(vals)
        followed._success_forget_overuse()
        return result

    def _success_leave(self):
        result = super()._success_leave()
        self._success_forget_overuse()
        return result

    def _success_forget_overuse(self):
        """Remove the use above licences of companies that are no longer followed."""
        if self:
            self.env["customer.success.overuse"].sudo().search(
                [("partner_id", "in", self.ids)]
            ).unlink()

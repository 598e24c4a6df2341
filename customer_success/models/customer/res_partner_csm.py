from odoo import api, fields, models
from odoo.tools import format_date


class ResPartner(models.Model):
    """A customer without a CSM, which is seen until it has one."""

    _inherit = "res.partner"

    success_nobody_since = fields.Date(
        "Without a CSM Since", readonly=True, copy=False, groups="base.group_user"
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                vals.pop("success_nobody_since", None)
        partners = super().create(vals_list)
        partners._stamp_success_nobody()
        return partners

    def write(self, vals):
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "success_nobody_since"}
        result = super().write(vals)
        # A merge copies the day of the other customer.
        if {"success_stage_id", "success_user_id", "success_nobody_since"} & vals.keys():
            self._stamp_success_nobody()
        return result

    def _stamp_success_nobody(self):
        """Keep the day since which nobody follows each of these customers."""
        partners = self.sudo()
        nobodys = partners.filtered(lambda p: p.success_stage_id and not p.success_user_id)
        nobodys.filtered(
            lambda p: not p.success_nobody_since
        ).success_nobody_since = fields.Date.context_today(self)
        (partners - nobodys).filtered("success_nobody_since").success_nobody_since = False

    def _success_in_charge(self, *others, company=None):
        """Return the user who is told what happens at this customer, or none: one rule for mail, portal, jobs and orders.

        It is the first active one of ``others``, who are nearer to the matter, then the CSM, then a manager of
        ``company``, that of the customer unless another one is given, then any manager. A deputy reads the list of the CSM.
        """
        self.ensure_one()
        users = self.env["res.users"]
        for user in (*others, self.sudo().success_user_id):
            if user.active and not user.share:
                return user
        company = company or self.company_id
        return (users._success_managers(company) or users._success_managers())[:1]

    @api.depends("success_user_id", "success_nobody_since")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        if not self.success_user_id:
            lines.append(
                self.env._(
                    "Nobody has followed this customer since %s. Set its CSM.",
                    format_date(self.env, self.success_nobody_since),
                )
                if self.success_nobody_since
                else self.env._("Nobody follows this customer. Set its CSM.")
            )
        return lines

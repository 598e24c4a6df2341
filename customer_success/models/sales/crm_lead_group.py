from odoo import api, fields, models


class CrmLead(models.Model):
    """An opportunity at a company of a group, with the headlines of the whole group; read when the form is opened."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "customer.success.group.risk"]

    success_group_id = fields.Many2one(
        "res.partner",
        "Group",
        compute="_compute_success_group_risk",
        groups="base.group_user",
        help="The topmost customer above the company of this opportunity. The company itself need not be a customer yet.",
    )

    @api.depends("success_about_id")
    @api.depends_context("uid", "allowed_company_ids", "company")
    def _compute_success_group_risk(self):
        found = self.success_about_id.commercial_partner_id._success_tops(in_sales=True)
        members = {top: ids for top, ids in found.values()}
        headlines = self.env["res.partner"]._success_group_headlines(members)
        nothing = dict.fromkeys(name for name in self._fields if name.startswith("success_group_"))
        for lead in self:
            top, _members = found.get(
                lead.success_about_id.commercial_partner_id._origin, (None, None)
            )
            lead.update({**nothing, "success_group_id": top, **headlines[top]} if top else nothing)

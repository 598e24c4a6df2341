from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmTeam(models.Model):
    """A sales team whose new customers go to one CSM."""

    _inherit = "crm.team"

    success_user_id = fields.Many2one(
        "res.users",
        "CSM of New Customers",
        index="btree_not_null",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("customer_success.group_success_user").ids)
        ],
        groups="base.group_user",
        help="Companies that this team wins go to this customer success manager. Leave it empty to let the assignment "
        "rules decide.",
    )

    @api.constrains("success_user_id", "company_id")
    def _check_success_user(self):
        assignments = self.env["customer.success.assignment"]
        for team in self:
            if problem := assignments._why_not(team.success_user_id, team.company_id):
                raise ValidationError(problem)

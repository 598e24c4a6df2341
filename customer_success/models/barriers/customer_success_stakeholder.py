from odoo import api, fields, models


class CustomerSuccessStakeholder(models.Model):
    """The barriers that stop a stakeholder."""

    _inherit = "customer.success.stakeholder"

    barrier_ids = fields.Many2many(
        "customer.success.barrier",
        relation="customer_success_barrier_stakeholder_rel",
        column1="stakeholder_id",
        column2="barrier_id",
        string="Barriers",
    )
    stopped_by_ids = fields.Many2many(
        "customer.success.barrier",
        compute="_compute_stopped_by_ids",
        help="The open barriers that keep this person from using the system.",
    )

    @api.depends("barrier_ids.is_open", "barrier_ids.active")
    def _compute_stopped_by_ids(self):
        for stakeholder in self:
            stakeholder.stopped_by_ids = stakeholder.barrier_ids.filtered("is_open")

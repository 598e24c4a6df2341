from odoo import api, fields, models


class CustomerSuccessPlanCompare(models.TransientModel):
    """A dialog that shows two versions of a customer's plan side by side; any two may be chosen."""

    _name = "customer.success.plan.compare"
    _description = "Compare Versions of a Plan"

    partner_id = fields.Many2one(related="newer_id.partner_id", string="Customer")
    older_id = fields.Many2one(
        "customer.success.plan",
        "Compare",
        required=True,
        ondelete="cascade",
        domain="[('partner_id', '=', partner_id), ('id', '!=', newer_id)]",
    )
    newer_id = fields.Many2one(
        "customer.success.plan",
        "With",
        required=True,
        ondelete="cascade",
        domain="[('partner_id', '=', partner_id), ('id', '!=', older_id)]",
    )
    comparison = fields.Html(compute="_compute_comparison", sanitize=False)

    @api.depends("older_id", "newer_id")
    @api.depends_context("lang")
    def _compute_comparison(self):
        for wizard in self:
            plans = (wizard.older_id | wizard.newer_id)._origin
            if len(plans) != 2 or len(plans.partner_id) != 1:
                wizard.comparison = False
                continue
            older, newer = plans._ordered()
            wizard.comparison = self.env["ir.qweb"]._render(
                "customer_success.plan_comparison", newer._comparison(older)
            )

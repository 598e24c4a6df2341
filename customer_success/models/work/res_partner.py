from odoo import api, fields, models


class ResPartner(models.Model):
    """The advice to decide on at a customer, and the nightly job that runs the plays."""

    _inherit = "res.partner"

    success_advice_ids = fields.One2many(
        "customer.success.advice",
        "partner_id",
        "Advice to Decide On",
        domain=[("state", "=", "proposed"), ("answer_id.is_current", "=", True)],
        groups="customer_success.group_success_user",
    )

    @api.model
    def _cron_success_care(self):
        """Run the plays. The name dates from when the job only reminded of stalled customers."""
        self.env["customer.success.play"]._cron_run()

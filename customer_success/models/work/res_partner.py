from odoo import api, fields, models


class ResPartner(models.Model):
    """A customer with the advice to decide on, and the nightly job that runs the playbooks."""

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
        """Run the playbooks. The name is from a time when the job only reminded of stalled customers."""
        self.env["customer.success.play"]._cron_run()

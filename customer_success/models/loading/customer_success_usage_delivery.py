from odoo import api, fields, models


class CustomerSuccessUsageDelivery(models.Model):
    """One delivery of use: who sent it, when, and what became of its rows."""

    _name = "customer.success.usage.delivery"
    _description = "Delivery of Use"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    user_id = fields.Many2one(
        "res.users",
        "Sent By",
        default=lambda self: self.env.uid,
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, required=True, readonly=True
    )
    create_date = fields.Datetime("Received", readonly=True)
    origin = fields.Selection(
        [("api", "API"), ("file", "File")], required=True, default="api", readonly=True
    )
    file_name = fields.Char("File", readonly=True)
    created = fields.Integer("New", readonly=True)
    updated = fields.Integer("Corrected", readonly=True)
    unchanged = fields.Integer("Known Already", readonly=True)
    rejected = fields.Integer("Refused", readonly=True)
    rejection_ids = fields.One2many(
        "customer.success.usage.rejection", "delivery_id", "Refused Rows", readonly=True
    )

    @api.depends("file_name", "create_date")
    @api.depends_context("tz", "lang")
    def _compute_name(self):
        for delivery in self:
            delivery.name = delivery.file_name or self.env._(
                "Delivery %(number)d", number=delivery.id or 0
            )

    def action_download_rejected(self):
        """The refused rows as a workbook, to mend and send again."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/customer_success/delivery/{self.id}/rejected",
            "target": "download",
        }

    def _rejected_file_name(self):
        self.ensure_one()
        return self.env._("refused rows of %s", self.name) + ".xlsx"

from odoo import api, fields, models

# Rows that an Excel sheet takes below its heading.
MOST_IN_A_SHEET = 1_048_575


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
    usage_ids = fields.One2many("customer.success.usage", "delivery_id", "Use", readonly=True)

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

    def _refused_rows(self):
        """Yield the refused rows as ``(row, column, message, what it brought)``, as many as a sheet takes."""
        self.ensure_one()
        rejections = self.env["customer.success.usage.rejection"]
        last = 0
        for _start in range(0, MOST_IN_A_SHEET, 1000):
            found = rejections.search_fetch(
                [("delivery_id", "=", self.id), ("row", ">", last)],
                ["row", "field", "message", "brought"],
                order="row",
                limit=1000,
            )
            if not found:
                return
            for line in found:
                yield line.row, line.field, line.message, line.brought or {}
            last = found[-1].row
            found.invalidate_recordset()

from odoo import api, fields, models


class CustomerSuccessUsageDelivery(models.Model):
    """One delivery of use, or one file of customers: who sent it, when, and what became of its rows."""

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
    kind = fields.Selection(
        [("use", "Use"), ("customers", "Customers, Renewals and Use")],
        "What It Brings",
        required=True,
        default="use",
        readonly=True,
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

    @api.model
    def _of_file(self, kind):
        """Return the delivery that the rows of a file belong to: a new one, or that of its former parts.

        The import screen sends a long file in parts and says with each how many rows came before it.
        """
        name = self.env.context.get("success_file_name")
        deliveries = self.sudo()
        if name and self.env.context.get("success_skipped"):
            delivery = deliveries.search(
                [
                    ("user_id", "=", self.env.uid),
                    ("origin", "=", "file"),
                    ("kind", "=", kind),
                    ("file_name", "=", name),
                ],
                limit=1,
            )
            if delivery:
                return delivery
        return deliveries.create({"origin": "file", "kind": kind, "file_name": name})

    def _add_counts(self, counts):
        """Add what became of the rows of a part to what became of those before."""
        self.ensure_one()
        self.write({name: self[name] + number for name, number in counts.items()})

    def _columns(self):
        """Return the columns of the file that rows of this delivery can be sent in again."""
        self.ensure_one()
        intake = (
            "customer.success.intake"
            if self.kind == "customers"
            else "customer.success.usage.intake"
        )
        return self.env[intake]._columns()

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

from datetime import timedelta

from odoo import api, fields, models


class CustomerSuccessUsageDelivery(models.Model):
    """A delivery of usage or a file of customers: its sender, its time, and the outcome of its rows."""

    _name = "customer.success.usage.delivery"
    _description = "Delivery of Usage"
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
        "Content",
        required=True,
        default="use",
        readonly=True,
    )
    file_name = fields.Char("File", readonly=True)
    created = fields.Integer("New", readonly=True)
    updated = fields.Integer("Corrected", readonly=True)
    unchanged = fields.Integer("Known Already", readonly=True)
    rejected = fields.Integer("Refused", readonly=True)
    # The days of the week, 0 to 6, of its weekly dates that do not say on which day weeks start
    weekdays = fields.Char(readonly=True)
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
        """Return the delivery of the rows of a file: a new one, or the one of the file's earlier parts.

        The import screen sends a long file in parts, each with the number of rows before it.
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

    def _earlier_weekdays(self):
        """Return the days of the week of the weekly dates that the same sender brought in the last four weeks."""
        self.ensure_one()
        earlier = self.search(
            [
                ("user_id", "=", self.user_id.id),
                ("origin", "=", self.origin),
                ("weekdays", "!=", False),
                ("create_date", ">=", fields.Datetime.now() - timedelta(weeks=4)),
            ]
        )
        return {int(day) for delivery in earlier for day in delivery.weekdays}

    def _note_weekdays(self, weekdays):
        """Add the days of the week of one part of a file to those of the parts before it."""
        self.ensure_one()
        known = set(self.weekdays or "").union(map(str, weekdays))
        if known:
            self.weekdays = "".join(sorted(known))

    def _add_counts(self, counts):
        """Add the counts of one part of a file to the counts of the parts before it."""
        self.ensure_one()
        self.write({name: self[name] + number for name, number in counts.items()})

    def _columns(self):
        """Return the columns of the file in which rows of this delivery can be sent again."""
        self.ensure_one()
        intake = (
            "customer.success.intake"
            if self.kind == "customers"
            else "customer.success.usage.intake"
        )
        return self.env[intake]._columns()

    def action_download_rejected(self):
        """Download the refused rows as a workbook, to be corrected and sent again."""
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

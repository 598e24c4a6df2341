from odoo import fields, models
from odoo.exceptions import UserError


class CustomerSuccessWorkbookWizard(models.TransientModel):
    """Which customers and which sheets go into a workbook."""

    _name = "customer.success.workbook.wizard"
    _description = "Customer Success Workbook"

    scope = fields.Selection(
        [("selected", "The customers I selected"), ("all", "All customers I follow or may see")],
        required=True,
        default=lambda self: "selected" if self._selected() else "all",
    )
    selected_ids = fields.Json(default=lambda self: self._selected())
    selected_count = fields.Integer(compute="_compute_selected_count")
    with_customers = fields.Boolean("Customers", default=True)
    with_renewals = fields.Boolean("Renewals", default=True)

    def _selected(self):
        if self.env.context.get("active_model") == "res.partner":
            return self.env.context.get("active_ids") or []
        return []

    def _compute_selected_count(self):
        for wizard in self:
            wizard.selected_count = len(wizard.selected_ids or [])

    def action_download(self):
        """Send the browser to the file."""
        self.ensure_one()
        self.env["customer.success.workbook"]._check_export()
        if not self._sheets():
            raise UserError(self.env._("Choose at least one sheet."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/customer_success/workbook/{self.id}",
            "target": "download",
        }

    def _sheets(self):
        return [
            name
            for name, wanted in (
                ("customers", self.with_customers),
                ("renewals", self.with_renewals),
            )
            if wanted
        ]

    def _write(self, stream):
        domain = [("id", "in", self.selected_ids)] if self.scope == "selected" else None
        self.env["customer.success.workbook"]._write(stream, domain, self._sheets())

    def _file_name(self):
        today = fields.Date.to_string(fields.Date.context_today(self))
        return self.env._("customers %(date)s.xlsx", date=today)

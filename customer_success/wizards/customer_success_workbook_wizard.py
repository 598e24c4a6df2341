from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerSuccessWorkbookWizard(models.TransientModel):
    """Which customers and which sheets go into a workbook."""

    _name = "customer.success.workbook.wizard"
    _description = "Customer Success Workbook"

    scope = fields.Selection(
        [
            ("selected", "The customers I selected"),
            ("all", "All customers that I follow or may see"),
        ],
        required=True,
        default=lambda self: "selected" if self._selected() else "all",
    )
    selected_domain = fields.Json(default=lambda self: self._selected())
    selected_count = fields.Integer("Selected", compute="_compute_selected_count")
    with_customers = fields.Boolean("Customers", default=True)
    with_renewals = fields.Boolean("Renewals", default=True)

    def _selected(self):
        """The domain of what is selected in the list, or ``False``.

        Odoo cuts the ids of a large selection; a list that reaches the limit was selected whole, and
        its own domain says what that is.
        """
        context = self.env.context
        ids = context.get("active_ids")
        if context.get("active_model") != "res.partner" or not ids:
            return False
        get = self.env["ir.config_parameter"].sudo().get_param
        if len(ids) >= int(get("web.active_ids_limit", 20000)) and context.get("active_domain"):
            return context["active_domain"]
        return [["id", "in", ids]]

    @api.depends("selected_domain")
    def _compute_selected_count(self):
        partners = self.env["res.partner"]
        for wizard in self:
            wizard.selected_count = bool(wizard.selected_domain) and partners.search_count(
                wizard._scope_domain()
            )

    def _scope_domain(self):
        """The customers of the selection that the user may export."""
        return self.env["res.partner"]._get_success_customer_domain() & fields.Domain(
            self.selected_domain or fields.Domain.TRUE
        )

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
        domain = self.selected_domain if self.scope == "selected" else None
        self.env["customer.success.workbook"]._write(stream, domain, self._sheets())

    def _file_name(self):
        today = fields.Date.to_string(fields.Date.context_today(self))
        return self.env._("customers %(date)s.xlsx", date=today)

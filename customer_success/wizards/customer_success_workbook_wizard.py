from odoo import api, fields, models

# The models from whose lists customers can be selected, and the field that leads to the customer.
LISTS = {
    "customer.success.barrier": "success_barrier_ids",
    "customer.success.change": "success_change_ids",
    "customer.success.interaction": "success_interaction_ids",
    "customer.success.objective": "success_objective_ids",
    "customer.success.renewal": "success_renewal_ids",
    "customer.success.usage": "success_usage_ids",
}


class CustomerSuccessWorkbookWizard(models.TransientModel):
    """A dialog that creates a workbook now, from the chosen customers and sheets."""

    _name = "customer.success.workbook.wizard"
    _inherit = ["customer.success.workbook.filter"]
    _description = "Customer Success Workbook"

    scope = fields.Selection(
        [
            ("selected", "The customers I selected"),
            ("all", "All customers that I follow or may see"),
        ],
        required=True,
        default=lambda self: "selected" if self._selected() else "all",
    )
    before_id = fields.Many2one(
        "customer.success.workbook.copy",
        "Compare With",
        domain=[("state", "=", "done")],
        help="The Summary shows the changes since this workbook. If it is empty, since your last one with the same filters.",
    )
    selected_domain = fields.Json(default=lambda self: self._selected())
    selected_count = fields.Integer("Selected", compute="_compute_counts")
    customer_count = fields.Integer("Number of Customers", compute="_compute_counts")
    is_long = fields.Boolean(compute="_compute_counts")

    def _selected(self):
        """Return the domain of the customers that are selected in the list, or ``False``.

        Odoo truncates the ids of a large selection. If their number reaches the limit, the whole list was selected,
        and the domain of the list is used.
        """
        context = self.env.context
        ids, model = context.get("active_ids"), context.get("active_model")
        if not ids or model not in ("res.partner", *LISTS):
            return False
        get = self.env["ir.config_parameter"].sudo().get_param
        domain = [["id", "in", ids]]
        if len(ids) >= int(get("web.active_ids_limit", 20000)) and context.get("active_domain"):
            domain = context["active_domain"]
        return [[LISTS[model], "any", domain]] if model in LISTS else domain

    @api.depends(
        "scope",
        "selected_domain",
        "stage_ids",
        "segment_ids",
        "csm_ids",
        "risk_from",
        "health_band",
        "company_ids",
    )
    def _compute_counts(self):
        partners = self.env["res.partner"]
        workbook = self.env["customer.success.workbook"]
        limit = self.env["customer.success.settings"]._limit("workbook_background")
        for wizard in self:
            wizard.selected_count = bool(wizard.selected_domain) and partners.search_count(
                workbook._customer_domain(wizard.selected_domain)
            )
            wizard.customer_count = wizard._in_companies(partners).search_count(
                workbook._customer_domain(wizard._filter_domain())
            )
            wizard.is_long = wizard.customer_count > limit

    def _in_companies(self, records):
        """Return the same records with the companies of the filter as allowed companies."""
        companies = self.company_ids & self.env.user.company_ids
        if not companies:
            return records
        return records.with_context(allowed_company_ids=companies.ids)

    def _filter_domain(self):
        domain = super()._filter_domain()
        if self.scope == "selected" and self.selected_domain:
            domain &= fields.Domain(self.selected_domain)
        return domain

    def _prepare_request(self):
        return {**super()._prepare_request(), "before_id": self.before_id.id}

    def _filter_text(self):
        said = super()._filter_text()
        if self.scope == "selected" and self.selected_domain:
            count = self.selected_count
            selected = (
                self.env._("1 selected customer")
                if count == 1
                else self.env._("%d selected customers", count)
            )
            said = f"{selected}; {said}" if said else selected
        return said

    def action_download(self):
        """Create the workbook and open it in the browser; a large one is created in the background with a progress bar."""
        self.ensure_one()
        copies = self.env["customer.success.workbook.copy"]
        copy = copies._ask(self._prepare_request(), self._filter_text())
        if not self.is_long:
            copy._make()
            return copy.with_env(self.env).action_download()
        copy._queue()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Workbook"),
            "res_model": copies._name,
            "res_id": copy.id,
            "views": [(False, "form")],
            "target": "current",
        }

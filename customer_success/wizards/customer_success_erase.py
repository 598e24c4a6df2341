from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.customer.res_partner_erasure import ERASE


class CustomerSuccessErase(models.TransientModel):
    """The question before customers or contacts are erased with their history, for good."""

    _name = "customer.success.erase"
    _description = "Erase with History"

    partner_ids = fields.Many2many("res.partner", string="To Erase", required=True, readonly=True)
    history = fields.Char("Lost for Good", compute="_compute_history")
    confirmation = fields.Char("Type the Name", help="The name of the first of them, to confirm.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "res.partner":
            values["partner_ids"] = [fields.Command.set(self.env.context.get("active_ids") or [])]
        return values

    @api.depends("partner_ids")
    def _compute_history(self):
        for wizard in self:
            wizard.history = ", ".join(wizard.partner_ids._origin._success_history())

    def action_erase(self):
        """Delete the customers or contacts with all that is recorded about them."""
        self.ensure_one()
        name = self.partner_ids[:1].name
        if (self.confirmation or "").strip() != name:
            raise UserError(self.env._("Type “%s” to confirm. Nothing was erased.", name))
        partners = self.partner_ids
        partners.check_access("unlink")
        partners._success_with_contacts()._success_let_go()
        partners.with_context(**{ERASE: True}).unlink()
        return self.env["ir.actions.actions"]._for_xml_id(
            "customer_success.res_partner_action_success_all"
        )

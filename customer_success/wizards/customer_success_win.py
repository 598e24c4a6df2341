from odoo import api, fields, models

from ..models.sales.crm_lead_handover import HANDED_OVER


class CustomerSuccessWin(models.TransientModel):
    """A dialog that asks what was bought and promised while an opportunity is won; nothing of it is required."""

    _name = "customer.success.win"
    _description = "Win an Opportunity"

    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    success_bought = fields.Text("What They Bought")
    success_why_bought = fields.Text("Why They Bought")
    success_promised = fields.Text("What Was Promised")
    success_introduction = fields.Text("How They Introduce Systems")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        lead = self.env["crm.lead"].browse(values.get("lead_id")).exists()
        if lead:
            values.update({name: lead[name] for name in HANDED_OVER if lead[name]})
        return values

    def action_win(self):
        """Keep what was said on the opportunity and win it; what is missing is asked again later."""
        self.ensure_one()
        lead = self.lead_id
        said = {name: self[name] for name in HANDED_OVER if self[name] != lead[name]}
        if said:
            lead.write(said)
        # The context of the button that opened this dialog is still there.
        won = lead.with_context(success_ask=False).action_set_won_rainbowman()
        return won if isinstance(won, dict) else {"type": "ir.actions.act_window_close"}

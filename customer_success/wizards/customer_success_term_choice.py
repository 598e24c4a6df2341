from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.common.proposed import PROPOSED


class CustomerSuccessTermChoice(models.TransientModel):
    """A dialog that chooses between two terms of customers that were merged; which one counts until then is archived or not."""

    _name = "customer.success.term.choice"
    _description = "Choice Between Two Terms"

    kept_id = fields.Many2one(
        "customer.success.renewal", "Counts Now", required=True, readonly=True, ondelete="cascade"
    )
    aside_id = fields.Many2one(
        "customer.success.renewal",
        "Set Aside",
        required=True,
        readonly=True,
        ondelete="cascade",
        context={"active_test": False},
    )
    choice = fields.Selection(
        [
            ("kept", "The one that counts now"),
            ("aside", "The one that was set aside"),
            ("both", "Both: they are two contracts"),
        ],
        "What Is Right?",
        required=True,
        default="kept",
    )
    kept_text = fields.Char(compute="_compute_texts", compute_sudo=False)
    aside_text = fields.Char(compute="_compute_texts", compute_sudo=False)
    kept_number = fields.Char(
        "Its Contract Number",
        compute="_compute_numbers",
        **PROPOSED,
    )
    aside_number = fields.Char(
        "Contract Number of the Other",
        compute="_compute_numbers",
        **PROPOSED,
    )

    @api.depends("kept_id", "aside_id")
    def _compute_texts(self):
        for choice in self:
            choice.kept_text = choice.kept_id._say_term()
            choice.aside_text = choice.aside_id._say_term()

    @api.depends("kept_id", "aside_id")
    def _compute_numbers(self):
        for choice in self:
            choice.kept_number = choice.kept_id.contract_number
            choice.aside_number = choice.aside_id.contract_number

    def action_choose(self):
        """Do what was chosen; a lower value than the one that counts needs a manager, as any lower value."""
        self.ensure_one()
        kept, aside = self.kept_id, self.aside_id
        (kept | aside).check_access("write")
        if aside.counts_instead_id != kept:
            raise UserError(self.env._("Somebody has already chosen between these terms."))
        if self.choice == "both":
            kept.contract_number, aside.contract_number = self.kept_number, self.aside_number
            aside.sudo().write({"active": True, "counts_instead_id": False})
            aside.sudo()._bring_made_back()
        elif self.choice == "aside":
            kept._leave_the_book()
            kept.sudo()._swap_for(aside.sudo())
        else:
            aside.sudo()._drop_for(kept.sudo())
        kept.sudo()._ask_again()
        return {"type": "ir.actions.act_window_close"}

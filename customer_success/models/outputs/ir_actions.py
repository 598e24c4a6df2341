from odoo import models


class IrActionsActions(models.Model):
    """The entries that a list offers for its records."""

    _inherit = "ir.actions.actions"

    def get_bindings(self, model_name):
        """Leave out the workbook of customers for users who may not export.

        Odoo offers an action to a user who has any one of its groups. The list of contacts, which every employee has, needs
        both: a role in Customer Success, which is the group of the action, and the right to export.
        """
        bindings = super().get_bindings(model_name)
        if model_name != "res.partner" or self.env["customer.success.workbook"]._may_export():
            return bindings
        workbook = self.env.ref(
            "customer_success.customer_success_workbook_wizard_action", raise_if_not_found=False
        )
        kept = {
            kind: [action for action in actions if not workbook or action["id"] != workbook.id]
            for kind, actions in bindings.items()
        }
        return {kind: actions for kind, actions in kept.items() if actions}

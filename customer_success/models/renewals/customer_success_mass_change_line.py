from odoo import models
from odoo.fields import Command

RENEWAL = "customer.success.renewal"


class CustomerSuccessMassChangeLine(models.Model):
    """The terms of a mass edit go back as their user could change them: a notice, a value or an outcome is not lost in silence."""

    _inherit = "customer.success.mass.change.line"

    def _give_back(self, model, old):
        if old and model._name == RENEWAL and self.mass_change_id.kind != "load":
            self._ask_rules(model, old)
        return super()._give_back(model, old)

    def _ask_rules(self, model, old):
        """Write the values as who takes them back; raise UserError if that user may not.

        What only the system sets is written after that.
        """
        machine = model._machine_fields()
        vals = {
            name: [Command.set(value)] if isinstance(value, list) else value
            for name, value in old.items()
            if name not in machine
        }
        if vals:
            reason = self.env._("“%s” was taken back.", self.mass_change_id.name)
            terms = self._as_user(model.browse(self.mapped("res_id")))
            terms.write({**vals, "value_reason": reason})
            self.env.flush_all()

from odoo import models

# A change of these may give the activities of a record another customer.
MOVES = {"partner_id", "parent_id", "is_company", "commercial_partner_id"}


class MailActivityMixin(models.AbstractModel):
    """A record that gets another customer, or a contact that moves, takes its activities along."""

    _inherit = "mail.activity.mixin"

    def write(self, vals):
        result = super().write(vals)
        ours = self._name == "res.partner" or self._name.startswith("customer.success.")
        if ours and not MOVES.isdisjoint(vals):
            activities = self.env["mail.activity"].sudo().with_context(active_test=False)
            activities = activities.search(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)]
            )
            self.env.add_to_compute(activities._fields["success_partner_id"], activities)
        return result

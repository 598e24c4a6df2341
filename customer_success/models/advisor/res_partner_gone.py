from odoo import models

# With these a contact leaves a customer or comes back.
PLACE = {"active", "parent_id", "is_company"}


class ResPartner(models.Model):
    """A contact who leaves takes their answers out of the current ones; one who comes back restores them."""

    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if PLACE & vals.keys():
            self._refresh_success_answers()
        return result

    def _refresh_success_answers(self):
        """Mark anew the current answers that these contacts and the people below them gave."""
        given = (
            self.env["customer.success.answer"]
            .sudo()
            .with_context(active_test=False)
            .search([("contact_id", "child_of", self.ids)])
        )
        customers = given._refresh_current()
        if customers:
            customers.invalidate_recordset(["success_answer_ids"])
            given.modified(["is_current"])
            self.env["customer.success.score.request"]._add(customers)

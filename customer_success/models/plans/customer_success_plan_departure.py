from odoo import models


class CustomerSuccessPlan(models.Model):
    """The person who sustained use until they left."""

    _inherit = "customer.success.plan"

    def _keeper_who_left(self):
        """Return the contact who sustained use and left; nobody once it was said again how use is sustained."""
        self.ensure_one()
        departure = self.env["customer.success.departure"].sudo()
        left = departure.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("kind", "=", "sustained_by_id"),
                ("given_back_on", "=", False),
            ],
            limit=1,
        )
        said = self._said_on("sustaining_plan")
        if left and said and said > left.date:
            return left.contact_id.browse()
        return left.contact_id

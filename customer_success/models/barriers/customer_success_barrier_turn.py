from odoo import models


class CustomerSuccessBarrier(models.Model):
    """The turn on a barrier: we find out and ask for authority; the customer grants it and removes the barrier."""

    _inherit = "customer.success.barrier"

    def _turn_facts(self):
        return [*super()._turn_facts(), "authority", "is_shared"]

    def _turn_of_facts(self):
        if self.state in ("empowered", "removing"):
            return "customer"
        # What we share with them, we ask them to take on.
        return "customer" if self.authority == "asked" or self.is_shared else "ours"

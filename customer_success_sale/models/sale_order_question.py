from odoo import models

# An order of so much of the seats, or of the value, of a term may be the whole term again.
WHOLE = 0.5
# The end of a term is near in its last days: a quarter of it, or this many.
NEAR_DAYS = 92


class SaleOrderLine(models.Model):
    """An order line near the end of a term that may renew it or add to it: the CSM is asked, and nothing changes until then."""

    _inherit = "sale.order.line"

    def _success_may_renew(self, renewal):
        """Return True if this line can be read two ways: it comes near the end of a term and looks like the whole of it."""
        if not renewal._success_of_orders():
            return False
        days = (renewal._date_after() - self.order_id._success_start()).days
        length = (renewal._date_after() - renewal._date_from()).days
        if days > min(NEAR_DAYS, length / 4):
            return False
        value, seats = self._success_worth(renewal.currency_id)
        if renewal.seats and seats:
            return seats >= WHOLE * renewal.seats
        return bool(value and renewal.annual_value) and value >= WHOLE * renewal.annual_value

    def _success_ask(self, renewal):
        """Ask who is in charge of the renewal what the line is; until then it changes nothing."""
        self._success_note(renewal, "asked", 0.0, 0)
        renewal._success_asked()

from odoo import models

# An order of so much of the seats, or of the value, of a term may be the whole term again.
WHOLE = 0.5
# The end of a term is near in its last days: a quarter of it, or this many.
NEAR_DAYS = 92


class SaleOrderLine(models.Model):
    """An order line near the end of a term that may renew it or add to it: the CSM is asked, and nothing changes until then."""

    _inherit = "sale.order.line"

    def _success_may_renew(self, renewal):
        """Return True if these lines of one order can be read two ways: they come near the end of a term and look like the whole.

        The lines of an order are one purchase. Those that were added without a question count with the new ones; those that
        a person added stay added, and so do the new ones.
        """
        if not renewal._success_of_orders():
            return False
        others = self.order_id.order_line.filtered(lambda line: line.success_renewal_id == renewal)
        if "asked" in others.mapped("success_effect"):
            return True
        days = (renewal._date_after() - self.order_id._success_start()).days
        length = (renewal._date_after() - renewal._date_from()).days
        if days > min(NEAR_DAYS, length / 4):
            return False
        added = others.filtered(lambda line: line.success_effect == "added")
        value = renewal.annual_value - sum(added.mapped("success_value"))
        seats = renewal.seats - sum(added.mapped("success_seats"))
        if added._success_is_whole(renewal, value, seats):
            return False
        return (added | self)._success_is_whole(renewal, value, seats)

    def _success_is_whole(self, renewal, annual_value, seats):
        """Return True if these lines look like the whole of a term of so much."""
        worth = [line._success_worth(renewal.currency_id) for line in self]
        its_seats = sum(one for _value, one in worth)
        if seats and its_seats:
            return its_seats >= WHOLE * seats
        its_value = sum(value or 0.0 for value, _seats in worth)
        return bool(its_value and annual_value) and its_value >= WHOLE * annual_value

    def _success_ask(self, renewal):
        """Ask who is in charge of the renewal what these lines are; until then they change nothing.

        What their order added before is part of the question.
        """
        added = self.order_id.order_line.filtered(
            lambda line: line.success_renewal_id == renewal and line.success_effect == "added"
        )
        if added:
            renewal._success_give(
                -sum(added.mapped("success_value")), -sum(added.mapped("success_seats"))
            )
        (added | self)._success_note(renewal, "asked", 0.0, 0)
        renewal._success_asked()

    def _success_say(self):
        """Return the order of these lines with what it buys."""
        worth = [line._success_worth() for line in self]
        return self.env._(
            "%(order)s (%(seats)s, %(value)s)",
            order=self.order_id.name,
            seats=self.env["customer.success.renewal"]._say_seats(
                sum(one for _value, one in worth)
            ),
            value=self.currency_id.format(sum(value for value, _seats in worth)),
        )

    def _success_following(self, renewal):
        """Return the pending term after one that has ended, to which these lines may be added, or none."""
        following = renewal.next_ids.filtered(
            lambda term: term.active and term.outcome == "pending"
        )
        if following:
            return following[:1]
        pending, key = self._success_pending(), self[:1]._success_key()
        found = pending.get(key) or pending.get((key[0], False, key[2]))
        return found or renewal.browse()

    # ------------------------------------------------------------------------------------------
    # Orders that renewed a term
    # ------------------------------------------------------------------------------------------

    def _success_sum(self):
        """Return the annual value and seats that these lines gave, or none without lines."""
        if not self:
            return None
        return sum(self.mapped("success_value")), sum(self.mapped("success_seats"))

    def _success_correct_renewed(self, renewal):
        """Take over what these lines, which renewed the term, are worth now."""
        before = renewal._success_renewed_lines()._success_sum()
        for line in self:
            value, seats = line._success_worth(renewal.currency_id)
            value = line.success_value if value is None else value
            if (value, seats) != (line.success_value, line.success_seats):
                line.write({"success_value": value, "success_seats": seats})
        renewal._success_renewed_at(before, renewal._success_renewed_lines()._success_sum())

    def _success_renew_too(self, renewal):
        """Renew, together with others, a term that orders have renewed already."""
        before = renewal._success_renewed_lines()._success_sum()
        for line in self:
            line._success_note(renewal, "renewed", *line._success_worth(renewal.currency_id))
        renewal._success_renewed_at(before, renewal._success_renewed_lines()._success_sum())

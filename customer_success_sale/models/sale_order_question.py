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

        The lines of an order are one purchase. What was added of it without a question counts with what is new; what looked
        like the whole when it was added was added by a person, and more of it is added, too.
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
        if _is_whole(added._success_sum() or (0.0, 0), (value, seats)):
            return False
        worth = [line._success_worth(renewal.currency_id) for line in added | self]
        ordered = sum(one or 0.0 for one, _seats in worth), sum(one for _value, one in worth)
        return _is_whole(ordered, (value, seats))

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


def _is_whole(ordered, term):
    """Return True if ``(annual value, seats)`` of an order looks like the whole of a term."""
    value, seats = ordered
    term_value, term_seats = term
    if term_seats and seats:
        return seats >= WHOLE * term_seats
    return bool(value and term_value) and value >= WHOLE * term_value

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.customer_success.scoring.chain import add_months
from odoo.addons.customer_success.scoring.limits import EARLIEST
from odoo.addons.customer_success.scoring.terms import outcome_of

EFFECTS = [
    ("opened", "Opened"),
    ("added", "Added To"),
    ("renewed", "Renewed"),
    ("asked", "Asked Whether It Renews"),
    ("decided", "Decided by a Person"),
]
WATCHED = {"product_id", "product_uom_qty", "price_unit", "discount", "order_id", "tax_ids"}
# Lines that wait until their order is saved, in the data of the transaction
WAITING = "success_sale.lines"


class SaleOrderLine(models.Model):
    """An order line with its effect on a renewal, so that it can be corrected and undone."""

    _inherit = "sale.order.line"

    success_renewal_id = fields.Many2one(
        "customer.success.renewal",
        "Renewal",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="customer_success.group_success_user",
    )
    success_effect = fields.Selection(
        EFFECTS, readonly=True, copy=False, groups="customer_success.group_success_user"
    )
    # The annual value and seats that the line added to the renewal, in the renewal's currency
    success_value = fields.Float(readonly=True, copy=False, groups="base.group_system")
    success_seats = fields.Integer(readonly=True, copy=False, groups="base.group_system")

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._success_changed()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if WATCHED & vals.keys():
            self._success_changed()
        return result

    def _success_changed(self):
        """Bring renewals up to date with these lines; while an order is saved, once at its end."""
        waiting = self.env.cr.precommit.data.get(WAITING)
        if waiting is None:
            self._success_of_order()._success_reconcile_pending()
        else:
            waiting.update(self.ids)

    def _success_of_order(self):
        """Return those of these lines that are confirmed, and the others of their orders that have an effect already.

        A discount changes what each line of an order is worth. It is no reason to count a line that has not counted so far.
        """
        lines = self.sudo().filtered(lambda line: line.state == "sale")
        return lines | lines.order_id.order_line.filtered("success_effect")

    def _success_reconcile_pending(self):
        """Apply the current value and seats of these lines to renewals; a second call changes nothing.

        This runs in sudo, as salespeople have no rights on renewals. If a renewal refuses a change, that is
        logged and the order goes on.
        """
        lines = self.sudo()
        standing = lines.filtered(lambda line: line._success_counts())
        for line in (lines - standing).filtered("success_effect"):
            line._success_try(line._success_take_back)
        standing._success_follow()
        new = standing.filtered(lambda line: not line.success_effect)
        if not new:
            return
        pending = new._success_pending()
        within, renewed, begun = {}, {}, self.env["customer.success.renewal"].sudo()
        for line in new.sorted(lambda line: line.id):
            order = line.order_id
            renewal, is_agreed = line._success_term(pending)
            if renewal and (is_agreed or order._success_start() >= renewal._date_after()):
                renewed[renewal] = renewed.get(renewal, line.browse()) | line
            elif line._success_is_over():
                continue  # what it sold had ended before anybody counted it
            elif not renewal:
                opened = line._success_try(line._success_open)
                if opened:
                    pending[line._success_key()] = opened
                    begun |= opened
            else:
                key = (order, renewal)
                within[key] = within.get(key, line.browse()) | line
        for (_order, renewal), its_lines in within.items():
            if its_lines._success_may_renew(renewal):
                its_lines._success_try(its_lines._success_ask, renewal)
                continue
            for line in its_lines:
                line._success_try(line._success_add, renewal)
        for renewal, its_lines in renewed.items():
            its_lines._success_try(its_lines._success_renew, renewal)
        # At last, because an order may renew one product and begin another one.
        begun._propose_replaced()

    def _success_term(self, pending):
        """Return the term that this line is about, or none, and True if the order was agreed as its renewal."""
        self.ensure_one()
        renewal = self.order_id._success_renewed()
        if renewal.outcome == "pending" and self._success_is_for(renewal):
            return renewal, True
        customer, product, company = self._success_key()
        found = pending.get((customer, product, company)) or pending.get((customer, False, company))
        return found or renewal.browse(), False

    def _success_try(self, work, *args):
        """Return what ``work`` returns, or ``None`` if it was refused.

        A refusal is logged in the chatter of the order and of the customer.
        """
        try:
            with self.env.cr.savepoint():
                done = work(*args)
                self.env.flush_all()
                return done
        except (UserError, psycopg2.IntegrityError) as error:
            self.env.invalidate_all(flush=False)
            for order in self.order_id:
                said = self.env._(
                    "The renewals were not updated by order %(order)s. Correct them by hand: %(why)s",
                    order=order.name,
                    why=str(error).split("\n", 1)[0],
                )
                order._message_log(body=said)
                order._success_customer()._message_log(body=said)
            return None

    def _success_counts(self):
        """Return True if the line sells a renewable product to a customer."""
        product = self.product_id
        return (
            self.state == "sale"
            and not self.display_type
            and product.success_renews
            and self.product_uom_qty > 0
            and bool(self.order_id._success_customer().success_stage_id)
            and not self.order_id.success_delivered_to_id  # it is asked for whom it is
            # A subscription is created from this line, which is then the source of the renewal.
            and not ("subscribable" in product._fields and product.subscribable)
        )

    def _success_key(self):
        customer = self.order_id._success_customer()
        return customer.id, self.product_id.id, self.company_id.id

    def _success_is_for(self, renewal):
        customer, product, company = self._success_key()
        return (
            renewal.partner_id.id == customer
            and renewal.product_id.id in (product, False)
            and renewal.company_id.id == company
        )

    def _success_pending(self):
        """Return ``{key: renewal}`` of the first pending terms of these customers, with one query."""
        found = {}
        customers = {order._success_customer().id for order in self.order_id}
        domain = Domain("partner_id", "in", list(customers))
        domain &= Domain("outcome", "=", "pending")
        for renewal in self.env["customer.success.renewal"].search(
            domain, order="date_renewal, id"
        ):
            key = (renewal.partner_id.id, renewal.product_id.id, renewal.company_id.id)
            found.setdefault(key, renewal)
        return found

    def _success_is_over(self):
        """Return True if the term that the line sells is over: the product may be renewable only since then.

        A day that no term can begin on is not judged here: the term refuses it in words.
        """
        self.ensure_one()
        start, today = self.order_id._success_start(), fields.Date.context_today(self)
        return EARLIEST <= start < today and add_months(start, self._success_months()) <= today

    def _success_months(self):
        """Return the length of the term that the line sells: that of the order, else that of the product."""
        return self.order_id.success_first_months or max(self.product_id.success_term_months, 1)

    def _success_worth(self, currency=None):
        """Return the annual value and the seats; the value is None without a rate into ``currency``."""
        self.ensure_one()
        value = (
            self.price_subtotal * self.order_id.sudo().success_share * 12 / self._success_months()
        )
        quantity = self.product_uom_id._compute_quantity(
            self.product_uom_qty, self.product_id.uom_id
        )
        value = self.currency_id._success_convert(
            value, currency or self.currency_id, self.company_id, self.order_id._success_start()
        )
        return None if value is None else max(value, 0.0), round(quantity)

    # ------------------------------------------------------------------------------------------
    # Effects of an order
    # ------------------------------------------------------------------------------------------

    def _success_open(self):
        self.ensure_one()
        customer_id, product_id, company_id = self._success_key()
        start = self.order_id._success_start()
        self.env["customer.success.renewal"]._check_success_value("date_start", start)
        months, usual = self._success_months(), self.product_id.success_term_months
        value, seats = self._success_worth()
        said = {
            "date_start": start,
            "date_renewal": add_months(start, months),
            "end_is_last_day": False,
            "annual_value": value,
            "seats": seats,
            "currency_id": self.currency_id.id,
            "source_name": self.order_id.name,
            "buyer_id": self.order_id._success_buyer().id,
        }
        key = {"partner_id": customer_id, "product_id": product_id, "company_id": company_id}
        if months != usual:
            key["following_months"] = usual
        agreed = self.order_id._success_agreed()
        # What was not agreed, the term takes over from its product.
        renewal = self.env["customer.success.renewal"].create({**key, **said, **agreed})
        said["date_notice"] = renewal.date_notice
        renewal._take_from_source(said, self._name)
        self._success_note(renewal, "opened", value, seats)
        return renewal

    def _success_add(self, renewal):
        """Add value and seats to a running term, unless a contract is its source."""
        if not renewal._success_of_orders():
            return
        value, seats = self._success_worth(renewal.currency_id)
        if value is None:
            value = 0.0
            renewal._message_log(
                body=self.env._(
                    "Order %(order)s adds %(seats)s. Its value is not added, because there is no exchange rate "
                    "for %(currency)s.",
                    order=self.order_id.name,
                    seats=renewal._say_seats(seats),
                    currency=self.currency_id.name,
                )
            )
        renewal._success_give(value, seats)
        self._success_note(renewal, "added", value, seats)
        customer = self.order_id._success_customer()
        if (buyer := self.order_id._success_buyer() or customer) != renewal._sells_to():
            renewal._message_log(
                body=self.env._(
                    "Order %(order)s adds to this term and was bought through %(buyer)s.",
                    order=self.order_id.name,
                    buyer=buyer.display_name,
                )
            )

    def _success_renew(self, renewal):
        """Renew the term with the value and seats of these lines."""
        worth = [line._success_worth(renewal.currency_id) for line in self]
        if any(value is None for value, _seats in worth):
            renewal._message_log(
                body=self.env._(
                    "Order %(order)s renews this term. Record the outcome by hand, because there is no exchange rate for %(currency)s.",
                    order=self.order_id[:1].name,
                    currency=self.currency_id[:1].name,
                )
            )
            self._success_ask(renewal)  # it stays a question until a person ends the term
            return
        value, seats = (sum(one) for one in zip(*worth))
        order, length = self.order_id[:1], {}
        if order.success_first_months and not renewal.main_id:
            length = {"following_months": order.success_first_months}
        renewal.write(
            {
                "outcome": outcome_of(renewal._at_end(), (value, seats)),
                "renewed_value": value,
                "renewed_seats": seats,
                **length,
            }
        )
        following = renewal.next_ids.filtered(lambda term: term.outcome == "pending")[:1]
        if following and not following.main_id:
            agreed = order._success_agreed()
            if (buyer := order._success_buyer()) != following.buyer_id:
                agreed["buyer_id"] = buyer.id
            if agreed:
                following.write({**agreed, "is_generated": False})
        for line, (its_value, its_seats) in zip(self, worth):
            line._success_note(renewal, "renewed", its_value, its_seats)

    def _success_note(self, renewal, effect, value, seats):
        self.write(
            {
                "success_renewal_id": renewal.id,
                "success_effect": effect,
                "success_value": value,
                "success_seats": seats,
            }
        )

    def _success_follow(self):
        """Follow lines that have an effect already, and whose price or quantity may have changed."""
        by_effect = self.filtered("success_renewal_id").grouped("success_effect")
        for effect in ("opened", "added"):
            for line in by_effect.get(effect, ()):
                line._success_try(line._success_correct)
        renewed = by_effect.get("renewed", self.browse())
        for renewal, lines in renewed.grouped("success_renewal_id").items():
            lines._success_try(lines._success_correct_renewed, renewal)
        asked = by_effect.get("asked", self.browse())
        asked.success_renewal_id._success_asked_anew()

    def _success_correct(self):
        """Update the term of an order whose price or quantity has changed after its confirmation."""
        renewal = self.success_renewal_id
        if self.success_effect == "asked" or not renewal._success_of_orders():
            return  # another line of the order may have become a question just now
        value, seats = self._success_worth(renewal.currency_id)
        value = self.success_value if value is None else value
        if (value, seats) == (self.success_value, self.success_seats):
            return
        if self.success_effect == "added" and self._success_may_renew(renewal):
            self._success_ask(renewal)
        else:
            renewal._success_give(value - self.success_value, seats - self.success_seats)
            self.write({"success_value": value, "success_seats": seats})

    def _success_take_back(self):
        """Undo the effects of lines that no longer count, unless people have worked on the renewals."""
        for line in self:
            renewal = line.success_renewal_id
            effect, value, seats = line.success_effect, line.success_value, line.success_seats
            line._success_note(renewal.browse(), False, 0.0, 0)
            if effect in ("asked", "decided"):
                renewal._success_asked()
            elif effect == "renewed" and renewal.outcome in ("renewed", "expanded", "contracted"):
                if others := renewal._success_renewed_lines()._success_sum():
                    renewal._success_renewed_at((others[0] + value, others[1] + seats), others)
                else:
                    renewal.outcome = "pending"
            elif renewal._success_of_orders():
                renewal._success_give(-value, -seats)
                if effect == "opened" and not self._others_of(renewal, "added"):
                    renewal._take_back()

    def _others_of(self, renewal, effect):
        """Return True if other lines have this effect on the renewal."""
        domain = [("success_renewal_id", "=", renewal.id), ("success_effect", "=", effect)]
        return bool(self.search_count(domain, limit=1))

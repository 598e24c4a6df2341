from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.customer_success.scoring.terms import STAYING, outcome_of

ASK_ACTIVITY = "customer_success_sale.mail_activity_type_order"


class CustomerSuccessRenewal(models.Model):
    """A renewal whose term orders open, extend or renew."""

    _inherit = "customer.success.renewal"

    success_line_ids = fields.One2many(
        "sale.order.line", "success_renewal_id", "Order Lines", groups="base.group_system"
    )
    has_asked_orders = fields.Boolean(
        compute="_compute_has_asked_orders",
        search="_search_has_asked_orders",
        compute_sudo=True,
        groups="customer_success.group_success_user",
    )
    asked_orders = fields.Char(
        "Orders to Decide On",
        compute="_compute_asked_orders",
        compute_sudo=True,
        groups="customer_success.group_success_user",
        help="Orders near the end of the term that look like the whole of it: do they renew it, or add to it?",
    )
    asked_order = fields.Char(
        "Order to Decide On Now",
        compute="_compute_asked_orders",
        compute_sudo=True,
        groups="customer_success.group_success_user",
    )
    asked_order_ref = fields.Integer(
        compute="_compute_asked_orders",
        compute_sudo=True,
        groups="customer_success.group_success_user",
    )
    asked_later = fields.Char(
        "Orders to Decide On Next",
        compute="_compute_asked_orders",
        compute_sudo=True,
        groups="customer_success.group_success_user",
    )

    def _success_of_orders(self):
        """Return True if orders may change the term: it is pending and has no contract as its source."""
        told = (self.source_values or {}).get("model")
        return self.outcome == "pending" and told in (None, "sale.order.line")

    def _success_is_of(self, order):
        """Return True if this pending term was made by this order alone, and stands by itself."""
        self.ensure_one()
        lines = self.success_line_ids.filtered("success_effect")
        return (
            self._success_of_orders()
            and lines.order_id == order
            and "opened" in lines.mapped("success_effect")
            and not (self.previous_id or self.main_id or self.addon_ids)
        )

    def _success_give(self, value, seats):
        """Add an annual value and seats, which may be negative, to those of the term.

        Figures that a person entered stay: the amounts are added to them.
        """
        self.ensure_one()
        told = dict(self.source_values or {})
        vals = {
            "annual_value": max(self.annual_value + value, 0.0),
            "seats": max(self.seats + seats, 0),
        }
        if told:  # the source's figures are kept apart from those that a person entered
            told["annual_value"] = max((told.get("annual_value") or 0.0) + value, 0.0)
            told["seats"] = max((told.get("seats") or 0) + seats, 0)
            vals["source_values"] = told
        self.write(vals)

    def _success_renewed_at(self, before, after):
        """Correct ``(value, seats)`` of a term that orders renewed, and the next term, unless a person changed them."""
        self.ensure_one()
        if self.outcome not in STAYING or before == after:
            return
        if not self._success_has(("renewed_value", "renewed_seats"), before):
            return
        following = self.next_ids.filtered(lambda term: term.active and term.outcome == "pending")[
            :1
        ]
        added = following._success_added()
        began = (before[0] + added[0], before[1] + added[1])
        # What an order agreed of its next term makes it no generated one, which would follow by itself.
        follows = (
            following._success_of_orders()
            and not following.is_generated
            and not following.activity_ids
            and not following.message_ids.filtered(lambda m: m.message_type in ("comment", "email"))
            and following._success_has(("annual_value", "seats"), began)
        )
        vals = {"renewed_value": after[0], "renewed_seats": after[1]}
        outcome = outcome_of(self._at_end(), after)
        self.write(vals if outcome == self.outcome else {**vals, "outcome": outcome})
        if follows:
            following._success_give(after[0] - before[0], after[1] - before[1])

    def _success_has(self, names, amounts):
        """Return True if the term has this value and these seats in the fields of these names."""
        value, seats = (self[name] for name in names)
        return not self.currency_id.compare_amounts(value, amounts[0]) and seats == amounts[1]

    def _success_added(self):
        """Return the annual value and the seats that orders added to these terms."""
        lines = self.sudo().success_line_ids.filtered(lambda line: line.success_effect == "added")
        return lines._success_sum() or (0.0, 0)

    def _prepare_next_vals(self):
        """Keep what orders have added to a generated term that follows the figures of this one."""
        vals = super()._prepare_next_vals()
        value, seats = self.next_ids.filtered("is_generated")._success_added()
        return {
            **vals,
            "annual_value": (vals["annual_value"] or 0.0) + value,
            "seats": (vals["seats"] or 0) + seats,
        }

    def _date_from(self):
        """Return the first day of the term, or a year before its end if it is not known."""
        self.ensure_one()
        return self.date_start or fields.Date.subtract(self._date_after(), years=1)

    # ------------------------------------------------------------------------------------------
    # Orders that can be read two ways
    # ------------------------------------------------------------------------------------------

    @api.depends(
        "success_line_ids.success_effect",
        "success_line_ids.price_subtotal",
        "success_line_ids.product_uom_qty",
        "success_line_ids.order_id.success_share",
    )
    @api.depends_context("lang")
    def _compute_asked_orders(self):
        for renewal in self:
            lines = renewal.sudo()._success_asked_lines()
            orders = lines.order_id.sorted(lambda order: (order.date_order, order.id))
            said = [
                lines.filtered(lambda line, order=order: line.order_id == order)._success_say()
                for order in orders
            ]
            renewal.asked_orders = ", ".join(said)
            renewal.asked_order = said[0] if said else False
            renewal.asked_order_ref = orders[:1].id
            renewal.asked_later = ", ".join(said[1:])

    @api.depends("success_line_ids.success_effect")
    def _compute_has_asked_orders(self):
        for renewal in self:
            renewal.has_asked_orders = bool(renewal.sudo()._success_asked_lines())

    def _search_has_asked_orders(self, operator, value):
        if operator != "in":
            return NotImplemented
        asked = (
            self.env["sale.order.line"]
            .sudo()
            .search([("success_effect", "=", "asked"), ("success_renewal_id", "!=", False)])
        )
        return [("id", "in" if True in value else "not in", asked.success_renewal_id.ids)]

    def _success_asked_lines(self):
        return self.success_line_ids.filtered(lambda line: line.success_effect == "asked")

    def _success_asked(self):
        """Ask who is in charge whether orders renew the term or add to it, or stop asking if there are none any more."""
        self.ensure_one()
        renewal = self.sudo()
        renewal.invalidate_recordset(["success_line_ids"])
        renewal.activity_unlink([ASK_ACTIVITY])
        user = renewal._success_responsible()
        if renewal._success_asked_lines() and user:
            renewal.activity_schedule(
                ASK_ACTIVITY,
                user_id=user.id,
                note=renewal._success_question(user),
            )

    def _success_asked_anew(self):
        """Say the orders that are asked about as they are now; nobody is asked a second time."""
        for renewal in self.sudo():
            for activity in renewal.activity_search([ASK_ACTIVITY]):
                activity.note = renewal._success_question(activity.user_id)

    def _success_question(self, user):
        """Return what the activity asks, in the language of its user."""
        renewal = self.with_context(lang=user.lang or self.env.lang)
        day = format_date(renewal.env, renewal.date_renewal)
        if renewal.outcome != "pending":
            return renewal.env._(
                "The term that ended on %(day)s is decided, but this looks like the whole of it: %(orders)s. Say if it renewed "
                "the term, or adds to the next one. Until you say so, it changes nothing.",
                day=day,
                orders=renewal.asked_orders,
            )
        return renewal.env._(
            "The term ends on %(day)s, and this looks like the whole of it: %(orders)s. Until you say so, it changes "
            "nothing.",
            day=day,
            orders=renewal.asked_orders,
        )

    def action_orders_renew(self):
        """Renew the term by the oldest order that was asked about."""
        lines = self._success_asked_first()
        renewal = self.sudo()
        renewed = renewal._success_renewed_lines()
        worth = [line._success_worth(renewal.currency_id)[0] for line in lines]
        if None in worth and (renewed or renewal.outcome == "pending"):
            raise UserError(
                self.env._(
                    "There is no exchange rate for %(currency)s: enter it, or record the outcome by hand.",
                    currency=lines.currency_id[:1].name,
                )
            )
        if renewal.outcome == "pending":
            lines._success_renew(renewal)
        elif renewed:
            lines._success_renew_too(renewal)
        else:  # it was renewed or lost without the order, and there is nothing more to do
            lines.success_effect = "decided"
        self._success_asked()
        return True

    def action_orders_add(self):
        """Add the oldest order that was asked about to the term, or to the next one if this one has ended."""
        lines = self._success_asked_first()
        term = self.sudo()
        if term.outcome != "pending":
            term = lines._success_following(term)
            if not term:
                raise UserError(
                    self.env._(
                        "There is no pending term after this one to which the order could be added. Record it, or reopen this "
                        "renewal."
                    )
                )
        if not term._success_of_orders():
            raise UserError(
                self.env._(
                    "The figures of this term come from a contract, and orders do not change them. Change the contract, or say "
                    "that the order renews the term."
                )
            )
        for line in lines:
            line._success_add(term)
        self._success_asked()
        return True

    def _success_asked_first(self):
        """Return the lines of the oldest order that is asked about; refuse it if another one was shown."""
        self.ensure_one()
        self.check_access("write")
        renewal = self.sudo()
        shown = self.env.context.get("success_order_id")
        order_id = renewal.asked_order_ref
        if not order_id or (shown and shown != order_id):
            raise UserError(
                self.env._("Nothing is asked about this order any more. Reload the page.")
            )
        return renewal._success_asked_lines().filtered(lambda line: line.order_id.id == order_id)

    def _success_renewed_lines(self):
        """Return the lines that renewed this term."""
        return self.sudo().success_line_ids.filtered(lambda line: line.success_effect == "renewed")

    def unlink(self):
        """Ask anew about orders that were added to a next term which goes with the outcome that made it."""
        added = [
            (term.previous_id, lines)
            for term in self.sudo().filtered(lambda term: term.is_generated and term.previous_id)
            if (
                lines := term.success_line_ids.filtered(lambda line: line.success_effect == "added")
            )
        ]
        result = super().unlink()
        for before, lines in added:
            if before.exists():
                lines._success_note(before, "asked", 0.0, 0)
                before._success_asked()
        return result

    def write(self, vals):
        """A person who ends a term has answered what its orders were; a job has not, and reopening asks again.

        What the outcome asks anew, of a next term that goes with it, nobody has answered.
        """
        before = (
            {one: one._success_asked_lines() for one in self.sudo()} if "outcome" in vals else {}
        )
        result = super().write(vals)
        for renewal, asked in before.items():
            changed = asked
            if vals["outcome"] == "pending":
                changed = renewal.success_line_ids.filtered(
                    lambda line: line.success_effect in ("decided", "renewed")
                )
                changed._success_note(renewal, "asked", 0.0, 0)
            elif asked and not self.env.su:
                asked.success_effect = "decided"
            if changed:
                renewal._success_asked()
        return result

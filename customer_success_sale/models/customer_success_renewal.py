from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

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

    def _success_of_orders(self):
        """Return True if orders may change the term: it is pending and has no contract as its source."""
        told = (self.source_values or {}).get("model")
        return self.outcome == "pending" and told in (None, "sale.order.line")

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

    def _date_from(self):
        """Return the first day of the term, or a year before its end if it is not known."""
        self.ensure_one()
        return self.date_start or fields.Date.subtract(self._date_after(), years=1)

    # ------------------------------------------------------------------------------------------
    # Orders that can be read two ways
    # ------------------------------------------------------------------------------------------

    @api.depends("success_line_ids.success_effect", "outcome")
    @api.depends_context("lang")
    def _compute_asked_orders(self):
        for renewal in self:
            lines = renewal.sudo()._success_asked_lines()
            renewal.asked_orders = ", ".join(
                self.env._(
                    "%(order)s (%(seats)s, %(value)s)",
                    order=line.order_id.name,
                    seats=renewal._say_seats(line._success_worth()[1]),
                    value=line.currency_id.format(line._success_worth()[0]),
                )
                for line in lines
            )

    @api.depends("success_line_ids.success_effect", "outcome")
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
        found = [("id", "in", asked.success_renewal_id.ids), ("outcome", "=", "pending")]
        return found if True in value else ["!", "&", *found]

    def _success_asked_lines(self):
        return self.success_line_ids.filtered(
            lambda line: line.success_effect == "asked" and self.outcome == "pending"
        )

    def _success_asked(self):
        """Ask who is in charge whether orders renew the term or add to it, or stop asking if there are none any more."""
        self.ensure_one()
        renewal = self.sudo()
        renewal.invalidate_recordset(["success_line_ids", "asked_orders"])
        renewal.activity_unlink([ASK_ACTIVITY])
        user = renewal._success_responsible()
        if renewal.asked_orders and user:
            renewal = renewal.with_context(lang=user.lang or self.env.lang)
            renewal.activity_schedule(
                ASK_ACTIVITY,
                user_id=user.id,
                note=self.env._(
                    "The term ends on %(day)s, and this looks like the whole of it: %(orders)s. Until you say so, it changes "
                    "nothing.",
                    day=format_date(self.env, renewal.date_renewal),
                    orders=renewal.asked_orders,
                ),
            )

    def action_orders_renew(self):
        """Renew the term by the orders that were asked about."""
        lines = self._success_take_asked()
        lines._success_renew(self.sudo())
        return True

    def action_orders_add(self):
        """Add the orders that were asked about to the term."""
        for line in self._success_take_asked():
            line._success_add(self.sudo())
        return True

    def _success_take_asked(self):
        """Return the lines that were asked about, which wait no more."""
        self.ensure_one()
        self.check_access("write")
        lines = self.sudo()._success_asked_lines()
        if not lines:
            raise UserError(
                self.env._("Nothing is asked about this renewal any more. Reload the page.")
            )
        lines.success_effect = False
        self._success_asked()
        return lines

    def write(self, vals):
        """A person who ends a term has answered what its orders were."""
        result = super().write(vals)
        if vals.get("outcome", "pending") != "pending":
            for renewal in self.sudo():
                waiting = renewal.success_line_ids.filtered(
                    lambda line: line.success_effect == "asked"
                )
                if waiting:
                    waiting.success_effect = "decided"
                    renewal._success_asked()
        return result

from odoo import api, fields, models

ASK_FOR_WHOM = "customer_success_sale.mail_activity_type_for_whom"
# The effects of lines on the value of a term
GIVEN = ("opened", "added")


class SaleOrder(models.Model):
    """An order for another customer than the one who buys: its terms stand where the product is used.

    A delivery to another company that is followed as a customer can be read two ways, so it is asked about. Until somebody
    says for whom the order is, it changes nothing. Saying that who buys uses it is an answer, too.
    """

    _inherit = "sale.order"

    success_delivered_to_id = fields.Many2one(
        "res.partner",
        "Delivered To",
        compute="_compute_success_delivered_to_id",
        compute_sudo=True,
        groups="base.group_user",
        help="The followed customer to which this order is delivered although another one buys, as long as nobody has said for "
        "whom it is.",
    )

    @api.depends(
        "partner_id.commercial_partner_id",
        "partner_shipping_id.commercial_partner_id.success_stage_id",
        "date_order",
        "commitment_date",
        "state",
        "success_for_id",
        "order_line.product_id",
        "order_line.success_effect",
    )
    def _compute_success_delivered_to_id(self):
        for order in self:
            place = order.partner_shipping_id.commercial_partner_id
            is_asked = (
                order.state != "cancel"
                and not order.success_for_id
                and place.success_stage_id
                and place != order.partner_id.commercial_partner_id
                and any(
                    line.product_id.success_renews and not line._success_is_over()
                    for line in order.order_line
                )
                and not any(order.order_line.mapped("success_effect"))
            )
            order.success_delivered_to_id = place if is_asked else False

    @api.onchange("partner_id")
    def _onchange_success_for_id(self):
        """Take over for whom the opportunity is, if the same company buys."""
        if found := self._success_for_of_opportunity():
            self.success_for_id = found

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        for order, vals in zip(orders, vals_list, strict=True):
            if "success_for_id" not in vals and (found := order._success_for_of_opportunity()):
                order.success_for_id = found
        return orders

    def write(self, vals):
        if not {"success_for_id", "partner_shipping_id"} & vals.keys():
            return super().write(vals)
        confirmed = self.sudo().filtered(lambda order: order.state == "sale")
        before = {order: order._success_customer() for order in confirmed}
        if "success_for_id" in vals and not self.env.su:
            confirmed._check_success_may_move(vals)
        result = super().write(vals)
        for order in confirmed:
            if order._success_customer() != before[order]:
                order._success_move()
        confirmed.order_line._success_reconcile_pending()
        confirmed._success_ask_for_whom()
        return result

    def _success_for_of_opportunity(self):
        """Return for whom the opportunity of this order is, or none if another company buys."""
        self.ensure_one()
        lead = self.opportunity_id if "opportunity_id" in self._fields else None
        if not lead or not lead.success_for_id:
            return self.env["res.partner"]
        same = lead.partner_id.commercial_partner_id == self.partner_id.commercial_partner_id
        return lead.success_for_id if same else self.env["res.partner"]

    # ------------------------------------------------------------------------------------------
    # Another customer than was said
    # ------------------------------------------------------------------------------------------

    def _check_success_may_move(self, vals):
        """Refuse another customer after the confirmation where the terms could not be moved by hand."""
        moving = self.filtered(
            lambda order: order._success_customer() != order._success_customer_said(vals)
        )
        lines = moving.order_line
        given = lines.filtered(lambda line: line.success_effect in GIVEN)
        given.success_renewal_id._check_may_move()
        renewed = lines.filtered(lambda line: line.success_effect == "renewed")
        renewed.success_renewal_id._check_may_leave()

    def _success_move(self):
        """Move the terms that this order alone has made; undo the effects on others, so that its lines begin anew."""
        self.ensure_one()
        customer, buyer = self._success_customer(), self._success_buyer()
        lines = self.order_line.filtered("success_effect")
        pending = lines._success_pending() if customer.success_stage_id else {}
        for term, its_lines in lines.grouped("success_renewal_id").items():
            key = its_lines[:1]._success_key()
            is_free = customer.success_stage_id and key not in pending
            if is_free and term._success_is_of(self):
                its_lines[:1]._success_try(self._success_move_term, term, customer, buyer)
            else:
                for line in its_lines:
                    line._success_try(line._success_take_back)

    def _success_move_term(self, term, customer, buyer):
        told = {**(term.source_values or {}), "buyer_id": buyer.id}
        term.write({"buyer_id": buyer.id, "source_values": told})
        term._move_to(customer)

    # ------------------------------------------------------------------------------------------
    # The question
    # ------------------------------------------------------------------------------------------

    def action_success_for_delivery(self):
        """Say that the company to which the order is delivered uses what is sold."""
        for order in self.filtered("success_delivered_to_id"):
            order.success_for_id = order.success_delivered_to_id
        return True

    def action_success_for_buyer(self):
        """Say that who buys uses what is sold, wherever it is delivered."""
        for order in self.filtered("success_delivered_to_id"):
            order.success_for_id = order.partner_id.commercial_partner_id
        return True

    def _success_ask_for_whom(self):
        """Ask the salesperson of confirmed orders for whom they are, once, or stop asking if it is clear."""
        for order in self.sudo():
            place = order.success_delivered_to_id
            if not place or order.state != "sale":
                order.activity_unlink([ASK_FOR_WHOM])
            elif not order.activity_search([ASK_FOR_WHOM]):
                user = order.user_id if order.user_id.active else place.success_user_id
                told = order.with_context(lang=user.lang or self.env.lang)
                order.activity_schedule(
                    ASK_FOR_WHOM,
                    user_id=(user or self.env.user).id,
                    note=told.env._(
                        "%(buyer)s buys, and it is delivered to %(place)s, which is followed as a customer. Say on the order who "
                        "uses it. Until you say so, no term is opened.",
                        buyer=order.partner_id.commercial_partner_id.name,
                        place=place.name,
                    ),
                )

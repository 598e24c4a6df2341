from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .common import OrderCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOrders(OrderCase):
    def test_confirming_opens_a_renewal(self):
        order = self._order()
        renewal = self._renewals()
        self.assertEqual(len(renewal), 1)
        self.assertEqual(renewal.date_start, TODAY)
        self.assertEqual(renewal.date_renewal, date(2027, 6, 15))
        self.assertEqual(renewal.date_notice, date(2027, 3, 17))
        self.assertEqual((renewal.annual_value, renewal.seats), (6000, 50))
        self.assertEqual(renewal.source_name, order.name)

    def test_a_quotation_opens_none_nor_does_a_product_that_does_not_renew(self):
        self._order(confirm=False)
        once = self.env["product.product"].create({"name": "Workshop", "type": "service"})
        self._order(product=once)
        self.assertFalse(self._renewals())

    def test_the_price_is_that_of_the_whole_term(self):
        self.product.success_term_months = 24
        self._order(price=240.0)
        self.assertEqual(self._renewals().annual_value, 6000)
        self.assertEqual(self._renewals().date_renewal, date(2028, 6, 15))

    def test_more_of_it_adds_to_the_pending_term(self):
        self._order()
        renewal = self._renewals()
        self._order(quantity=10)
        self.assertEqual(self._renewals(), renewal)
        self.assertEqual((renewal.annual_value, renewal.seats), (7200, 60))
        self.assertEqual(renewal.date_renewal, date(2027, 6, 15))

    def test_more_adds_to_what_a_person_recorded(self):
        ours = self._renewal(self.customer)
        self._order(quantity=10)
        self.assertEqual(self._renewals(), ours)
        self.assertEqual((ours.annual_value, ours.seats), (13200, 110))

    def test_two_lines_of_one_order_are_one_term(self):
        order = self._order(confirm=False)
        order.order_line.copy({"order_id": order.id, "product_uom_qty": 5})
        order.action_confirm()
        self.assertEqual(self._renewals().seats, 55)

    def test_cancelling_takes_back_what_nobody_touched(self):
        order = self._order()
        order._action_cancel()
        self.assertFalse(self._renewals())
        order.action_draft()
        order.action_confirm()
        self.assertEqual(self._renewals().seats, 50)

    def test_cancelling_leaves_what_people_worked_on(self):
        order = self._order()
        renewal = self._renewals()
        renewal.with_user(self.csm).message_post(body="Called them.", message_type="comment")
        order._action_cancel()
        self.assertEqual(self._renewals(), renewal)

    def test_cancelling_more_of_it_takes_only_that_back(self):
        self._order()
        more = self._order(quantity=10)
        more._action_cancel()
        self.assertEqual((self._renewals().annual_value, self._renewals().seats), (6000, 50))

    def test_cancelling_the_first_order_keeps_what_the_second_added(self):
        first = self._order()
        self._order(quantity=10)
        first._action_cancel()
        self.assertEqual((self._renewals().annual_value, self._renewals().seats), (1200, 10))

    def test_a_quantity_changed_later_is_followed(self):
        order = self._order()
        order.order_line.product_uom_qty = 60
        self.assertEqual(self._renewals().seats, 60)
        order.write({"order_line": [Command.create({"product_id": self.product.id})]})
        self.assertEqual(self._renewals().seats, 61)

    def test_a_change_of_another_line_makes_no_old_line_count(self):
        self.product.success_renews = False
        old = self._order(**self._later(2023, 6, 15))
        other = self.env["product.product"].create({"name": "Help", "type": "service"})
        self.product.success_renews = True
        old.sudo().order_line = [Command.create({"product_id": other.id, "price_unit": -100.0})]
        self.assertFalse(self._renewals())
        self._order()
        old.order_line[1:].price_unit = -50.0
        self.assertEqual((self._renewals().seats, len(self._renewals())), (50, 1))

    def test_all_lines_of_an_order_are_brought_up_to_date_once(self):
        order = self._order(confirm=False)
        for _turn in range(4):
            order.order_line[:1].copy({"order_id": order.id})
        order.action_confirm()
        lines = self.env.registry["sale.order.line"]
        with patch.object(
            lines,
            "_success_reconcile_pending",
            autospec=True,
            side_effect=lines._success_reconcile_pending,
        ) as reconcile:
            order.order_line = [
                Command.update(line.id, {"product_uom_qty": 10}) for line in order.order_line
            ]
        self.assertEqual(reconcile.call_count, 1)
        self.assertEqual((self._renewals().seats, self._renewals().annual_value), (50, 6000))

    def test_what_a_person_wrote_is_added_to_and_not_overwritten(self):
        self._order()
        renewal = self._renewals()
        renewal.with_user(self.csm).write(
            {"annual_value": 5000, "value_reason": "A discount that the order does not name"}
        )
        self._order(quantity=10)
        self.assertEqual((renewal.annual_value, renewal.seats), (6200, 60))

    def test_confirming_again_changes_nothing(self):
        order = self._order()
        before = self._renewals().read(["annual_value", "seats", "write_date"])
        order.order_line._success_reconcile_pending()
        self.assertEqual(self._renewals().read(["annual_value", "seats", "write_date"]), before)

    def test_an_order_from_the_end_of_the_term_on_renews_it(self):
        for quantity, outcome in ((50, "renewed"), (70, "expanded"), (20, "contracted")):
            with self.subTest(outcome=outcome):
                customer = self._customer(outcome)
                self._order(customer)
                self._order(customer, quantity=quantity, **self._later(2027, 6, 15))
                ended = self._renewals(customer)[0]
                self.assertEqual((ended.outcome, ended.renewed_seats), (outcome, quantity))
                self.assertEqual(ended.renewed_value, 120 * quantity)

    def test_money_decides_what_a_renewing_order_means(self):
        for quantity, price, outcome in (
            (150, 80.0, "contracted"),
            (80, 150.0, "contracted"),
            (80, 160.0, "expanded"),
            (100, 125.0, "renewed"),
            (120, 100.0, "contracted"),
            (150, 160.0, "expanded"),
            (120, 0.0, "contracted"),
        ):
            with self.subTest(quantity=quantity, price=price):
                customer = self._customer(f"{quantity} {price}")
                self._order(customer, quantity=100, price=122.0)
                self._order(customer, quantity=quantity, price=price, **self._later(2027, 6, 15))
                ended = self._renewals(customer)[0]
                self.assertEqual((ended.outcome, ended.renewed_seats), (outcome, quantity))
                self.assertEqual(ended.renewed_value, quantity * price)

    def test_cancelling_a_renewing_order_opens_the_term_again(self):
        self._order()
        order = self._order(**self._later(2027, 6, 20))
        order._action_cancel()
        self.assertEqual(self._renewals()[0].outcome, "pending")

    def test_an_order_of_a_renewal_opportunity_ends_the_renewal(self):
        self._order()
        renewal = self._renewals()
        lead = self.env["crm.lead"].create(
            {
                "name": "Renewal",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "user_id": self.seller.id,
                "success_renewal_id": renewal.id,
            }
        )
        self._order(quantity=80, opportunity_id=lead.id)
        self.assertEqual((renewal.outcome, renewal.renewed_seats), ("expanded", 80))

    def test_what_a_renewal_does_not_allow_stops_no_order(self):
        left = self._renewal(self.customer)
        left.write({"outcome": "churned"})
        order = self._order()
        self.assertEqual((order.state, self._renewals()), ("sale", left))
        for record in (order, self.customer):
            self.assertIn("overlaps", str(record.sudo().message_ids[:1].body))
        ahead = self._renewal(
            self.customer, date_start=date(2026, 9, 23), date_renewal=date(2027, 9, 23)
        )
        if "opportunity_id" in order._fields:
            lead = self.env["crm.lead"].create(
                {"name": "It", "success_renewal_id": ahead.id, "user_id": self.seller.id}
            )
            early = self._order(opportunity_id=lead.id)
            self.assertEqual((early.state, ahead.outcome), ("sale", "pending"))
            self.assertIn("before the start of the term", str(early.sudo().message_ids[:1].body))

    def test_orders_of_more_count_as_upsells_once(self):
        self._order()
        seen = self.customer.with_user(self.sales)
        self.assertEqual(seen.success_upsell_count, 0, "the first order is none")
        more = self._order(quantity=10)
        lead = self.env["crm.lead"].create(
            {
                "name": "More",
                "type": "opportunity",
                "user_id": self.seller.id,
                "partner_id": self.customer.id,
                "success_kind": "upsell",
            }
        )
        self._order(quantity=5, opportunity_id=lead.id)
        self.env.invalidate_all()
        self.assertEqual(seen.success_upsell_count, 1)
        lead.action_set_won()
        self.env.invalidate_all()
        self.assertEqual(seen.success_upsell_count, 2)
        found = seen.search([("success_upsell_count", "=", 2)])
        self.assertIn(self.customer, found)
        more._action_cancel()
        self.env.invalidate_all()
        self.assertEqual(seen.success_upsell_count, 1)

    def test_who_becomes_a_customer_later_has_renewals_from_then_on(self):
        partner = self.env["res.partner"].create({"name": "Prospect", "is_company": True})
        self._order(partner)
        self.assertFalse(self._renewals(partner))
        partner.with_user(self.manager).success_stage_id = self.stages["discover"]
        self.assertEqual(self._renewals(partner).seats, 50)

    def test_a_term_that_a_contract_speaks_for_is_left_to_it(self):
        order = self._order()
        renewal = self._renewals()
        renewal.source_values = {**renewal.source_values, "model": "contract.line"}
        more = self._order(quantity=10)
        more._action_cancel()
        order._action_cancel()
        self.assertEqual((renewal.annual_value, renewal.seats), (6000, 50))

    def test_an_order_of_a_contact_is_one_of_the_company(self):
        self._order(self._contact(self.customer))
        self.assertEqual(self._renewals().partner_id, self.customer)

    def test_a_currency_without_a_rate_is_not_one(self):
        renewal = self._renewal(self.customer)
        foreign = self.env["res.currency"].create({"name": "ZZZ", "symbol": "Z"})
        prices = self.env["product.pricelist"].create({"name": "Z", "currency_id": foreign.id})
        self._order(quantity=10, pricelist_id=prices.id)
        self.assertEqual((renewal.annual_value, renewal.seats), (12000, 110))
        self.assertIn("there is no exchange rate for ZZZ", renewal.message_ids[0].body)

    def test_another_currency_is_converted_into_that_of_the_renewal(self):
        renewal = self._renewal(self.customer)
        foreign = self.env["res.currency"].create({"name": "ZZZ", "symbol": "Z"})
        self.env["res.currency.rate"].create(
            {"currency_id": foreign.id, "rate": 2.0, "name": "2026-01-01"}
        )
        prices = self.env["product.pricelist"].create({"name": "Z", "currency_id": foreign.id})
        self._order(quantity=10, pricelist_id=prices.id)
        self.assertEqual(renewal.annual_value, 12600)

    def test_each_sees_what_is_theirs(self):
        order = self._order()
        others = self._customer("Others", success_user_id=self.lead_csm.id)
        self._order(others)
        seen = self.env["customer.success.renewal"].with_user(self.csm).search([])
        self.assertIn(self._renewals(), seen)
        self.assertNotIn(self._renewals(others), seen)
        with self.assertRaises(AccessError):
            self._renewals().with_user(self.seller).read(["annual_value"])
        with self.assertRaises(AccessError):
            order.order_line.read(["success_renewal_id"])

    def test_companies_are_kept_apart(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.seller.write({"company_ids": [Command.link(other.id)]})
        self._order()
        self._order(company_id=other.id)
        self.assertEqual(self._renewals().company_id, self.company | other)

    def test_portal_users_see_nothing_of_it(self):
        contact = self._contact(self.customer)
        portal = new_test_user(
            self.env, "test_sale_portal", "base.group_portal", partner_id=contact.id
        )
        order = self._order().with_user(portal)
        self.assertTrue(order.name)
        for name in ("success_renewal_risk", "success_reasons", "success_explanation"):
            with self.subTest(name), self.assertRaises(AccessError):
                order.read([name])

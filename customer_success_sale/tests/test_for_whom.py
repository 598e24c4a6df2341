from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .common import OrderCase


class ForWhomCase(OrderCase):
    """A base class with a reseller that is no customer itself, and an end customer that is followed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reseller = cls.env["res.partner"].create({"name": "Resell Ltd", "is_company": True})
        cls.buying = cls._contact(cls.reseller, "Rita")
        cls.other = cls._customer("Other")

    def _through(self, **vals):
        return self._order(self.buying, success_for_id=self.customer.id, **vals)

    def _entered(self, term, moment):
        term.flush_recordset()
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET create_date = %s WHERE id = %s", [moment, term.id]
        )
        term.invalidate_recordset(["create_date"])

    def _says(self, partner):
        return partner.message_ids.mapped("body")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForWhom(ForWhomCase):
    """An order of a reseller opens, extends and renews the term of the customer who uses the product."""

    def test_the_term_stands_where_the_product_is_used(self):
        self._through()
        term = self._renewals()
        self.assertEqual((term.annual_value, term.seats, term.buyer_id), (6000, 50, self.reseller))
        self.assertFalse(self._renewals(self.reseller))

    def test_without_it_who_orders_is_the_customer(self):
        self._order()
        self.assertFalse(self._renewals().buyer_id)

    def test_a_contact_of_the_end_customer_means_its_company(self):
        order = self._order(self.buying, success_for_id=self._contact(self.customer).id)
        self.assertEqual(order.success_for_id, self.customer)
        self.assertTrue(self._renewals())

    def test_more_through_the_reseller_adds_and_says_who_bought(self):
        self._order()
        self._through(quantity=10)
        term = self._renewals()
        self.assertEqual((term.seats, term.buyer_id.id), (60, False))
        self.assertIn("Resell Ltd", "".join(term.message_ids.mapped("body")))

    def test_an_order_of_the_reseller_renews_it_and_the_next_term_is_bought_there(self):
        self._order()
        term = self._renewals()
        self._through(**self._later(2027, 6, 15))
        self.assertEqual(term.outcome, "renewed")
        self.assertFalse(term.buyer_id)
        self.assertEqual(term.next_ids.buyer_id, self.reseller)
        self.assertEqual(term.next_ids.partner_id, self.customer)

    def test_the_next_term_is_bought_as_this_one(self):
        self._through()
        term = self._renewals()
        term.outcome = "renewed"
        self.assertEqual(term.next_ids.buyer_id, self.reseller)

    def test_cancelling_takes_it_back(self):
        order = self._through()
        order._action_cancel()
        self.assertFalse(self._renewals())

    def test_a_quotation_warns_of_the_risk_of_who_uses_it(self):
        self._usage(self.customer, active=2)
        self._barrier(self.customer, "3")
        self._renewal(self.customer, date_start="2026-04-01", date_renewal="2026-07-10")
        self._rescore(self.customer)
        order = self._through(confirm=False)
        self.assertEqual(order.success_risk_band, self.customer.success_risk_band)
        self.assertTrue(order.success_risk_band)
        found = order.search([("success_risk_band", "=", order.success_risk_band)])
        self.assertIn(order, found)
        own = self._order(self.buying, confirm=False)
        self.assertFalse(own.success_risk_band)
        self.assertNotIn(own, found)

    def test_business_won_counts_for_the_user_once(self):
        self._order()
        order = self._through(quantity=10)
        won = self.env["customer.success.business"].search(
            [("res_id", "=", order.id), ("res_model", "=", "sale.order")]
        )
        self.assertEqual((won.partner_id, won.bought_by_id), (self.customer, self.reseller))

    def test_a_new_customer_gets_the_terms_of_running_orders_for_it(self):
        late = self.env["res.partner"].create({"name": "Late", "is_company": True})
        self._order(self.buying, success_for_id=late.id)
        self.assertFalse(self._renewals(late))
        late.success_stage_id = self.stages["first_use"]
        self.assertEqual(self._renewals(late).buyer_id, self.reseller)

    # -- another customer than was said ---------------------------------------------------------

    def test_a_slip_of_today_moves_the_term(self):
        order = self._through()
        term = self._renewals()
        self._entered(term, f"{TODAY} 09:00:00")
        order.with_user(self.seller).success_for_id = self.other
        self.assertEqual(term.partner_id, self.other)
        self.assertEqual(term.buyer_id, self.reseller)
        self.assertEqual(term.annual_value, 6000)
        self.assertFalse(self._renewals())
        self.assertTrue(any("now that of" in said for said in self._says(self.customer)))
        self.assertTrue(any("now that of" in said for said in self._says(self.other)))
        order._action_cancel()
        self.assertFalse(self._renewals(self.other))

    def test_later_only_a_manager_moves_value_to_another_customer(self):
        """A seller or CSM cannot take value off a customer that is about to leave."""
        order = self._through()
        term = self._renewals()
        with freeze_time(TODAY + timedelta(days=40)):
            csm = new_test_user(
                self.env,
                "csm_who_sells",
                "customer_success.group_success_user_all,sales_team.group_sale_salesman_all_leads",
            )
            for user in (self.seller, csm):
                with self.assertRaisesRegex(UserError, "ask a manager"):
                    order.with_user(user).success_for_id = self.other
            self.assertEqual(term.partner_id, self.customer)
            order.with_user(self.manager).success_for_id = self.other
        self.assertEqual(term.partner_id, self.other)

    def test_a_loss_stays_where_it_was(self):
        order = self._through()
        term = self._renewals()
        term.outcome = "churned"
        for user in (self.seller, self.manager):
            with self.assertRaisesRegex(UserError, "has ended"):
                order.with_user(user).success_for_id = self.other
        self.assertEqual((term.partner_id, term.outcome), (self.customer, "churned"))

    def test_what_was_added_to_the_term_of_another_is_taken_back_and_opens_one(self):
        self._order()
        order = self._through(quantity=10)
        order.with_user(self.manager).success_for_id = self.other
        self.assertEqual(self._renewals().seats, 50)
        self.assertEqual(
            (self._renewals(self.other).seats, self._renewals(self.other).buyer_id),
            (10, self.reseller),
        )

    def test_it_joins_the_term_that_the_right_customer_has(self):
        theirs = self._renewal(self.other)
        order = self._through()
        order.with_user(self.manager).success_for_id = self.other
        self.assertFalse(self._renewals())
        self.assertEqual(theirs.seats, 150)

    def test_what_people_wrote_about_the_term_moves_with_it(self):
        order = self._through()
        term = self._renewals()
        term.message_post(body="They call in autumn", message_type="comment")
        order.with_user(self.manager).success_for_id = self.other
        self.assertEqual(self._renewals(self.other), term)
        self.assertIn("They call in autumn", "".join(term.message_ids.mapped("body")))

    def test_one_value_whoever_buys(self):
        self._through()
        self._renewals().outcome = "churned"
        shown = self.env["customer.success.renewal"].search([("outcome", "=", "churned")])
        self.assertEqual(shown.partner_id & (self.customer | self.reseller), self.customer)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDelivery(ForWhomCase):
    """A delivery to another customer can be read two ways: it is asked about, and changes nothing until it is answered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = cls._contact(cls.customer, "Dock 3")

    def _asked(self, order):
        return order.activity_ids.filtered(
            lambda one: (
                one.activity_type_id
                == self.env.ref("customer_success_sale.mail_activity_type_for_whom")
            )
        )

    def _delivered(self, partner=None, place=None, **vals):
        vals["partner_shipping_id"] = (place or self.site).id
        return self._order(partner or self.buying, **vals)

    def test_it_is_asked_before_and_after_the_confirmation(self):
        order = self._delivered(confirm=False, user_id=self.seller.id)
        self.assertEqual(order.success_delivered_to_id, self.customer)
        self.assertFalse(self._asked(order))
        order.action_confirm()
        self.assertEqual(self._asked(order).user_id, self.seller)
        self.assertFalse(self._renewals() | self._renewals(self.reseller))

    def test_who_gets_it_uses_it(self):
        order = self._delivered()
        order.with_user(self.seller).action_success_for_delivery()
        self.assertEqual(self._renewals().buyer_id, self.reseller)
        self.assertFalse(self._asked(order) or order.success_delivered_to_id)

    def test_who_buys_uses_it(self):
        self.reseller.success_stage_id = self.stages["first_use"]
        order = self._delivered()
        self.assertFalse(self._renewals(self.reseller))
        order.with_user(self.seller).action_success_for_buyer()
        self.assertFalse(self._renewals())
        self.assertEqual(self._renewals(self.reseller).seats, 50)
        self.assertFalse(self._renewals(self.reseller).buyer_id)
        self.assertFalse(self._asked(order))

    def test_an_answer_in_the_quotation_needs_no_question(self):
        order = self._delivered(confirm=False)
        order.action_success_for_delivery()
        order.action_confirm()
        self.assertFalse(self._asked(order))
        self.assertTrue(self._renewals())

    def test_an_address_that_is_corrected_ends_the_question(self):
        order = self._delivered(partner=self.other)
        order.partner_shipping_id = self.other
        self.assertFalse(self._asked(order))
        self.assertEqual(self._renewals(self.other).seats, 50)

    def test_a_cancelled_order_asks_no_more(self):
        order = self._delivered()
        order._action_cancel()
        self.assertFalse(self._asked(order))

    def test_another_address_later_moves_nothing(self):
        order = self._order(self.other)
        order.partner_shipping_id = self.site
        self.assertFalse(self._asked(order))
        self.assertEqual(self._renewals(self.other).seats, 50)

    def test_innocents_are_not_asked(self):
        """Another site of the same company, a forwarder that nobody follows, and what renews nothing."""
        own_site = self._contact(self.other, "Own Site")
        forwarder = self.env["res.partner"].create({"name": "Cargo", "is_company": True})
        once = self.env["product.product"].create({"name": "Workshop", "type": "service"})
        for place, product in ((own_site, None), (forwarder, None), (self.site, once)):
            order = self._delivered(partner=self.other, place=place, product=product)
            self.assertFalse(order.success_delivered_to_id, place.name)
            self.assertFalse(self._asked(order), place.name)
        self.assertEqual(self._renewals(self.other).seats, 100)

    def test_innocent_an_order_whose_term_is_over(self):
        order = self._delivered(**self._later(2024, 1, 1))
        self.assertFalse(order.success_delivered_to_id or self._asked(order))

    def test_a_subsidiary_orders_for_its_parent(self):
        daughter = self._customer("Acme South", parent_id=self.customer.id)
        self._order(daughter, success_for_id=self.customer.id)
        self.assertEqual(self._renewals().buyer_id, daughter)
        self.assertFalse(self._renewals(daughter))

    def test_a_delivery_company_that_is_followed_later_is_asked_about(self):
        new = self.env["res.partner"].create({"name": "New", "is_company": True})
        order = self._delivered(place=new)
        self.assertFalse(self._asked(order))
        new.success_stage_id = self.stages["first_use"]
        self.assertTrue(self._asked(order))

    def test_the_form_takes_it_from_a_person(self):
        with Form(self.env["sale.order"].with_user(self.seller)) as form:
            form.partner_id = self.buying
            with form.order_line.new() as line:
                line.product_id = self.product
                line.product_uom_qty = 5
            form.success_for_id = self.customer
        form.record.action_confirm()
        self.assertEqual(self._renewals().seats, 5)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForWhomOfOpportunities(ForWhomCase):
    def setUp(self):
        super().setUp()
        if "opportunity_id" not in self.env["sale.order"]._fields:
            self.skipTest("sale_crm is not installed")

    def test_an_order_is_for_whom_its_opportunity_is(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "More",
                "type": "opportunity",
                "user_id": self.seller.id,
                "partner_id": self.buying.id,
                "success_for_id": self.customer.id,
            }
        )
        self._order(self.reseller, opportunity_id=lead.id)
        self.assertEqual(self._renewals().buyer_id, self.reseller)
        theirs = self._order(self.other, opportunity_id=lead.id, confirm=False)
        self.assertFalse(theirs.success_for_id)

    def test_the_order_of_a_renewal_opportunity_renews_the_term(self):
        term = self._renewal(self.customer, seats=50, annual_value=6000, buyer_id=self.reseller.id)
        term._open_leads()
        lead = term.lead_id
        self.assertEqual((lead.partner_id, lead.success_for_id), (self.reseller, self.customer))
        self._order(self.reseller, opportunity_id=lead.id)
        self.assertEqual(term.outcome, "renewed")
        self.assertEqual(term.next_ids.buyer_id, self.reseller)

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import OrderCase

NEAR = "2026-11-20"


@tagged("post_install", "-at_install")
@freeze_time(NEAR)
class TestQuestions(OrderCase):
    """An order near the end of a term that looks like the whole of it is asked about, before it changes anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.success_user_id = cls.csm
        cls.product.list_price = 1_000  # another quantity reads the price anew
        cls.term = cls._renewal(
            cls.customer,
            product_id=cls.product.id,
            date_start="2025-12-28",
            date_renewal="2026-12-27",
            seats=10,
            annual_value=10_000,
        )

    def _figures(self):
        return self.term.outcome, self.term.seats, self.term.annual_value

    def _again(self, quantity=10, price=1_000.0, **vals):
        return self._order(quantity=quantity, price=price, **vals)

    def _asked(self):
        return self.term.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref("customer_success_sale.mail_activity_type_order")
            )
        )

    def test_it_changes_nothing_and_the_csm_is_asked(self):
        order = self._again()
        self.assertEqual(self._figures(), ("pending", 10, 10_000))
        self.assertEqual(self._renewals(), self.term)
        self.assertEqual(self._asked().user_id, self.csm)
        term = self.term.with_user(self.csm)
        self.assertIn(order.name, term.asked_orders)
        self.assertIn("10 seats", term.asked_orders)
        found = term.search([("has_asked_orders", "=", True)])
        self.assertEqual(found, term)

    def test_use_above_the_licences_names_the_order(self):
        self.env["customer.success.usage"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "product_id": self.product.id,
                    "source": "measured",
                    "date": f"2026-{month:02}-01",
                    "active_users": 18,
                }
                for month in (7, 8, 9, 10)
            ]
        )
        self.env["customer.success.score"]._rescore(self.customer)
        term = self.term.with_user(self.csm)
        self.assertEqual((term.users_over, term.true_up), (8, 8_000))
        self.assertNotIn("ordered already", term.overuse_said)
        order = self._again()
        term.invalidate_recordset()
        self.assertIn(
            f"Seats may be ordered already. Decide first on the order: {order.name}",
            term.overuse_said,
        )
        term.action_orders_add()
        self.env["customer.success.score"]._rescore(self.customer)
        self.assertFalse(term.overuse_said)

    def test_it_renews(self):
        self._again(price=1_100.0)
        self.term.with_user(self.csm).action_orders_renew()
        self.assertIn(self.term.outcome, ("renewed", "expanded"))
        self.assertEqual((self.term.renewed_value, self.term.renewed_seats), (11_000, 10))
        self.assertEqual((self.term.seats, self.term.annual_value), (10, 10_000))
        following = self._renewals() - self.term
        self.assertEqual((following.seats, following.annual_value), (10, 11_000))
        self.assertFalse(self._asked())
        self.assertFalse(self.term.asked_orders)

    def test_it_adds(self):
        self._again()
        self.term.with_user(self.csm).action_orders_add()
        self.assertEqual(self._figures(), ("pending", 20, 20_000))
        self.assertFalse(self._asked())
        with self.assertRaisesRegex(UserError, "Reload"):
            self.term.with_user(self.csm).action_orders_add()

    def test_a_cancelled_order_is_asked_about_no_more(self):
        order = self._again()
        order._action_cancel()
        self.assertFalse(self._asked())
        self.assertFalse(self.term.asked_orders)
        self.assertEqual(self._figures(), ("pending", 10, 10_000))

    def test_a_person_who_ends_the_term_has_answered(self):
        order = self._again()
        self.term.with_user(self.csm).write(
            {"outcome": "renewed", "renewed_value": 10_000, "renewed_seats": 10}
        )
        self.assertFalse(self._asked())
        order._action_cancel()
        self.assertEqual(self.term.outcome, "renewed")

    def test_a_changed_quantity_is_asked_about_as_it_is_now(self):
        order = self._again()
        order.order_line.product_uom_qty = 12
        self.assertEqual(self._figures(), ("pending", 10, 10_000))
        self.term.with_user(self.csm).action_orders_renew()
        self.assertEqual(self.term.renewed_seats, 12)

    def test_a_salesperson_and_another_csm_do_not_decide(self):
        self._again()
        for user in (
            self.seller,
            new_test_user(self.env, "other", groups="customer_success.group_success_user"),
        ):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.term.with_user(user).action_orders_renew()

    def _lines(self, *quantities, **vals):
        """Confirm one order with a line of each quantity."""
        order = self._order(quantity=quantities[0], price=1_000.0, confirm=False, **vals)
        for quantity in quantities[1:]:
            order.order_line[:1].copy({"order_id": order.id, "product_uom_qty": quantity})
        order.action_confirm()
        return order

    def test_the_lines_of_an_order_are_one_purchase(self):
        for quantities in ((4, 3, 3), (6, 4), (1,) * 10):
            with self.subTest(quantities), self.cr.savepoint() as savepoint:
                self._lines(*quantities)
                self.assertEqual(self._figures(), ("pending", 10, 10_000))
                self.term.with_user(self.csm).action_orders_renew()
                self.assertEqual((self.term.outcome, self.term.renewed_seats), ("renewed", 10))
                savepoint.rollback()

    def test_a_line_that_comes_later_is_part_of_the_question(self):
        for first, later in ((6, 4), (4, 6)):
            with self.subTest(first=first), self.cr.savepoint() as savepoint:
                order = self._lines(first)
                order.order_line.copy({"order_id": order.id, "product_uom_qty": later})
                self.assertEqual(self._figures(), ("pending", 10, 10_000))
                self.term.with_user(self.csm).action_orders_renew()
                self.assertEqual((self.term.outcome, self.term.renewed_seats), ("renewed", 10))
                savepoint.rollback()

    def test_innocent_one_more_line_of_an_order_that_a_person_added(self):
        order = self._again()
        self.term.with_user(self.csm).action_orders_add()
        order.order_line.copy({"order_id": order.id, "product_uom_qty": 1})
        self.assertEqual(self._figures(), ("pending", 21, 21_000))
        self.assertFalse(self._asked())

    def test_a_few_seats_that_become_the_whole_are_asked_about(self):
        for position in (0, 1):
            with self.subTest(position), self.cr.savepoint() as savepoint:
                order = self._lines(2, 2)
                self.assertEqual(self.term.seats, 14)
                order.order_line[position].product_uom_qty = 8
                self.assertEqual(self._figures(), ("pending", 10, 10_000))
                self.term.with_user(self.csm).action_orders_renew()
                self.assertEqual((self.term.outcome, self.term.renewed_seats), ("renewed", 10))
                savepoint.rollback()

    def test_innocent_what_a_person_added_becomes_more(self):
        order = self._again(quantity=6)
        self.term.with_user(self.csm).action_orders_add()
        order.order_line.product_uom_qty = 9
        self.assertEqual(self._figures(), ("pending", 19, 19_000))
        self.assertFalse(self._asked())

    def test_innocent_two_small_lines_are_added(self):
        self._lines(2, 2)
        self.assertEqual(self._figures(), ("pending", 14, 14_000))
        self.assertFalse(self._asked())

    def test_reopening_asks_again(self):
        order = self._again()
        self.term.with_user(self.csm).write(
            {"outcome": "renewed", "renewed_value": 10_000, "renewed_seats": 10}
        )
        order.order_line.product_uom_qty = 11
        self.assertEqual((self.term.renewed_seats, self.term.seats), (10, 10))
        self.term.with_user(self.csm).action_reopen()
        order.order_line.product_uom_qty = 12
        self.assertEqual(self._figures(), ("pending", 10, 10_000))
        self.assertEqual(self._asked().user_id, self.csm)
        self.term.with_user(self.csm).action_orders_renew()
        self.assertEqual((self.term.outcome, self.term.renewed_seats), ("expanded", 12))

    def test_reopening_asks_again_about_an_order_that_renewed(self):
        order = self._again()
        self.term.with_user(self.csm).action_orders_renew()
        self.term.with_user(self.csm).action_reopen()
        order.order_line.product_uom_qty = 12
        self.assertEqual(self._figures(), ("pending", 10, 10_000))
        self.assertIn("12 seats", self._asked().note)

    def _ended_by_the_job(self):
        self.term.write({"outcome": "renewed", "renewed_itself": True})
        self.assertEqual(self.term.next_ids.seats, 10)
        return self.term.with_user(self.csm)

    def test_a_job_does_not_answer(self):
        order = self._again(price=1_100.0)
        self.term.write(
            {"auto_renew": True, "notice_period": 1, "notice_unit": "months", "notice_to": False}
        )
        with freeze_time("2026-12-28"), self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_renew_themselves").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.term.outcome, "renewed")
        term = self.term.with_user(self.csm)
        self.assertIn(order.name, term.asked_order)
        self.assertIn("adds to the next one", self._asked().note)
        self.assertEqual(term.search([("has_asked_orders", "=", True)]), term)
        self.assertNotIn(term, term.search([("has_asked_orders", "=", False)]))

    def test_it_renewed_what_a_job_renewed(self):
        self._again()
        term = self._ended_by_the_job()
        term.action_orders_renew()
        self.assertEqual((term.outcome, term.renewed_seats), ("renewed", 10))
        self.assertEqual(term.next_ids.seats, 10)
        self.assertFalse(self._asked() or term.asked_orders)

    def test_it_adds_to_the_term_after_the_one_that_a_job_renewed(self):
        order = self._again()
        term = self._ended_by_the_job()
        term.action_orders_add()
        self.assertEqual((term.seats, term.renewed_seats, term.next_ids.seats), (10, 10, 20))
        self.assertFalse(self._asked() or term.asked_orders)
        order.order_line.product_uom_qty = 5
        self.assertEqual((term.next_ids.seats, term.next_ids.annual_value), (15, 15_000))
        term.write({"renewed_value": 10_500, "outcome": "expanded"})
        self.assertEqual((term.next_ids.seats, term.next_ids.annual_value), (15, 15_500))

    def test_what_was_added_to_a_next_term_is_asked_anew_when_that_one_goes(self):
        order = self._again()
        term = self._ended_by_the_job()
        term.action_orders_add()
        self.assertEqual(term.next_ids.seats, 20)
        term.action_reopen()
        self.assertFalse(term.next_ids)
        self.assertEqual(self._figures(), ("pending", 10, 10_000))
        self.assertIn(order.name, term.asked_orders)
        self.assertEqual(self._asked().user_id, self.csm)
        term.action_orders_add()
        self.assertEqual(self._figures(), ("pending", 20, 20_000))

    def test_what_was_added_to_a_next_term_is_asked_anew_when_they_leave(self):
        order = self._again()
        term = self._ended_by_the_job()
        term.action_orders_add()
        term.write({"outcome": "churned", "renewed_value": 0, "renewed_seats": 0})
        self.assertFalse(term.next_ids)
        self.assertIn(order.name, term.asked_orders)
        self.assertEqual(order.sudo().order_line.success_effect, "asked")

    def test_innocent_a_next_term_that_stays_keeps_what_was_added(self):
        self._again()
        term = self._ended_by_the_job()
        term.action_orders_add()
        following = term.next_ids
        following.with_user(self.csm).seats = 25
        term.action_reopen()
        self.assertTrue(following.exists())
        self.assertFalse(term.asked_orders)

    def test_nothing_to_add_to(self):
        self._again()
        self.term.write({"outcome": "churned"})
        term = self.term.with_user(self.csm)
        with self.assertRaisesRegex(UserError, "no pending term"):
            term.action_orders_add()
        self.assertTrue(term.asked_orders)

    def _foreign(self):
        foreign = self.env["res.currency"].create({"name": "ZZZ", "symbol": "Z"})
        return self.env["product.pricelist"].create({"name": "Z", "currency_id": foreign.id})

    def test_without_a_rate_the_question_stays(self):
        order = self._again(pricelist_id=self._foreign().id)
        term = self.term.with_user(self.csm)
        with self.assertRaisesRegex(UserError, "no exchange rate for ZZZ"):
            term.action_orders_renew()
        self.assertIn(order.name, term.asked_orders)
        self.assertTrue(self._asked())

    def test_an_order_after_the_end_without_a_rate_is_not_added_to_the_next_term(self):
        order = self._again(pricelist_id=self._foreign().id, **self._later(2026, 12, 28))
        self.assertTrue(self._asked())
        self.term.with_user(self.csm).outcome = "renewed"
        order.order_line.product_uom_qty = 11
        self.assertEqual(self.term.next_ids.seats, 10)

    def test_the_term_has_become_a_contract_s(self):
        self._again()
        self.term.source_values = {"model": "contract.line"}
        term = self.term.with_user(self.csm)
        with self.assertRaisesRegex(UserError, "Change the contract"):
            term.action_orders_add()
        self.assertTrue(self._asked() and term.asked_orders)

    def test_one_order_renews_and_the_other_adds(self):
        first, second = self._again(), self._again(quantity=5)
        term = self.term.with_user(self.csm)
        self.assertIn(first.name, term.asked_order)
        self.assertIn(second.name, term.asked_later)
        shown = term.with_context(success_order_id=term.asked_order_ref)
        shown.action_orders_renew()
        self.assertEqual((term.outcome, term.renewed_seats), ("renewed", 10))
        with self.assertRaisesRegex(UserError, "Reload"):
            shown.action_orders_renew()
        self.assertIn(second.name, term.asked_order)
        self.assertIn(second.name, self._asked().note)
        term.action_orders_add()
        self.assertEqual((term.renewed_seats, term.next_ids.seats), (10, 15))
        self.assertFalse(self._asked() or term.asked_orders)

    def test_two_orders_renew_together(self):
        self._again(quantity=5)
        self._again(quantity=6)
        term = self.term.with_user(self.csm)
        term.action_orders_renew()
        self.assertEqual((term.outcome, term.next_ids.seats), ("contracted", 5))
        term.action_orders_renew()
        self.assertEqual((term.outcome, term.renewed_value), ("expanded", 11_000))
        self.assertEqual((term.next_ids.seats, term.next_ids.annual_value), (11, 11_000))

    def test_one_order_adds_and_the_other_renews(self):
        self._again(quantity=5)
        self._again(quantity=15)
        term = self.term.with_user(self.csm)
        term.action_orders_add()
        self.assertEqual((term.outcome, term.seats), ("pending", 15))
        term.action_orders_renew()
        self.assertEqual((term.outcome, term.renewed_seats), ("renewed", 15))

    def test_the_activity_says_the_quantity_of_now(self):
        order = self._again()
        activity = self._asked()
        order.order_line.product_uom_qty = 12
        self.assertEqual(self._asked(), activity)
        self.assertIn("12 seats", activity.note)
        self.assertIn("12 seats", self.term.with_user(self.csm).asked_order)

    def _take_off(self, order, percentage=0.3):
        wizard = self.env["sale.order.discount"].create(
            {
                "sale_order_id": order.id,
                "discount_type": "so_discount",
                "discount_percentage": percentage,
            }
        )
        wizard.action_apply_discount()

    def test_a_late_discount_of_an_order_that_renewed(self):
        for vals in ({}, {"success_auto_renew": "yes"}):
            with self.subTest(vals), self.cr.savepoint() as savepoint:
                order = self._again(**self._later(2026, 12, 28), **vals)
                self.assertEqual((self.term.outcome, self.term.renewed_value), ("renewed", 10_000))
                self._take_off(order)
                self.assertEqual(
                    (self.term.outcome, self.term.renewed_value), ("contracted", 7_000)
                )
                self.assertEqual(self.term.next_ids.annual_value, 7_000)
                savepoint.rollback()

    def test_a_changed_quantity_of_an_order_that_renewed(self):
        order = self._again()
        term = self.term.with_user(self.csm)
        term.action_orders_renew()
        order.order_line.product_uom_qty = 12
        self.assertEqual((term.outcome, term.renewed_seats), ("expanded", 12))
        self.assertEqual((term.next_ids.seats, term.next_ids.annual_value), (12, 12_000))

    def test_one_of_two_lines_that_renewed_is_taken_off(self):
        order = self._lines(6, 4)
        term = self.term.with_user(self.csm)
        term.action_orders_renew()
        order.order_line[1].product_uom_qty = 0
        self.assertEqual((term.outcome, term.renewed_seats), ("contracted", 6))
        self.assertEqual(term.next_ids.annual_value, 6_000)

    def test_innocent_what_a_person_said_of_the_renewal_stays(self):
        order = self._again()
        term = self.term.with_user(self.csm)
        term.action_orders_renew()
        term.write({"renewed_value": 9_000, "outcome": "contracted"})
        self._take_off(order)
        self.assertEqual((term.outcome, term.renewed_value), ("contracted", 9_000))

    def test_innocent_a_next_term_that_a_person_works_on_stays(self):
        order = self._again()
        term = self.term.with_user(self.csm)
        term.action_orders_renew()
        term.next_ids.annual_value = 10_500
        self._take_off(order)
        self.assertEqual((term.renewed_value, term.next_ids.annual_value), (7_000, 10_500))

    # -- innocents ------------------------------------------------------------------------------

    def test_innocent_a_few_more_seats_are_added(self):
        self._again(quantity=2)
        self.assertEqual(self._figures(), ("pending", 12, 12_000))

    @freeze_time("2026-06-15")
    def test_innocent_twice_the_seats_in_mid_term_are_added(self):
        self._again()
        self.assertEqual(self._figures(), ("pending", 20, 20_000))

    def test_innocent_an_order_after_the_end_renews(self):
        self._again(**self._later(2026, 12, 28))
        self.assertEqual(self.term.outcome, "renewed")

    def test_innocent_more_of_a_monthly_term_in_its_middle_is_added(self):
        self.term.write({"date_start": "2026-11-05", "date_renewal": "2026-12-04"})
        self._again()
        self.assertEqual(self.term.seats, 20)

    def test_innocent_another_product_opens_its_own_term(self):
        other = self.env["product.product"].create(
            {"name": "Another", "type": "service", "success_renews": True}
        )
        self._again(product=other)
        self.assertEqual(self._figures(), ("pending", 10, 10_000))
        self.assertEqual(len(self._renewals()), 2)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15")
class TestShares(OrderCase):
    """A term is worth its share of what the order costs."""

    def _sold(self, *lines, **vals):
        """Confirm an order with these lines, ``(product or None, quantity, price)``; return the annual value of the term."""
        discount = self.env["product.product"].create(
            {"name": "Discount", "type": "service", "taxes_id": [Command.clear()]}
        )
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": (product or discount).id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for product, quantity, price in lines
                    ],
                }
            )
        )
        order.action_confirm()
        return order, self._renewals().filtered(lambda term: term.product_id == self.product)

    def test_a_discount_as_a_line_of_its_own(self):
        _order, term = self._sold((self.product, 10, 1_000), (None, 1, -3_000))
        self.assertEqual((term.annual_value, term.seats), (7_000, 10))

    def test_it_is_shared_with_what_is_sold_once(self):
        once = self.env["product.product"].create({"name": "Training", "type": "service"})
        _order, term = self._sold((self.product, 10, 1_000), (once, 1, 10_000), (None, 1, -4_000))
        self.assertEqual(term.annual_value, 8_000)

    def test_rounding_and_a_voucher_add_up(self):
        _order, term = self._sold((self.product, 10, 1_000), (None, 1, -0.01), (None, 1, -999.99))
        self.assertEqual(term.annual_value, 9_000)

    def test_a_discount_by_odoo_s_own_dialog(self):
        order = self._order(quantity=10, price=1_000.0, confirm=False)
        wizard = self.env["sale.order.discount"].create(
            {
                "sale_order_id": order.id,
                "discount_type": "so_discount",
                "discount_percentage": 0.3,
            }
        )
        wizard.action_apply_discount()
        order.action_confirm()
        self.assertEqual(self._renewals().annual_value, 7_000)

    def test_a_discount_that_comes_after_the_confirmation_counts(self):
        order, term = self._sold((self.product, 10, 1_000))
        order.order_line.copy(
            {"order_id": order.id, "product_uom_qty": 1, "price_unit": -1_000, "name": "Late"}
        ).product_id = self.env["product.product"].create({"name": "Late", "type": "service"})
        self.assertEqual(term.annual_value, 9_000)

    def test_sections_and_notes_cost_nothing(self):
        order = self._order(quantity=10, price=1_000.0, confirm=False)
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "Year 1"}),
            Command.create({"display_type": "line_note", "name": "A note"}),
        ]
        order.action_confirm()
        self.assertEqual(self._renewals().annual_value, 10_000)

    def test_a_down_payment_takes_nothing_off(self):
        order = self._order(quantity=10, price=1_000.0)
        self.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "is_downpayment": True,
                "product_uom_qty": 0,
                "price_unit": -2_000,
                "name": "Down payment",
            }
        )
        self.assertEqual(self._renewals().annual_value, 10_000)

    def test_cheat_a_discount_above_the_price_is_worth_nothing_not_less(self):
        _order, term = self._sold((self.product, 10, 1_000), (None, 1, -30_000))
        self.assertEqual(term.annual_value, 0)

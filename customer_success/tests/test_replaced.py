from datetime import date, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY
from .test_revenue import RevenueCase

CHANGE = date(2026, 6, 1)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReplaced(RevenueCase):
    """A product that another one takes the place of is no loss: the money of the two is compared."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Swap")
        cls.old = cls._term(cls.customer, "2025-06-01", str(CHANGE), 10000)
        cls.new = cls._came("2026-06-01", 12000)

    @classmethod
    def _came(cls, start, value, product=None, customer=None, **vals):
        end = date.fromisoformat(start).replace(year=date.fromisoformat(start).year + 1)
        return cls._renewal(
            customer or cls.customer,
            value,
            product_id=(product or cls.analytics).id,
            date_start=start,
            date_renewal=end,
            seats=0,
            **vals,
        )

    def _dialog(self, outcome="churned", term=None, user=None):
        dialogs = self.env["customer.success.renewal.end"].with_user(user or self.csm)
        term = term or self.old
        return Form(dialogs.with_context(default_renewal_id=term.id, default_outcome=outcome))

    def _replace(self, term=None, came=None):
        with self._dialog(term=term) as form:
            form.replaced_by_id = came or self.new
        form.record.action_end()

    def _row(self, term=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.env["customer.success.retention"]
            .with_user(self.manager)
            .browse((term or self.old).id)
        )

    def _asked(self):
        return (
            self.env["customer.success.renewal"]
            .with_user(self.csm)
            .search([("maybe_replaced", "=", True), ("partner_id", "=", self.customer.id)])
        )

    # ------------------------------------------------------------------------------------------
    # The dialog asks, and what follows
    # ------------------------------------------------------------------------------------------

    def test_10_000_lost_and_12_000_that_take_its_place_are_100_and_120_percent(self):
        self._replace()
        row = self._row()
        self.assertEqual((row.gross_retention, row.net_retention), (100, 120))
        self.assertFalse(row.loss)
        self.assertEqual((row.outcome, row.value_gained, row.value_churned), ("expanded", 2000, 0))
        self.assertEqual(self.new.previous_id, self.old)
        self.assertEqual(self.old.next_ids, self.new, "no other next term was created")
        self.assertEqual(self._year(self.customer), (10000, 10000, 12000, 100.0, 120.0))
        self.assertEqual(
            self._moves(self.customer),
            {"2025-06": {"new_value": 10000}, "2026-06": {"expansion": 2000}},
        )

    def test_the_dialog_proposes_it_and_asks(self):
        form = self._dialog()
        self.assertIn("Analytics begins on 06/01/2026", form.replaced_text)
        self.assertIn("12,000.00", form.replaced_text)
        record = form.save()
        with self.assertRaisesRegex(ValidationError, "two different things"), self.cr.savepoint():
            record.action_end()
        self.assertEqual(self.old.outcome, "pending")
        form = self._dialog()
        form.replaced_by_id = self.new
        self.assertEqual(
            (form.outcome, form.renewed_value, form.renewed_seats), ("expanded", 12000, 100)
        )

    def test_two_different_things_are_a_loss(self):
        reason = self.env["customer.success.renewal.reason"].search(
            [("outcome", "=", "churned")], limit=1
        )
        with self._dialog() as form:
            form.is_not_replaced = True
            form.reason_id = reason
        form.record.action_end()
        row = self._row()
        self.assertEqual((row.outcome, row.loss, row.gross_retention), ("churned", "product", 0))
        self.assertFalse(self._asked())

    def test_what_nobody_was_asked_about_is_listed_and_corrected(self):
        self.old.with_user(self.csm).outcome = "churned"
        self.assertEqual(self._asked(), self.old)
        self.assertTrue(self.old.maybe_replaced)
        self._replace()
        self.assertFalse(self._asked())
        self.assertEqual(self._row().net_retention, 120)
        self.assertFalse(self.customer.success_former_date)

    def test_taken_back_it_is_as_before(self):
        self._replace()
        self.old.with_user(self.csm).action_reopen()
        self.assertFalse(self.old.replaced_by_id or self.new.previous_id)
        self.assertTrue(self.new.exists())
        self.old.write({"outcome": "renewed"})
        self.assertNotIn(self.new, self.old.next_ids)

    def test_less_and_the_same_money(self):
        for value, outcome, gross, net in (
            (7000, "contracted", 70, 70),
            (10000, "renewed", 100, 100),
        ):
            customer = self._customer(outcome)
            old = self._term(customer, "2025-06-01", str(CHANGE), 10000)
            came = self._came("2026-06-01", value, customer=customer)
            old.replaced_by_id = came
            with self.subTest(outcome=outcome):
                self.assertEqual(old.outcome, outcome)
                row = self._row(old)
                self.assertEqual((row.gross_retention, row.net_retention), (gross, net))
                self.assertEqual(self._year(customer)[3:], (gross, net))

    def test_earlier_terms_of_the_product_are_read_with_it(self):
        customer = self._customer("Long")
        chain = self._chain(
            customer,
            ("2023-01-01", "2024-01-01", 8000, "expanded", 9000),
            ("2024-01-01", "2026-01-01", 9000, "pending"),
        )
        came = self._came("2026-01-01", 9500, customer=customer)
        chain[1].replaced_by_id = came
        self.assertEqual(self._year(customer), (9000, 9000, 9500, 100.0, 105.6))

    def test_a_product_that_is_bought_again_later_is_one_of_its_own(self):
        customer = self._customer("Again")
        old = self._term(customer, "2023-01-01", "2024-01-01", 5000)
        came = self._came("2024-01-01", 6000, customer=customer)
        came.date_renewal = "2027-01-01"
        old.replaced_by_id = came
        self._term(customer, "2026-01-01", "2027-01-01", 1000)
        self._flush()
        rows = self.bridge.search([("partner_id", "=", customer.id), ("month", "=", "2026-06-01")])
        self.assertEqual({*rows.product_id.mapped("name")}, {"Analytics", "Planner"})

    def test_a_is_replaced_by_b_and_b_by_c(self):
        third = self.env["product.product"].create({"name": "Third"})
        customer = self._customer("Twice")
        one = self._term(customer, "2024-06-01", "2025-06-01", 1000)
        two = self._came("2025-06-01", 1100, customer=customer)
        three = self._came("2026-06-01", 1200, third, customer)
        one.replaced_by_id = two
        two.replaced_by_id = three
        self.assertEqual(self._year(customer), (1100, 1100, 1200, 100.0, 109.1))
        self.assertEqual(
            self._moves(customer),
            {
                "2024-06": {"new_value": 1000},
                "2025-06": {"expansion": 100},
                "2026-06": {"expansion": 100},
            },
        )
        self._flush()
        rows = self.bridge.search([("partner_id", "=", customer.id)])
        self.assertEqual(rows.product_id, third)

    def test_two_products_that_one_takes_the_place_of_share_its_value(self):
        second = self.env["product.product"].create({"name": "Second"})
        other = self._term(self.customer, "2025-06-01", str(CHANGE), 5000, product_id=second.id)
        self.old.replaced_by_id = self.new
        self.assertEqual(self.old.renewed_value, 12000)
        other.replaced_by_id = self.new
        self.assertEqual((self.old.renewed_value, other.renewed_value), (8000, 4000))
        self.assertEqual((self.old.outcome, other.outcome), ("contracted", "contracted"))
        self.assertEqual(self._year(self.customer), (15000, 12000, 12000, 80.0, 80.0))
        other.with_user(self.csm).action_reopen()
        self.assertEqual(self.new.previous_id, self.old)

    def test_another_currency_is_compared_at_the_rate_of_the_day(self):
        currency = self.env["res.currency"].create({"name": "QQS", "symbol": "s"})
        with self.assertRaisesRegex(UserError, "exchange rate"), self.cr.savepoint():
            self.new.currency_id = currency
            self.old.replaced_by_id = self.new
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2025-01-01", "rate": 2, "company_id": False}
        )
        self.new.write({"currency_id": currency.id, "annual_value": 24000})
        self.old.replaced_by_id = self.new
        self.assertEqual((self.old.outcome, self.old.renewed_value), ("expanded", 12000))

    # ------------------------------------------------------------------------------------------
    # The term that came goes, or becomes another one
    # ------------------------------------------------------------------------------------------

    def _questions(self, term=None):
        return str((term or self.old).activity_ids.mapped("note"))

    def _in_a_while(self):
        return freeze_time(CHANGE + timedelta(days=20))

    def test_a_term_whose_replacement_is_deleted_is_lost_and_asked_about(self):
        self._replace()
        with self._in_a_while():
            self.new.unlink()
            self.assertEqual((self.old.outcome, self.old.renewed_value), ("churned", 0))
            self.assertEqual(self._row().loss, "customer")
            self.assertEqual(self._year(self.customer)[2:], (0, 0.0, 0.0))
        self.assertIn("no longer does", self._questions())
        self.assertFalse(self.old.replaced_by_id)

    def test_a_term_that_still_runs_is_pending_again(self):
        customer = self._customer("Runs")
        old = self._term(customer, "2025-07-01", "2026-07-01", 10000)
        came = self._came("2026-07-01", 12000, customer=customer)
        old.replaced_by_id = came
        came.with_user(self.manager).active = False
        self.assertEqual((old.outcome, old.renewed_value), ("pending", 0))
        self.assertIn("no longer does", self._questions(old))
        self.assertFalse(came.previous_id)

    def test_archived_and_back_it_is_asked_about(self):
        self._replace()
        with self._in_a_while():
            self.new.with_user(self.manager).active = False
            self.assertEqual(self.old.outcome, "churned")
            self.assertFalse(self._asked())
            self.new.with_user(self.csm).active = True
            self.assertEqual(self._asked(), self.old)

    def test_a_replacement_that_moves_away_is_none_any_more(self):
        self._replace()
        with self._in_a_while():
            self.new.with_user(self.csm).write(
                {"date_start": "2026-12-01", "date_renewal": "2027-12-01"}
            )
            self.assertEqual(self.old.outcome, "churned")
        self.old.with_user(self.csm).date_renewal = CHANGE - timedelta(days=1)

    def test_a_corrected_value_is_followed(self):
        self._replace()
        for value, outcome, net in ((9000, "contracted", 90), (15000, "expanded", 150)):
            self.new.with_user(self.manager).write(
                {"annual_value": value, "value_reason": "The order was corrected"}
            )
            with self.subTest(value=value):
                self.assertEqual((self.old.outcome, self.old.renewed_value), (outcome, value))
                self.assertEqual(self._row().net_retention, net)

    def test_a_lower_value_is_followed_once_a_manager_agrees(self):
        self._replace()
        self.new.with_user(self.csm).write(
            {"annual_value": 9000, "value_reason": "Fewer sites than planned"}
        )
        self.assertEqual((self.old.outcome, self.old.renewed_value), ("expanded", 12000))
        self.new.change_ids.with_user(self.manager).action_approve()
        self.assertEqual((self.old.outcome, self.old.renewed_value), ("contracted", 9000))

    def test_what_a_person_entered_stays(self):
        with self._dialog() as form:
            form.replaced_by_id = self.new
            form.renewed_value = 11000
        form.record.action_end()
        self.new.annual_value = 15000
        self.assertEqual((self.old.outcome, self.old.renewed_value), ("expanded", 11000))

    def test_of_two_that_were_replaced_the_one_that_stays_has_the_whole(self):
        second = self.env["product.product"].create({"name": "Second"})
        other = self._term(self.customer, "2025-06-01", str(CHANGE), 5000, product_id=second.id)
        (self.old | other).write({"replaced_by_id": self.new.id})
        self.new.annual_value = 18000
        self.assertEqual((self.old.renewed_value, other.renewed_value), (12000, 6000))
        other.with_user(self.csm).action_reopen()
        self.assertEqual((self.old.outcome, self.old.renewed_value), ("expanded", 18000))

    def test_an_amendment_in_mid_term_changes_nothing(self):
        self._replace()
        self.env["customer.success.renewal.amendment"].create(
            {
                "renewal_id": self.new.id,
                "date": CHANGE + timedelta(days=90),
                "annual_value": 20000,
                "seats": 0,
                "reason": "More people",
            }
        )
        self.assertEqual(self.old.renewed_value, 12000)

    def test_innocent_another_change_of_the_new_term_touches_nothing(self):
        self._replace()
        self.new.with_user(self.csm).write({"contract_number": "N-1", "seats": 50})
        self.new.outcome = "renewed"
        self.assertEqual((self.old.outcome, self.old.replaced_by_id), ("expanded", self.new))
        self.assertFalse(self.old.activity_ids)

    # ------------------------------------------------------------------------------------------
    # Innocents and cheats
    # ------------------------------------------------------------------------------------------

    def test_innocent_nothing_is_proposed_far_from_the_end(self):
        for start in ("2026-01-01", "2026-08-01"):
            customer = self._customer(start)
            old = self._term(customer, "2025-06-01", str(CHANGE), 10000)
            self._came(start, 12000, customer=customer)
            self.assertFalse(self._dialog(term=old).replaced_text)

    def test_innocent_another_customer_and_the_same_product(self):
        customer = self._customer("Alone")
        old = self._term(customer, "2025-06-01", str(CHANGE), 10000)
        self.assertFalse(old._may_be_replaced_by())
        self._term(customer, "2026-06-01", "2027-06-01", 9000)
        self.assertFalse(old._may_be_replaced_by())

    def test_innocent_a_next_term_of_the_other_product_replaces_nothing(self):
        customer = self._customer("Both")
        old = self._term(customer, "2025-06-01", str(CHANGE), 10000)
        self._came("2025-06-01", 5000, customer=customer).write({"outcome": "renewed"})
        self.assertFalse(old._may_be_replaced_by())

    def test_cheat_a_term_of_somebody_else_or_of_another_time_is_refused(self):
        stranger = self._came("2026-06-01", 50000, customer=self._customer("Stranger"))
        later = self._came("2027-12-01", 50000, self.env["product.product"].create({"name": "L"}))
        for came in (stranger, later, self.old):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.old.with_user(self.csm).replaced_by_id = came
                self.env.flush_all()

    def test_cheat_one_term_saves_no_two_losses(self):
        second = self.env["product.product"].create({"name": "Second"})
        other = self._term(self.customer, "2025-06-01", str(CHANGE), 10000, product_id=second.id)
        (self.old | other).write({"outcome": "churned"})
        self.old.with_user(self.csm).replaced_by_id = self.new
        other.with_user(self.csm).replaced_by_id = self.new
        kept = sum(term.renewed_value for term in self.old | other)
        self.assertEqual(kept, 12000)

    def test_cheat_a_lost_term_that_took_the_place_is_a_loss_when_it_ends(self):
        self._replace()
        with freeze_time(self.new.date_renewal + timedelta(days=1)):
            self.new.outcome = "churned"
            self.assertEqual(self._row(self.new).loss, "customer")

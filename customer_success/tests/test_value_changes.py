from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import AS_INTENDED, TODAY, SuccessCase, days

WHY = "They cancelled the second site in May."


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestValueChanges(SuccessCase):
    """A loss keeps its full value, a lower value needs a reason, and a worthless term brings nobody back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme", success_go_live_date=days(800))

    def _term(self, value=12000, **vals):
        return self._renewal(self.customer, value, **vals).with_user(self.csm)

    def _retention(self, term):
        self.env.flush_all()
        return (
            self.env["customer.success.retention"]
            .with_user(self.manager)
            .search([("renewal_id", "=", term.id)])
        )

    # A loss

    def test_a_loss_in_one_write_keeps_its_full_value(self):
        term = self._term()
        lost = {"annual_value": 1, "outcome": "churned", "date_renewal": TODAY}
        with self.assertRaisesRegex(UserError, "makes a loss smaller"), self.cr.savepoint():
            term.write(lost)
        term.write({**lost, "value_reason": WHY})
        self.assertEqual(self.customer.success_former_value, 12000)
        self.assertEqual(self._retention(term).value_before, 12000)

    def test_other_ways_to_a_smaller_loss(self):
        for steps in (
            [{"annual_value": 1}, {"outcome": "churned"}],
            [{"annual_value": 6000}, {"annual_value": 1}, {"outcome": "churned"}],
            [{"outcome": "churned"}, {"annual_value": 1}],
            [{"annual_value": 0}, {"outcome": "churned"}],
            [{"annual_value": 1}, {"annual_value": 2000}, {"outcome": "churned"}],
        ):
            with self.subTest(steps=steps):
                self.customer = self._customer("Acme", success_go_live_date=days(800))
                term = self._term(date_renewal=TODAY)
                for vals in steps:
                    term.write({**vals, "value_reason": WHY})
                self.assertEqual(term.counted_value, 12000)
                self.assertEqual(self._retention(term).value_before, 12000)
                self.assertEqual(self.customer.success_former_value, 12000)

    def test_what_a_manager_approves_counts_and_what_is_declined_goes_back(self):
        term = self._term()
        term.write({"annual_value": 9000, "value_reason": WHY})
        self.assertTrue(term.is_value_proposed)
        change = term.change_ids
        self.assertEqual(
            (change.old_value, change.new_value, change.reason, change.user_id, change.state),
            (12000, 9000, WHY, self.csm, "proposed"),
        )
        change.with_user(self.manager).action_approve()
        self.assertEqual((term.annual_value, term.counted_value), (9000, 9000))
        term.write({"annual_value": 5000, "value_reason": WHY})
        term.change_ids.filtered(lambda c: c.state == "proposed").with_user(
            self.manager
        ).action_decline()
        self.assertEqual((term.annual_value, term.counted_value), (9000, 9000))

    def test_the_explanation_names_an_approved_lower_value(self):
        with freeze_time(days(9)):
            term = self._term()
            self._usage(self.customer, when=days(20))
            self._rescore(self.customer)
        term.write({"annual_value": 9000, "value_reason": WHY})
        term.change_ids.with_user(self.manager).action_approve()
        self._rescore(self.customer)
        self.customer.invalidate_recordset()
        text = str(self.customer.with_user(self.csm).success_explanation)
        self.assertIn("annual value lowered from", text)
        self.assertIn(WHY, text)

    def test_innocents_are_not_asked(self):
        term = self._term()
        term.write({"annual_value": 15000})
        term.write({"annual_value": 15000, "seats": 90})
        self.assertEqual((term.counted_value, len(term.change_ids)), (15000, 0))
        typed = self._term(120000, product_id=False)
        self.cr.execute(
            "UPDATE customer_success_renewal SET create_date = %s, create_uid = %s WHERE id = %s",
            [TODAY, self.csm.id, typed.id],
        )
        typed.invalidate_recordset(["create_date", "create_uid"])
        typed.annual_value = 12000
        self.assertEqual(typed.counted_value, 12000, "a slip of today")
        back = self._term(8000, product_id=False, date_renewal=days(-200))
        back.write({"annual_value": 1, "value_reason": WHY})
        back.annual_value = 8000
        self.assertEqual((back.counted_value, back.is_value_proposed), (8000, False))

    def test_another_currency_is_no_way_around(self):
        other = self.env["res.currency"].create({"name": "TSV", "symbol": "T"})
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "rate": 400, "name": days(400), "company_id": self.company.id}
        )
        term = self._term()
        with self.assertRaisesRegex(UserError, "makes a loss smaller"):
            term.currency_id = other

    # The shares of products

    def test_the_share_of_a_bad_product_stays(self):
        other = self.env["product.product"].create({"name": "Reporter"})
        for month in range(6):
            self._usage(self.customer, active=95, when=days(14 + 30 * month), **AS_INTENDED)
            self._usage(self.customer, active=3, when=days(14 + 30 * month), product_id=other.id)
        self._term(10000)
        bad = self._term(10000, product_id=other.id)
        before = self._rescore(self.customer).health
        self.assertTrue(before)
        bad.write({"annual_value": 1, "value_reason": WHY})
        self.assertEqual(self._rescore(self.customer).health, before)
        self._term(90000, date_start=days(-100), date_renewal=days(-465))
        self.assertEqual(
            self._rescore(self.customer).health, before, "a further term adds no weight"
        )

    # Coming back

    def _lost(self):
        term = self._term(date_start=days(400), date_renewal=days(35))
        term.write({"outcome": "churned", "date_outcome": days(40)})
        self.assertTrue(self.customer.success_former_date)
        return term

    def test_a_worthless_term_brings_nobody_back(self):
        for value in (0, 1, 11.9):
            with self.subTest(value=value):
                self.customer = self._customer("Acme")
                self._lost()
                free = self._term(
                    value, product_id=False, date_start=TODAY, date_renewal=days(-3000)
                )
                self.assertTrue(self.customer.success_former_date)
                self.assertIn("worth nothing", str(free.message_ids.mapped("body")))
        free.write({"outcome": "renewed", "date_renewal": TODAY, "date_start": days(30)})
        self.assertTrue(self.customer.success_former_date)

    def test_a_worthless_term_beside_the_last_one_keeps_nobody(self):
        self._term(0, product_id=False, date_start=days(400), date_renewal=days(-3000))
        self._lost()

    def test_innocents_come_back(self):
        self._lost()
        small = self._term(500, product_id=False)
        self.assertFalse(self.customer.success_former_date, "a small term is one")
        small.sudo().unlink()
        self.assertTrue(self.customer.success_former_date)
        later = self._term(0, product_id=False)
        later.annual_value = 3000
        self.assertFalse(self.customer.success_former_date, "its value was entered later")

    def test_innocent_a_book_without_values(self):
        term = self._term(0, date_start=days(400), date_renewal=days(35))
        term.write({"outcome": "churned", "date_outcome": days(40)})
        self.assertTrue(self.customer.success_former_date)
        self._term(0, product_id=False)
        self.assertFalse(self.customer.success_former_date)

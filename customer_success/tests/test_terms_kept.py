from datetime import datetime, time

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTermsKept(SuccessCase):
    """A term with a value is not put away by the one who is rated by its renewal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(400))
        cls._usage(cls.customer, active=12)
        cls.term = cls._renewal(cls.customer).with_user(cls.csm)

    def _at_risk(self):
        self.env.invalidate_all()
        self._rescore(self.customer)
        return self.customer.success_value_at_risk

    def _refused(self, vals):
        before = self._at_risk()
        with self.assertRaisesRegex(UserError, "counts in churn risk"), self.cr.savepoint():
            self.term.write(vals)
        self.assertEqual(self._at_risk(), before)

    def test_cheat_the_term_is_archived_for_a_worthless_one(self):
        self._refused({"active": False})
        with self.assertRaisesRegex(UserError, "counts in churn risk"), self.cr.savepoint():
            self.term.action_archive()

    def test_cheat_the_term_goes_to_another_customer(self):
        self._refused({"partner_id": self._customer("Globex").id})

    def test_cheat_a_loss_is_archived(self):
        self.term.write({"date_renewal": TODAY, "outcome": "churned"})
        with self.assertRaisesRegex(UserError, "retention"), self.cr.savepoint():
            self.term.active = False
        self.assertTrue(self.customer.success_former_date)

    def test_cheat_a_manager_puts_away_a_loss(self):
        """The loss of a term that has ended would go out of both retentions."""
        self.term.write({"date_renewal": TODAY, "outcome": "churned"})
        term = self.term.with_user(self.manager)
        for put_away in (term.action_archive, term.unlink, lambda: term.write({"active": False})):
            with self.assertRaisesRegex(UserError, "stays counted"), self.cr.savepoint():
                put_away()
        self.assertTrue(self.term.active)

    def test_cheat_an_archived_term_ends_unseen(self):
        """Neither is a shrunken term put away, nor one that was kept to lift the share of losses."""
        for outcome, seats in (("contracted", 1), ("renewed", 0)):
            term = self._renewal(
                self.customer, 500, product_id=False, date_start=days(400), date_renewal=TODAY
            )
            term.write(
                {
                    "outcome": outcome,
                    "renewed_value": 500 if outcome == "renewed" else 100,
                    "renewed_seats": term.seats if outcome == "renewed" else seats,
                }
            )
            with self.assertRaisesRegex(UserError, "stays counted"), self.cr.savepoint():
                term.with_user(self.manager).action_archive()

    def test_innocent_a_manager_takes_back_an_outcome_and_then_archives(self):
        self.term.write({"date_renewal": TODAY, "outcome": "churned"})
        term = self.term.with_user(self.manager)
        term.action_reopen()
        term.action_archive()
        self.assertFalse(term.active)

    def test_innocent_an_ended_term_moves_to_the_customer_it_belongs_to(self):
        other = self._customer("Globex")
        self.term.write({"date_renewal": TODAY, "outcome": "churned"})
        self.term.with_user(self.manager).partner_id = other
        self.assertEqual(self.term.partner_id, other)

    def test_innocent_an_ended_term_that_was_worth_nothing(self):
        term = self._renewal(self.customer, 0, product_id=False, date_renewal=TODAY)
        term.outcome = "churned"
        term.with_user(self.manager).action_archive()
        self.assertFalse(term.active)

    def test_cheat_a_manager_puts_away_the_own_customers(self):
        self.env["res.users"].create(
            {
                "name": "Second",
                "login": "test_manager_2",
                "group_ids": [(4, self.env.ref("customer_success.group_success_manager").id)],
            }
        )
        term = self.term.with_user(self.manager)
        self.customer.success_user_id = self.manager
        for put_away in (term.action_archive, term.unlink):
            with self.assertRaisesRegex(UserError, "counts in churn risk"), self.cr.savepoint():
                put_away()

    def test_innocent_a_manager_archives_it_and_the_customer_remembers(self):
        self.term.with_user(self.manager).action_archive()
        self.assertFalse(self.term.active)
        self.assertIn("was archived", self.customer.message_ids[0].body)

    def test_innocent_a_slip_of_today(self):
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET create_uid = %s, create_date = %s WHERE id = %s",
            [self.csm.id, datetime.combine(TODAY, time(9)), self.term.id],
        )
        self.term.invalidate_recordset()
        self.term.action_archive()
        self.assertFalse(self.term.active)

    def test_innocent_a_term_that_is_worth_nothing(self):
        term = self._renewal(self.customer, 0, product_id=False).with_user(self.csm)
        term.action_archive()
        self.assertFalse(term.active)

    def test_innocent_it_comes_back(self):
        self.term.sudo().active = False
        self.term.active = True
        self.assertTrue(self.term.active)

    def test_innocent_dates_and_seats_are_corrected(self):
        self.term.write({"date_renewal": days(-130), "seats": 90, "partner_id": self.customer.id})
        self.assertEqual(self.term.seats, 90)
